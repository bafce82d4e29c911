# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a series: what goes in comes out, whatever the numbers, and what is damaged is seen."""

from __future__ import annotations

import random
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import (
    NARROW,
    PLAIN_COLUMNS,
    PLAIN_NARROW,
    PLAIN_WIDE,
    WIDE,
    PackedColumns,
    is_sound,
    newest_time,
    packed,
    unpacked,
    with_row,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sample_columns import Layout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import SERIES_SAMPLES, trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    UNKNOWN,
    row_of,
    series_of,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    AMOUNTS,
    DAY,
    MIDNIGHT,
    MOMENTS,
    numbered_row,
    sample,
)

Row = tuple[int, ...]
LAYOUT = Layout(COLUMNS)
ROWS = st.lists(st.builds(numbered_row, MOMENTS, AMOUNTS), min_size=1, max_size=80).map(trimmed)
HOST = 7


def plain(rows: list[Row], letter: str = "i") -> bytes:
    """A series as release 0.1.0 packed it."""
    return b"".join(struct.pack(f"<{PLAIN_COLUMNS}{letter}", *row[:PLAIN_COLUMNS]) for row in rows)


@given(ROWS)
def test_packing_loses_nothing(rows: list[Row]) -> None:
    """The rules must see the very numbers that hosts gave."""
    form, data = packed(rows, HOST)
    assert unpacked(form, data) == rows
    assert is_sound(form, data, HOST)
    assert newest_time(form, data) == rows[-1][0]
    assert PackedColumns(form, data, LAYOUT) == series_of("web1", rows).columns
    assert all(isinstance(column, array) for column in PackedColumns(form, data, LAYOUT).values())


@given(st.lists(st.tuples(MOMENTS, AMOUNTS), min_size=1, max_size=80))
def test_a_series_grown_row_by_row_is_the_series_of_all_rows(entries: list[tuple[int, int]]) -> None:
    """Whatever the order, and whichever columns begin to vary on the way."""
    rows = [numbered_row(*entry) for entry in entries]
    form, data = packed(rows[:1], HOST)
    for row in rows[1:]:
        form, data = with_row(form, data, row, HOST, LAYOUT)
        assert is_sound(form, data, HOST)
    assert unpacked(form, data) == trimmed(rows)


def test_what_does_not_vary_is_there_once() -> None:
    """RAM, the boot, limits: half of the columns of a host that is not touched."""
    rows = [row_of(sample(moment=MIDNIGHT + day * DAY, slab=day * 2**30)) for day in range(60)]
    form, data = packed(rows, HOST)
    varying = sum(len(set(column)) > 1 for column in zip(*rows, strict=True))
    mask = (len(COLUMNS) + 7) // 8
    assert (form, varying) == (NARROW, 2), "the time, and what grows"
    assert len(data) == 2 + mask + 8 * (len(COLUMNS) - varying) + 60 * varying * 4 + 4


@pytest.mark.parametrize(("samples", "to_a_page"), [(68, 3), (SERIES_SAMPLES, 2)], ids=["hourly", "any"])
def test_the_largest_series_of_a_lively_host_shares_a_page(samples: int, to_a_page: int) -> None:
    """Of hourly audits three to a page of 16 KiB: that is what a hundred thousand hosts are reckoned with."""
    chance = random.Random(1)
    lively = len(COLUMNS) - 10  # keys, RAM, CPUs, meaning, balloon, origin and three limits stand still
    rows = [
        (place, *(chance.randrange(2**31) for _column in range(lively - 1)), *range(10)) for place in range(samples)
    ]
    assert len(packed(rows, HOST)[1]) < (16384 - 100) // to_a_page


def test_the_bytes_on_disk_are_those_of_the_format() -> None:
    """A file may move to a machine with another order of bytes, and a later release must read it."""
    form, data = packed([(1, -1, 5, UNKNOWN), (2, -1, 6, UNKNOWN)], HOST)
    assert (form, data.hex()) == (
        NARROW,
        "0400" + "05" + "ffffffffffffffff" + "00000080ffffffff" + "0100000005000000" + "0200000006000000" + "a4df7565",
    )
    form, data = packed([(1, 2**40), (2, 3)], HOST)
    assert (form, data.hex()[6:-8]) == (WIDE, "01000000000000000000000000010000" + "02000000000000000300000000000000")


@given(ROWS, st.data())
def test_damage_is_seen(rows: list[Row], data: st.DataObject) -> None:
    """Any bytes that are not those that were written, and those of another host."""
    form, sound = packed(rows, HOST)
    place = data.draw(st.integers(0, len(sound) - 1))
    broken = bytearray(sound)
    broken[place] ^= data.draw(st.integers(1, 255))
    assert not is_sound(form, bytes(broken), HOST)
    assert not is_sound(form, sound, HOST + 1)
    assert not is_sound(form, sound[:place], HOST)
    assert not is_sound(9, sound, HOST)


def test_what_release_0_1_0_packed_is_read_and_grows() -> None:
    """Its series are not written anew when a store is upgraded: each is when its host is audited."""
    rows = [row_of(sample(moment=MIDNIGHT + day * DAY, slab=day * 2**30)) for day in range(5)]
    old = [row[:PLAIN_COLUMNS] + (UNKNOWN,) * (len(COLUMNS) - PLAIN_COLUMNS) for row in rows]
    for form, data in ((PLAIN_NARROW, plain(rows)), (PLAIN_WIDE, plain(rows, "q"))):
        assert is_sound(form, data, HOST) and not is_sound(form, data[:-1], HOST) and not is_sound(form, b"", HOST)
        assert LAYOUT.padded(unpacked(form, data)) == old
        assert PackedColumns(form, data, LAYOUT) == series_of("web1", old).columns
        assert newest_time(form, data) == rows[-1][0]
        new = row_of(sample(moment=MIDNIGHT + 9 * DAY, files=7))
        form, data = with_row(form, data, new, HOST, LAYOUT)
        assert (form, unpacked(form, data)) == (NARROW, [*old, new]) and is_sound(form, data, HOST)


def test_what_was_packed_with_fewer_columns_has_the_first_ones() -> None:
    """A column that is added later is not known for what was before."""
    fewer = [row[:25] for row in (row_of(sample()), row_of(sample(moment=MIDNIGHT + DAY)))]
    form, data = packed(fewer, HOST)
    columns = PackedColumns(form, data, LAYOUT)
    assert list(columns[COLUMNS[24]]) == [row[24] for row in fewer]
    assert list(columns[COLUMNS[25]]) == list(columns[COLUMNS[-1]]) == [UNKNOWN, UNKNOWN]
    new = row_of(sample(moment=MIDNIGHT + 2 * DAY))
    assert unpacked(*with_row(form, data, new, HOST, LAYOUT)) == [*LAYOUT.padded(fewer), new]


def test_columns_are_a_mapping_like_any_other() -> None:
    """Rules take them as they take a dict."""
    columns = PackedColumns(*packed([tuple(range(len(COLUMNS)))], HOST), LAYOUT)
    assert len(columns) == len(COLUMNS) and list(columns) == list(COLUMNS) and "threads" in columns
    assert columns["threads"] is columns["threads"], "made once"
    assert dict(columns) == columns == dict(columns.items())
    with pytest.raises(KeyError):
        columns["song"]
    with pytest.raises(ValueError, match="not in a format that is known"):
        unpacked(7, b"")
