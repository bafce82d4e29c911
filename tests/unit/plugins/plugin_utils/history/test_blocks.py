# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of thirty days: exact, small, and what is damaged is seen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.blocks import (
    from_varints,
    packed_block,
    unpacked_block,
    varints,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import DAY, MIDNIGHT

Row = tuple[int, ...]
HOST = 7
NUMBERS = st.one_of(st.integers(-3, 3), st.just(UNKNOWN), st.integers(-(2**63), 2**63 - 1))


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of one width."""
    width = draw(st.integers(1, 12))
    return draw(st.lists(st.tuples(*[NUMBERS] * width), min_size=1, max_size=40))


@given(tables())
def test_packing_loses_nothing(rows: list[Row]) -> None:
    """A year that was packed is the year that was measured."""
    data = packed_block(rows, HOST)
    assert unpacked_block(data, HOST) == rows
    for first in range(1, len(rows[0]) + 1):
        assert unpacked_block(data, HOST, first) == [row[:first] for row in rows]


@given(tables(), st.data())
def test_damage_is_seen(rows: list[Row], data: st.DataObject) -> None:
    """Any bytes that are not those that were written, and those of another host."""
    sound = packed_block(rows, HOST)
    place = data.draw(st.integers(0, len(sound) - 1))
    broken = bytearray(sound)
    broken[place] ^= data.draw(st.integers(1, 255))
    for wrong, host in ((bytes(broken), HOST), (sound, HOST + 1), (sound[:place], HOST), (b"", HOST)):
        with pytest.raises(ValueError, match=r"\.$"):
            unpacked_block(wrong, host)


@given(st.lists(NUMBERS))
def test_numbers_of_any_size_are_bytes_and_back(numbers: list[int]) -> None:
    assert from_varints(varints(numbers)) == numbers
    assert from_varints(varints(numbers), 2) == numbers[:2] or len(numbers) < 2


def test_small_numbers_of_either_sign_take_one_byte() -> None:
    """That is what makes blocks small: most differences are."""
    assert [len(varints([number])) for number in (0, 63, -64, 64, -65, 2**63)] == [1, 1, 1, 2, 2, 10]


def test_thirty_days_of_a_lifelike_host_take_a_third_of_their_rows() -> None:
    """Counters of running hosts move by a little, and half of them hardly ever; a row takes about 110 bytes."""
    chance = random.Random(5)
    rows: list[Row] = []
    levels = [chance.randrange(10**5, 10**6) for _column in range(12)]
    for day in range(30):
        levels = [level + chance.randrange(-level // 40, level // 40) for level in levels]
        still = [UNKNOWN] * (len(COLUMNS) - 16)
        rows.append((100 + day, MIDNIGHT + day * DAY + chance.randrange(60), 5 + day * DAY, 77, *levels, *still))
    assert len(packed_block(rows, HOST)) / 30 < 36


def test_the_form_is_checked() -> None:
    """A later form must not be read as this one."""
    with pytest.raises(ValueError, match="check value"):
        unpacked_block(b"\x02" + packed_block([(1, 2)], HOST)[1:], HOST)
