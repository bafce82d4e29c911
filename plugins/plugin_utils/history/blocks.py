# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How thirty days of one host are packed into one block of bytes: exact, and a quarter of the size of the rows.

Column by column: one that does not vary is there once, of the others the differences from row to row, or the
differences of these where they are smaller (of times, say). What all numbers of a column are a multiple of, a power of
two, is taken out first: counters of kernels are pages. Small numbers take one byte; the whole is compressed, and a
check value, which knows whose block it is, stands at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import sub
from zlib import compressobj, crc32, decompress, error

from .sample_columns import Numbers

FORM = 1
"""Stands first in each block, for the day when there is another."""

_HEAD = struct.Struct("<BHI")
_CHECK = struct.Struct("<I")
_OF_STEPS = 64
"""Added to the number of bits that are taken out of a column, where it has the steps of its steps."""

_LARGEST = 16 * 2**20
"""A block that becomes larger than that was not made here."""


def packed_block(rows: Sequence[Numbers], host_id: int) -> bytes:
    """Return the bytes of rows, at least one, all of one width. They are the smaller the more alike neighbours are."""
    columns = list(zip(*rows, strict=True))
    mask = bytearray((len(columns) + 7) // 8)
    ways, firsts, steps = bytearray(), [], []
    for place, column in enumerate(columns):
        if column.count(column[0]) == len(column):
            firsts.append(column[0])
            continue
        mask[place // 8] |= 1 << place % 8
        way, first, of_column = _packed_column(column)
        ways.append(way)
        firsts.append(first)
        steps += of_column
    body = compressobj(6, wbits=-15)
    packed = body.compress(bytes(mask + ways) + varints(chain(firsts, steps))) + body.flush()
    data = _HEAD.pack(FORM, len(columns), len(rows)) + packed
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
        body = decompress(data[_HEAD.size : -4], wbits=-15)
    except error:
        raise ValueError("The bytes of a block can't be read.") from None
    mask = (width + 7) // 8
    varies = [body[place // 8] >> place % 8 & 1 for place in range(width)]
    ways = body[mask : mask + sum(varies)]
    wanted = varies[:first]
    numbers = from_varints(body[mask + len(ways) :], width + sum(wanted) * (length - 1))
    columns: list[list[int]] = []
    place, varying = width, 0
    for number, bit in zip(numbers, wanted, strict=False):
        if bit:
            columns.append(_unpacked_column(ways[varying], number, numbers[place : place + length - 1]))
            place, varying = place + length - 1, varying + 1
        else:
            columns.append([number] * length)
    return list(zip(*columns, strict=True))


def _packed_column(column: Numbers) -> tuple[int, int, list[int]]:
    """Return how a column that varies is packed, its first number and the steps from there."""
    joined = 0
    for number in column:
        joined |= number
    shift = (joined & -joined).bit_length() - 1
    numbers = [number >> shift for number in column] if shift else column
    steps = list(map(sub, numbers[1:], numbers))
    of_steps = [steps[0], *map(sub, steps[1:], steps)]
    if sum(map(abs, of_steps)) < sum(map(abs, steps)):
        return shift | _OF_STEPS, numbers[0], of_steps
    return shift, numbers[0], steps


def _unpacked_column(way: int, first: int, steps: list[int]) -> list[int]:
    """Return a column that was packed in some way."""
    if way & _OF_STEPS:
        steps = list(accumulate(steps))
    numbers = accumulate(steps, initial=first)
    shift = way & ~_OF_STEPS
    return [number << shift for number in numbers] if shift else list(numbers)


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
