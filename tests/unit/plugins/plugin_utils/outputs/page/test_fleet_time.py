# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet over its last runs."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.fleet_time import (
    fleet_data,
    over_time,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(60)


def test_it_says_what_grew_most_and_shows_sums_verdicts_and_spread() -> None:
    """A sum alone hides leaks."""
    drawn = over_time(read(AUDIT))
    for words in (
        "grew most, by",
        "Hosts by verdict",
        "Added since 26\u00a0Oct",
        "share of RAM",
        "Highest",
        "5th of 100",
        'data-fleet="1"',
    ):
        assert words in drawn, words


def test_the_numbers_of_a_run_are_those_of_the_audit() -> None:
    """In KiB, and a kind that no host knew is null."""
    data = fleet_data(read(AUDIT))
    assert data is not None
    last = AUDIT["runs"][-1]
    assert data["verdicts"] == [[run[one] for one in ("critical", "warning", "unknown")] for run in AUDIT["runs"]]
    sums = data["sums"]
    assert isinstance(sums, list) and sums[0][-1] == last["sums"]["slab_unreclaimable"] // 1024


def test_without_an_earlier_run_there_is_no_section() -> None:
    """One run is no trend."""
    first = read({**AUDIT, "runs": []})
    assert over_time(first) == "" and fleet_data(first) is None
