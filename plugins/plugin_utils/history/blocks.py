# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How thirty days of one host are packed into one block of bytes: exact, and a third of the size of the rows.

Column by column: a column that does not vary is there once, of the others the differences from row to row; small
numbers take one byte; the whole is compressed, and a check value, which knows whose block it is, stands at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import sub
from zlib import compress, crc32, decompress, error

from .layout import Numbers

FORM = 1
"""Stands first in each block, for the day when there is another."""

_HEAD = struct.Struct("<BHI")
_CHECK = struct.Struct("<I")
_LARGEST = 16 * 2**20
"""A block that becomes larger than that was not made here."""


def packed_block(rows: Sequence[Numbers], host_id: int) -> bytes:
    """Return the bytes of rows, at least one, all of one width. They are the smaller the more alike neighbours are."""
    columns = list(zip(*rows, strict=True))
    varies = [column.count(column[0]) != len(column) for column in columns]
    mask = bytearray((len(columns) + 7) // 8)
    for place, bit in enumerate(varies):
        mask[place // 8] |= bit << place % 8
    firsts = varints(column[0] for column in columns)
    steps = varints(
        chain.from_iterable(map(sub, column[1:], column) for column, bit in zip(columns, varies, strict=True) if bit)
    )
    data = _HEAD.pack(FORM, len(columns), len(rows)) + compress(bytes(mask) + firsts + steps, 6)
    return data + _CHECK.pack(crc32(data, host_id & 0xFFFFFFFF))


def unpacked_block(data: bytes, host_id: int, first: int | None = None) -> list[Numbers]:
    """Return the rows of a block, or their *first* columns alone, which is quicker. Raises ValueError where the bytes
    are not those that were written for this host.
    """
    if len(data) < _HEAD.size + _CHECK.size or _CHECK.unpack(data[-4:])[0] != crc32(data[:-4], host_id & 0xFFFFFFFF):
        raise ValueError("The check value of a block is wrong.")
    form, width, length = _HEAD.unpack_from(data)
    if form != FORM or width * length > _LARGEST:
        raise ValueError("The bytes of a block are not in a format that is known.")
    try:
        body = decompress(data[_HEAD.size : -4])
    except error:
        raise ValueError("The bytes of a block can't be read.") from None
    mask = (width + 7) // 8
    varies = [body[place // 8] >> place % 8 & 1 for place in range(width)][:first]
    numbers = from_varints(body[mask:], width + sum(varies) * (length - 1))
    columns: list[list[int]] = []
    place = width
    for column, bit in enumerate(varies):
        if bit:
            columns.append(list(accumulate(numbers[place : place + length - 1], initial=numbers[column])))
            place += length - 1
        else:
            columns.append([numbers[column]] * length)
    return list(zip(*columns, strict=True))


def varints(numbers: Iterable[int]) -> bytes:
    """Return whole numbers as bytes, seven bits in each: a small one, of either sign, takes one byte."""
    out = bytearray()
    add = out.append
    for number in numbers:
        number = number << 1 if number >= 0 else (-number << 1) - 1
        while number > 127:
            add(number & 127 | 128)
            number >>= 7
        add(number)
    return bytes(out)


def from_varints(data: bytes, most: int | None = None) -> list[int]:
    """Return the numbers of :func:`varints`, at most so many."""
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        if byte > 127:
            number |= (byte & 127) << shift
            shift += 7
        else:
            number |= byte << shift
            numbers.append(-((number + 1) >> 1) if number & 1 else number >> 1)
            number = shift = 0
            if len(numbers) == most:
                break
    return numbers
