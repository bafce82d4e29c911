# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A straight line through points that a few bad ones don't move: Sen's, the median of the slopes of all pairs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from .medians import median

_WIDE = 1.96


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and how far it can be trusted. Slopes in amount per second."""

    slope: float
    low: float
    high: float
    z: float
    """Mann-Kendall: how sure it is that the points rise at all."""
    start: float
    """Where the line begins."""
    scatter: float
    """The median distance of the points from it."""


def line_through(times: Sequence[float], points: Sequence[float]) -> Line:
    """Return the line through points at rising times. Raises :class:`IndexError` for fewer than two."""
    slopes = _slopes(times, points)
    number, pairs = len(points), len(slopes)
    half = pairs // 2
    slope = slopes[half] if pairs % 2 else (slopes[half - 1] + slopes[half]) / 2
    more = pairs - bisect_right(slopes, 0) - bisect_left(slopes, 0)
    deviation = sqrt(number * (number - 1) * (2 * number + 5) / 18)
    reach = _WIDE * deviation
    rests = [point - slope * time for time, point in zip(times, points, strict=True)]
    centre = median(rests)
    return Line(
        slope=slope,
        low=slopes[max(0, int((pairs - reach) / 2))],
        high=slopes[min(pairs - 1, int((pairs + reach) / 2))],
        z=(more - (more > 0) + (more < 0)) / deviation,
        start=max(centre + slope * times[0], 0.0),
        scatter=median([abs(rest - centre) for rest in rests]),
    )


def slope_of(times: Sequence[float], points: Sequence[float]) -> float:
    """Return the slope of the line alone."""
    return median(_slopes(times, points))


def _slopes(times: Sequence[float], points: Sequence[float]) -> list[float]:
    pairs = list(zip(times, points, strict=True))
    return sorted(
        [
            (point - before) / (time - earlier)
            for place, (time, point) in enumerate(pairs)
            for earlier, before in pairs[:place]
        ]
    )
