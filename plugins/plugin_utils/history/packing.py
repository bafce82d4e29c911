# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples a series keeps of many, and how a series is packed into one block of bytes.

What is kept depends on the samples alone and not on the order in which they came, so a series can be grown sample by
sample, thrown away and made anew, with the same result.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from ..model.sample import COLUMNS

Numbers = tuple[int, ...]

SERIES_SAMPLES = 60
"""No series has more: 24 in the last half-days, 14 in the week before, and 22 days before that."""

HOURS_A_HALF_DAY, HOURS_A_DAY = 12, 24
DAYS_BY_HALVES = 7
DAYS_BY_DAY = 22

NARROW, WIDE = 1, 2
"""The formats: samples one after another, each column 4 bytes or (for hosts with more than 2 TiB, say) 8 bytes, low
byte first.
"""

_WIDTH = len(COLUMNS)
_PACKED = {NARROW: struct.Struct(f"<{_WIDTH}i"), WIDE: struct.Struct(f"<{_WIDTH}q")}
_TYPE = {NARROW: "i", WIDE: "q"}
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_TIME = _PLACE["collected_at"]


@lru_cache(maxsize=4096)
def dropped_places(hours: Numbers) -> Numbers:
    """Return the places that a series leaves out, the highest first. *hours* are those of the samples since 1970,
    oldest first.

    Of this half day and the one before, the last sample of each hour is kept; then to seven days back the last of each
    half day; then the last of each day, of the 22 latest days that have one. So hourly audits give a day by the hour, a
    week by half days and a month by days, audits once a day give 30 days, and rarer ones reach further back. Half days
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
        for place in dropped_places(tuple(row[_TIME] // 3600 for row in ordered)):
            del ordered[place]
    return ordered


def packed(rows: Iterable[Numbers]) -> tuple[int, bytes]:
    """Return the format and the bytes of rows that are in order."""
    rows = list(rows)
    try:
        return NARROW, b"".join(_PACKED[NARROW].pack(*row) for row in rows)
    except struct.error:
        return WIDE, b"".join(_PACKED[WIDE].pack(*row) for row in rows)


def unpacked(form: int, data: bytes) -> list[Numbers]:
    """Return the rows of a packed series. Raises ValueError where *data* is none."""
    if form not in _PACKED or len(data) % _PACKED[form].size:
        raise ValueError("The bytes of a series are not in a format that is known.")
    return list(_PACKED[form].iter_unpack(data))


def with_row(form: int, data: bytes, row: Numbers) -> tuple[int, bytes]:
    """Return the format and the bytes of a packed series that has taken in one more row."""
    size = _PACKED[form].size
    times = _numbers(form, data)[_TIME::_WIDTH]
    try:
        more = _PACKED[form].pack(*row)
    except struct.error:
        return packed(trimmed([*unpacked(form, data), row]))
    if times and row[_TIME] <= times[-1]:
        return packed(trimmed([*unpacked(form, data), row]))
    # The newest sample goes to the end, which is what nearly every audit brings.
    times.append(row[_TIME])
    data += more
    for place in dropped_places(tuple([time // 3600 for time in times])):
        data = data[: place * size] + data[(place + 1) * size :]
    return form, data


def newest_time(form: int, data: bytes) -> int:
    """Return the time of the last sample of a packed series."""
    return int(_PACKED[form].unpack_from(data, len(data) - _PACKED[form].size)[_TIME])


class PackedColumns(Mapping[str, "array[int]"]):
    """The columns of a packed series, each made when it is asked for."""

    __slots__ = ("_data", "_form", "_made", "_whole")

    def __init__(self, form: int, data: bytes) -> None:
        self._form, self._data = form, data
        self._whole: array[int] | None = None
        self._made: dict[str, array[int]] = {}

    def __getitem__(self, name: str) -> array[int]:
        made = self._made.get(name)
        if made is None:
            if self._whole is None:
                self._whole = _numbers(self._form, self._data)
            made = self._made[name] = self._whole[_PLACE[name] :: _WIDTH]
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(COLUMNS)

    def __len__(self) -> int:
        return _WIDTH


def _numbers(form: int, data: bytes) -> array[int]:
    numbers = array(_TYPE[form])
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
