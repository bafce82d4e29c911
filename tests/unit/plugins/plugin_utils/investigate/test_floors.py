# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Below which rate nothing is said to grow."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.floors import (
    BY_KIND,
    WORDS,
    floors,
    is_size,
)


@pytest.mark.parametrize(
    ("load", "busy", "expected"),
    [(0.5, None, False), (1.0, None, True), (None, None, False), (9.0, False, False), (0.0, True, True)],
)
def test_a_host_is_busy_by_its_load_or_by_word(load: float | None, busy: bool | None, expected: bool) -> None:
    """A wish wins."""
    assert floors(load, busy).busy is expected


@pytest.mark.parametrize("busy", [False, True])
def test_a_busy_host_has_floors_four_times_as_high(busy: bool) -> None:
    """Of dimensions, of names that are measured, and of what is counted."""
    found, times = floors(0.0, busy), 4 if busy else 1
    assert (found.dimension, found.of("cache"), found.of("threads")) == (65536 * times, 4096 * times, 0.15 * times)


def test_each_kind_of_name_has_a_word_and_a_unit() -> None:
    """A kind without a word could not be told to anybody."""
    assert set(BY_KIND) <= set(WORDS)
    assert is_size("dimension") and is_size("queue") and not is_size("threads")
