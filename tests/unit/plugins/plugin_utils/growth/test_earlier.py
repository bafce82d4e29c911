# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host has done before."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.earlier import (
    gathered_and_released,
    largest_rise,
)


def test_the_largest_rise_within_a_time() -> None:
    """From 1 to 9 in four steps, from 2 to 9 in three."""
    times, amounts = [0, 1, 2, 3, 4, 5], [1, 2, 5, 7, 9, 3]
    assert (largest_rise(times, amounts, 4), largest_rise(times, amounts, 3), largest_rise(times, amounts, 1)) == (
        8,
        7,
        3,
    )
    assert largest_rise([], [], 5) == largest_rise([1], [1], 5) == 0


def test_rises_that_were_given_back() -> None:
    """A saw has one for each tooth; a line has none, and neither has a tooth that is small."""
    saw = [1, 3, 5, 7, 1, 4, 8, 1, 2]
    assert gathered_and_released(saw, 4) == [6, 7]
    assert gathered_and_released(saw, 7) == [7]
    assert gathered_and_released(range(20), 4) == []
    assert gathered_and_released([9, 5, 3, 1], 1) == []
    assert gathered_and_released([], 1) == []
