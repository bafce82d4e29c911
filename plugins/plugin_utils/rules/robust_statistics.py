# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Robust statistics of short series, in plain Python: ten thousand hosts must not need numpy.

Medians instead of means, because one bad day must not move a baseline. All functions take and give plain numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

NORMAL = 1.4826
"""A median distance times this is a standard deviation, where the numbers are normally distributed."""

LEAST_SPREAD = 0.02
"""The spread is taken as at least this share of the median: some counters hardly move, and then any change would be
an outlier.
"""

_WIDE = 1.96  # bounds of 95 %, on paper; docs/judging.md says how often they held in simulation
_HIGHEST_CORRELATION = 0.9


def median_of(ordered: Sequence[float]) -> float:
    """Return the median of numbers that are sorted already. Raises :class:`IndexError` for none."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread_of(amounts: Sequence[float], middle: float) -> float:
    """Return the robust spread (scaled median distance from *middle*), at least ``LEAST_SPREAD`` of *middle*."""
    distance = median_of(sorted([abs(amount - middle) for amount in amounts]))
    return max(NORMAL * distance, LEAST_SPREAD * abs(middle))


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


@dataclass(frozen=True)
class Fit:
    """A straight line through a series, and how much it can be trusted. Slopes in amount per day."""

    slope: float
    low: float
    high: float
    z: float
    """Mann-Kendall, corrected for the likeness of neighbours: how sure it is that the series rises at all."""
    first_half: float
    recent_half: float
    start: float
    """Where the line begins."""
    span: float
    spread: float
    rises: int
    """How many values are above the one before."""
    largest_step: float
    """The most that one value is above the one before, beyond what the slope explains."""

    @property
    def grown(self) -> float:
        """The growth over the span by the slope."""
        return self.slope * self.span


def fit(days: Sequence[float], amounts: Sequence[float], least: float | None = None) -> Fit | None:
    """Return Sen's line (the median of the slopes of all pairs) through amounts at rising times in days.

    None where it grows by less than *least* over the span, which saves most of the work. Raises :class:`ValueError` for
    fewer than four points.
    """
    number = len(amounts)
    if number < 4:
        raise ValueError("A trend needs at least four points.")
    slopes, signs = _pair_slopes(days, amounts)
    slope = median_of(slopes)
    if least is not None and slope * (days[-1] - days[0]) < least:
        return None
    rest = [amount - slope * day for day, amount in zip(days, amounts, strict=True)]
    centre = median_of(sorted(rest))
    rest = [one - centre for one in rest]
    likeness = sum(one * two for one, two in zip(rest, rest[1:], strict=False)) / max(
        sum(one * one for one in rest), 1e-12
    )
    likeness = min(max(likeness, 0.0), _HIGHEST_CORRELATION)
    variance = number * (number - 1) * (2 * number + 5) / 18 * (1 + likeness) / (1 - likeness)
    reach = _WIDE * sqrt(variance)
    last = len(slopes) - 1
    steps = [amounts[place + 1] - amounts[place] for place in range(number - 1)]
    half = number // 2
    return Fit(
        slope=slope,
        low=slopes[int(max(0.0, (len(slopes) - reach) / 2))],
        high=slopes[int(min(float(last), (len(slopes) + reach) / 2))],
        z=(signs - (signs > 0) + (signs < 0)) / sqrt(variance),
        first_half=median_of(_pair_slopes(days[:half], amounts[:half])[0]),
        recent_half=median_of(_pair_slopes(days[half:], amounts[half:])[0]),
        start=centre + slope * days[0],
        span=days[-1] - days[0],
        spread=NORMAL * median_of(sorted([abs(one) for one in rest])),
        rises=sum(step > 0 for step in steps),
        largest_step=max(step - slope * (days[place + 1] - days[place]) for place, step in enumerate(steps)),
    )


def _pair_slopes(days: Sequence[float], amounts: Sequence[float]) -> tuple[list[float], int]:
    """Return the slopes of all pairs in order, and how many more of them rise than fall."""
    points = list(zip(days, amounts, strict=True))
    slopes = sorted(
        [
            (amount - before) / (day - earlier)
            for place, (day, amount) in enumerate(points)
            for earlier, before in points[:place]
        ]
    )
    return slopes, len(slopes) - bisect_right(slopes, 0) - bisect_left(slopes, 0)
