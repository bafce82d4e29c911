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

NEWEST, HOURS, HALF_DAYS, DAYS = 30, 24, 14, 32
"""How many places a series has for its newest samples, as many as the rules look at, and for the last of an hour, a
half day and a day. With 32 days the batches of a month's end still see those of the last.
"""
SERIES_SAMPLES = NEWEST + HOURS + HALF_DAYS + DAYS - 3
"""No series has more, whatever the rhythm: the newest sample is that of its hour, its half day and its day as well."""

SPAN_SECONDS = 300
"""Of samples so close together the last is kept, as an audit that is repeated at once is one opinion, not two."""
_HOUR, _HALF_DAY, _DAY = 12, 144, 288
"""Each is a whole number of spans, and of the width before it."""


def spans_of(times: Iterable[int]) -> Numbers:
    """Return the spans that samples lie in, for times in seconds since 1970."""
    return tuple([time // SPAN_SECONDS for time in times])


@lru_cache(maxsize=4096)
def dropped_places(spans: Numbers) -> Numbers:
    """Return the places that a series leaves out, the highest first, for the spans of its samples, oldest first.

    It keeps the last sample of each of the newest 32 days, 14 half days and 24 hours *that have one*, and the newest
    samples: 30, and more while there are not so many days and half days yet. So a young series keeps all that it has,
    whatever the distance; audits once a day give 32 days, hourly ones 30 hours, a week by half days and a month by
    days, and audits every 15 minutes have more than the last 7 hours whole. Half days and days are of UTC.

    A sample is left out when newer ones have filled all the places it could have had. These never become more, so what
    is left out today can't be missed tomorrow.
    """
    days, half_days = _last_of_each(spans, _DAY, DAYS), _last_of_each(spans, _HALF_DAY, HALF_DAYS)
    free = DAYS - len(days) + HALF_DAYS - len(half_days)
    kept = {*days, *half_days, *_last_of_each(spans, _HOUR, HOURS), *_last_of_each(spans, 1, NEWEST + free)}
    if len(kept) == len(spans):
        return ()
    return tuple([place for place in range(len(spans) - 1, -1, -1) if place not in kept])


def _last_of_each(spans: Numbers, width: int, most: int) -> list[int]:
    """Return the place of the last sample of each of the newest *most* buckets that have one."""
    places: list[int] = []
    last = -1
    for place in range(len(spans) - 1, -1, -1):
        bucket = spans[place] // width
        if bucket != last:
            if len(places) == most:
                break
            places.append(place)
            last = bucket
    return places


def trimmed(rows: Iterable[Numbers]) -> list[Numbers]:
    """Return the rows that a series keeps of *rows* (in any order), oldest first."""
    ordered = sorted(rows)
    if ordered:
        for place in dropped_places(spans_of(row[0] for row in ordered)):
            del ordered[place]
    return ordered
