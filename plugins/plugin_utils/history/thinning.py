# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples a series keeps of many.

What is kept depends on the samples alone and not on the order in which they came, so a series can be grown sample by
sample, thrown away and made anew, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from .sample_columns import Numbers

SERIES_SAMPLES = 62
"""No series has more: 24 in the last half-days, 14 in the week before, and 24 days before that."""

HOURS_A_HALF_DAY, HOURS_A_DAY = 12, 24
DAYS_BY_HALVES = 7
DAYS_BY_DAY = 24
"""With the days before them 32, so that the batches of a month's end still see those of the last."""


@lru_cache(maxsize=4096)
def dropped_places(hours: Numbers) -> Numbers:
    """Return the places that a series leaves out, the highest first. *hours* are those of the samples since 1970,
    oldest first.

    Of this half day and the one before, the last sample of each hour is kept; then to seven days back the last of each
    half day; then the last of each day, of the 24 latest days that have one. So hourly audits give a day by the hour, a
    week by half days and a month by days, audits once a day give 32 days, and rarer ones reach further back. Half days
    and days are of UTC.

    Each of these spans is a whole number of the next coarser one, and a sample only ever moves to a coarser one. So
    what is left out today can't be missed tomorrow.
    """
    half, day = hours[-1] // HOURS_A_HALF_DAY, hours[-1] // HOURS_A_DAY
    dropped: list[int] = []
    last: tuple[int, int] | None = None
    days = 0
    for place in range(len(hours) - 1, -1, -1):
        hour = hours[place]
        if hour // HOURS_A_HALF_DAY >= half - 1:
            bucket = (HOURS_A_HALF_DAY, hour)
        elif hour // HOURS_A_DAY >= day - DAYS_BY_HALVES:
            bucket = (HOURS_A_DAY, hour // HOURS_A_HALF_DAY)
        else:
            bucket = (0, hour // HOURS_A_DAY)
            days += bucket != last
        if bucket == last or days > DAYS_BY_DAY:
            dropped.append(place)
        last = bucket
    return tuple(dropped)


def trimmed(rows: Iterable[Numbers]) -> list[Numbers]:
    """Return the rows that a series keeps of *rows* (in any order), oldest first."""
    ordered = sorted(rows)
    if ordered:
        for place in dropped_places(tuple(row[0] // 3600 for row in ordered)):
            del ordered[place]
    return ordered
