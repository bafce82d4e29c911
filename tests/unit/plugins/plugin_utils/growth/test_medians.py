# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.medians import both_ends, median


def test_a_median_by_hand() -> None:
    """Of an odd number the middle one, of an even number the mean of two; of none there is none."""
    assert (median([3, 1, 2]), median([4, 1, 2, 3]), median([5])) == (2, 2.5, 5)
    with pytest.raises(IndexError):
        median([])


def test_the_ends_are_of_three_at_most() -> None:
    """A bad day at an end moves nothing."""
    assert both_ends([1, 9, 1, 5, 5, 5, 7, 0, 7]) == (1, 7)
    assert both_ends([1, 2, 3]) == (1, 3)
    assert both_ends([4]) == (4, 4)
