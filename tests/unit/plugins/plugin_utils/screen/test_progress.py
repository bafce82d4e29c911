# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far it is, how fast, and what is left, from a clock that the test turns."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.progress import Progress


def test_it_counts_each_host_once() -> None:
    """A host that one way could not ask is asked in another, and what it says later counts."""
    progress = Progress(3, 0.0)
    assert progress.add("a", 1.0, has_data=False)
    assert not progress.add("a", 2.0, has_data=False)
    assert (progress.done, progress.without_data) == (1, 1)
    assert not progress.add("a", 3.0, has_data=True)
    assert (progress.done, progress.without_data) == (1, 0)


def test_it_says_how_fast_and_how_long() -> None:
    """From what came lately, not from what came first."""
    progress = Progress(1000, 0.0)
    for number in range(612):
        progress.add(f"h{number}", number / 41, has_data=number > 6)
    assert progress.words(612 / 41) == "612 of 1,000 hosts, 7 without data, 41 a second, 9 s left"


def test_it_promises_nothing_that_it_can_not_know() -> None:
    """Before anything moved there is no rate, and at the end nothing is left."""
    progress = Progress(2, 0.0)
    assert progress.words(200.0) == "0 of 2 hosts, 3 min so far"
    progress.add("a", 200.0, has_data=True)
    progress.add("b", 201.0, has_data=True)
    assert progress.words(201.0) == "2 of 2 hosts"


def test_a_slow_fleet_has_a_rate_a_minute() -> None:
    """0 a second says nothing."""
    progress = Progress(100, 0.0)
    progress.add("a", 10.0, has_data=True)
    assert progress.words(10.0, " - ") == "1 of 100 hosts - 6 a minute - 16 min left"
