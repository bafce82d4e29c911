# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Robust statistics of short series, in plain Python: ten thousand hosts must not need numpy.

Medians instead of means, because one bad day must not move a baseline. All functions take and give plain numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

NORMAL = 1.4826
"""A median distance times this is a standard deviation, where the numbers are normally distributed."""

_NORMAL_STEP = 0.954
"""The median step between neighbours of such numbers, in their standard deviations."""

LEAST_SPREAD = 0.02
"""The spread is taken as at least this share of the median: some counters hardly move, and then any change would be
an outlier.
"""


def median_of(ordered: Sequence[float]) -> float:
    """Return the median of numbers that are sorted already. Raises :class:`IndexError` for none."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread_of(amounts: Sequence[float], middle: float) -> float:
    """Return the robust spread (scaled median distance from *middle*), at least ``LEAST_SPREAD`` of *middle*."""
    distance = median_of(sorted([abs(amount - middle) for amount in amounts]))
    return max(NORMAL * distance, LEAST_SPREAD * abs(middle))


def step_scatter(amounts: Sequence[float]) -> float:
    """Return the standard deviation of numbers as their steps from one to the next tell it: a level that has moved
    once adds nothing to it. Raises :class:`IndexError` for fewer than two.
    """
    steps = [abs(two - one) for one, two in zip(amounts, amounts[1:], strict=False)]
    return median_of(sorted(steps)) / _NORMAL_STEP


def rise_of(amounts: Sequence[float]) -> float:
    """Return the median of the last third less the median of the first third: the cheap look at a trend.

    Of steady growth this is two thirds of the growth from end to end. 0 for fewer than three numbers.
    """
    third = len(amounts) // 3
    if not third:
        return 0
    first, last, half = sorted(amounts[:third]), sorted(amounts[-third:]), third // 2
    if third % 2:
        return last[half] - first[half]
    return (last[half - 1] + last[half] - first[half - 1] - first[half]) / 2
