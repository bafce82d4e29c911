# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples at whatever distance become points of one width, so that minutes and weeks are judged alike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.times import DAY
from .medians import median

NEWEST = 30
"""The newest samples, whose distance says how often a host is audited."""
MOST_POINTS = 30
WEEK = 7 * DAY
_CALENDAR = (DAY // 2, DAY, 3 * DAY, WEEK)
_LEAST_GAP = 60
_SLACK = 0.95  # an audit that is a little early is still the next one


@dataclass(frozen=True, slots=True)
class Buckets:
    """Points of one width, the oldest first: the mean time and the median of the samples of each."""

    width: float
    times: Sequence[float]
    points: Sequence[float]
    first: Sequence[int]
    """Which sample of those given is the first of each."""


def widths_of(times: Sequence[int]) -> list[float]:
    """Return the widths worth looking at, the finest first: each sample, three of them, and those of the calendar that
    are coarser.
    """
    newest = times[-NEWEST:]
    gap = max(median([after - before for before, after in zip(newest, newest[1:], strict=False)]), _LEAST_GAP)
    coarser = [width for width in _CALENDAR if width >= 1.9 * gap and abs(width - 3 * gap) > 0.2 * width]
    return [width for width in sorted([gap / 2, 3 * gap, *coarser]) if times[-1] - times[0] >= 4.5 * width]


def buckets_of(times: Sequence[int], amounts: Sequence[float], width: float) -> Buckets:
    """Return the points of a width. Each bucket reaches back from its newest sample; there are 30 at most.

    Points finer than a week are of the newest samples alone: older ones are kept too rarely to stand beside them.
    """
    offset = 0
    if width < WEEK and len(times) > NEWEST and times[-1] - times[-NEWEST] >= 20 * DAY:
        offset = len(times) - NEWEST
    reach = width * _SLACK
    if _all_apart(times, offset, reach):
        offset = max(offset, len(times) - MOST_POINTS)
        return Buckets(width, times[offset:], amounts[offset:], range(offset, len(times)))
    middles: list[float] = []
    points: list[float] = []
    first: list[int] = []
    after = len(times)
    while after > offset and len(points) < MOST_POINTS:
        newest = times[after - 1]
        place = bisect_right(times, newest - reach, offset, after)
        number = after - place
        if number == 1:
            middles.append(newest)
            points.append(amounts[place])
        else:
            middles.append(sum(times[place:after]) / number)
            points.append(median(amounts[place:after]))
        first.append(place)
        after = place
    return Buckets(width, middles[::-1], points[::-1], first[::-1])


def _all_apart(times: Sequence[int], first: int, reach: float) -> bool:
    """Whether each sample is a point of its own, as those of the finest width mostly are."""
    gaps = [after - before for before, after in zip(times[first:], times[first + 1 :], strict=False)]
    return bool(gaps) and min(gaps) >= reach
