# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the recent samples of a host, its series, are packed into one block of bytes.

They are read for every host at every audit, so numbers lie as the processor has them and nothing is compressed; but a
column that is the same in all samples (RAM, the boot, limits) is there once. A check value, which knows whose series it
is, stands at the end. The bytes of release 0.1.0 have neither, and are read for as long as they are there.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Literal
from zlib import crc32

from ..model.sample import COLUMNS, UNKNOWN
from .sample_columns import Layout, Numbers
from .thinning import dropped_places, spans_of

PLAIN_NARROW, PLAIN_WIDE, NARROW, WIDE = 1, 2, 3, 4
"""The formats. Plain: 21 columns, samples one after another. Since then: the number of columns (2 bytes), a bit for
each column that varies, 8 bytes for each that does not, then the samples, of the columns that vary, then a CRC-32. A
number of a sample has 4 bytes, or 8 in the wide formats; low byte first everywhere.
"""

PLAIN_COLUMNS = 21
_CHECK = struct.Struct("<I")
_WIDTH = struct.Struct("<H")
_BYTES = {PLAIN_NARROW: 4, PLAIN_WIDE: 8, NARROW: 4, WIDE: 8}
_Type = Literal["i", "q"]
_NOT_KNOWN = "The bytes of a series are not in a format that is known."


def _picker(places: tuple[int, ...]) -> Callable[[Numbers], Numbers]:
    """Return what takes these places of a row, as a tuple whatever their number."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple([row[place] for place in places])


class _Shape:
    """What follows from the head of a series: where its columns are."""

    __slots__ = (
        "begin",
        "constant",
        "constants",
        "count",
        "head",
        "one",
        "of_constant",
        "of_varying",
        "varying",
        "width",
    )

    def __init__(self, width: int, mask: bytes) -> None:
        varies = [mask[place // 8] >> place % 8 & 1 for place in range(width)]
        varying = tuple(place for place in range(width) if varies[place])
        constant = tuple(place for place in range(width) if not varies[place])
        self.width, self.count = width, len(varying)
        self.varying = {place: number for number, place in enumerate(varying)}
        self.constant = {place: number for number, place in enumerate(constant)}
        self.of_varying, self.of_constant = _picker(varying), _picker(constant)
        self.constants = struct.Struct(f"<{len(constant)}q")
        self.one = {size: struct.Struct(f"<{self.count}{letter}") for size, letter in ((4, "i"), (8, "q"))}
        self.begin = _WIDTH.size + len(mask)
        self.head = self.begin + self.constants.size


@lru_cache(maxsize=4096)
def _shape(width: int, mask: bytes) -> _Shape:
    return _Shape(width, mask)


_PLAIN = _Shape(PLAIN_COLUMNS, b"\xff" * 3)


def _shape_at(data: bytes) -> _Shape:
    (width,) = _WIDTH.unpack_from(data)
    return _shape(width, data[_WIDTH.size : _WIDTH.size + (width + 7) // 8])


def packed(rows: Sequence[Numbers], host_id: int) -> tuple[int, bytes]:
    """Return the format and the bytes of rows that are in order, at least one, no two of one moment. *host_id* is whose
    they are.
    """
    columns = list(zip(*rows, strict=True))
    varies = [column.count(column[0]) != len(column) for column in columns]
    mask = bytearray((len(columns) + 7) // 8)
    for place, bit in enumerate(varies):
        mask[place // 8] |= bit << place % 8
    shape = _shape(len(columns), bytes(mask))
    head = _WIDTH.pack(shape.width) + mask + shape.constants.pack(*(columns[place][0] for place in shape.constant))
    form, pick = NARROW, shape.of_varying
    try:
        body = b"".join([shape.one[4].pack(*pick(row)) for row in rows])
    except struct.error:
        form, body = WIDE, b"".join([shape.one[8].pack(*pick(row)) for row in rows])
    return form, _with_check(head + body, host_id)


def is_sound(form: int, data: bytes, host_id: int) -> bool:
    """Return whether the bytes are those that were written for this host, as far as they can tell."""
    if form in (PLAIN_NARROW, PLAIN_WIDE):
        return bool(data) and len(data) % (PLAIN_COLUMNS * _BYTES[form]) == 0
    if form not in (NARROW, WIDE) or len(data) < _WIDTH.size + _CHECK.size:
        return False
    return crc32(memoryview(data)[:-4], host_id & 0xFFFFFFFF) == int.from_bytes(data[-4:], "little")


def unpacked(form: int, data: bytes) -> list[Numbers]:
    """Return the rows of a sound series, of as many columns as it was packed with."""
    shape, size, body = _parts(form, data)
    if not shape.count:
        return [shape.constants.unpack_from(data, shape.begin)]
    rows = list(shape.one[size].iter_unpack(body))
    if form in (PLAIN_NARROW, PLAIN_WIDE):
        return rows
    constants = shape.constants.unpack_from(data, shape.begin)
    places = [
        (shape.varying[place] if place in shape.varying else shape.count + shape.constant[place])
        for place in range(shape.width)
    ]
    pick = itemgetter(*places)
    return [pick(row + constants) for row in rows]


def with_row(form: int, data: bytes, row: Numbers, host_id: int, layout: Layout) -> tuple[int, bytes]:
    """Return the format and the bytes of a sound series that has taken in one more row."""
    if form in (NARROW, WIDE):
        shape = _shape_at(data)
        same = shape.width == len(row) and shape.constants.unpack_from(data, shape.begin) == shape.of_constant(row)
        if same and 0 in shape.varying:
            longer = _appended(form, data, row, shape, host_id)
            if longer is not None:
                return form, longer
    rows = sorted([*layout.padded(unpacked(form, data)), row])
    for place in dropped_places(spans_of(each[0] for each in rows)):
        del rows[place]
    return packed(rows, host_id)


def _appended(form: int, data: bytes, row: Numbers, shape: _Shape, host_id: int) -> bytes | None:
    """Return a series with its newest sample at the end, which is what nearly every audit brings; None where that is
    not enough.
    """
    size = _BYTES[form]
    times = _numbers(size, data[shape.head : -4])[:: shape.count]
    if row[0] <= times[-1]:
        return None
    try:
        more = shape.one[size].pack(*shape.of_varying(row))
    except struct.error:
        return None
    times.append(row[0])
    body, one = data[shape.head : -4] + more, shape.count * size
    for place in dropped_places(spans_of(times)):
        body = body[: place * one] + body[(place + 1) * one :]
    return _with_check(data[: shape.head] + body, host_id)


def newest_time(form: int, data: bytes) -> int:
    """Return the time of the last sample of a series."""
    shape, size, body = _parts(form, data)
    if 0 in shape.constant:
        return int(shape.constants.unpack_from(data, shape.begin)[0])
    return int(shape.one[size].unpack_from(body, len(body) - shape.count * size)[0])


class PackedColumns(Mapping[str, "array[int]"]):
    """The columns of a sound series, each made when it is asked for. Those that the store did not have are UNKNOWN."""

    __slots__ = ("_constants", "_data", "_form", "_layout", "_length", "_made", "_places", "_step", "_varying")

    def __init__(self, form: int, data: bytes, layout: Layout) -> None:
        self._form, self._data, self._layout = form, data, layout
        self._made: dict[str, array[int]] = {}
        self._places: Mapping[str, int] | None = None

    def __getitem__(self, name: str) -> array[int]:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._column(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(COLUMNS)

    def __len__(self) -> int:
        return len(COLUMNS)

    def _column(self, name: str) -> array[int]:
        places = self._places or self._open()
        place = places.get(name)
        if place is not None and place >= 0:
            return self._varying[place :: self._step]
        if place is not None:
            number = self._constants[~place]
        elif name in COLUMNS:
            number = UNKNOWN
        else:
            raise KeyError(name)
        return array("i" if -(2**31) <= number < 2**31 else "q", [number]) * self._length

    def _open(self) -> Mapping[str, int]:
        """Take the series apart: what every column is made of."""
        shape, size, body = _parts(self._form, self._data)
        self._step = shape.count
        self._varying = _numbers(size, body)
        self._constants: Numbers = shape.constants.unpack_from(self._data, shape.begin) if shape.constant else ()
        self._length = len(self._varying) // shape.count if shape.count else 1
        self._places = places = _places(shape, self._layout)
        return places


@lru_cache(maxsize=4096)
def _places(shape: _Shape, layout: Layout) -> Mapping[str, int]:
    """Return the place of each column among those that vary; of those that don't, -1 for the first, and so on down."""
    found = {}
    for name, place in layout.places.items():
        if place in shape.varying:
            found[name] = shape.varying[place]
        elif place in shape.constant:
            found[name] = ~shape.constant[place]
    return found


def _parts(form: int, data: bytes) -> tuple[_Shape, int, bytes]:
    """Return the shape of a series, the bytes of a number in it, and its samples."""
    if form in (PLAIN_NARROW, PLAIN_WIDE):
        return _PLAIN, _BYTES[form], data
    if form not in _BYTES:
        raise ValueError(_NOT_KNOWN)
    shape = _shape_at(data)
    return shape, _BYTES[form], data[shape.head : -4]


def _with_check(data: bytes, host_id: int) -> bytes:
    return data + _CHECK.pack(crc32(data, host_id & 0xFFFFFFFF))


def _numbers(size: int, data: bytes) -> array[int]:
    kind: _Type = "i" if size == 4 else "q"
    numbers = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
