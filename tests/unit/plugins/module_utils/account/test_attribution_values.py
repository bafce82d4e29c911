# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values in what a host has gathered: a number, a name, rows, or a refusal; never a guess."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution_values import (
    NO_PAGE_SIZE,
    Wrong,
    bad_lines,
    entries,
    field,
    number,
    text,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.counters import LARGEST


@pytest.mark.parametrize(("value", "factor", "found"), [(0, 1, 0), (3, 4096, 12288), (LARGEST, 1, LARGEST)])
def test_a_number_comes_in_bytes(value, factor, found):
    """Pages and KiB have their factor; zero is a number."""
    assert number(value, factor) == found


@pytest.mark.parametrize("value", [None, -1, 1.5, "3", True, [], LARGEST + 1])
def test_what_no_host_can_have_is_refused(value):
    """A wrong sum would be worse than a part that is missing."""
    with pytest.raises(Wrong):
        number(value)


def test_a_product_that_no_host_can_have_is_refused():
    """Each factor alone would do."""
    with pytest.raises(Wrong):
        number(LARGEST // 2, 3)


def test_pages_of_an_unknown_size_are_refused_with_the_reason():
    """A number of pages is there, and nobody knows what it is in bytes; where it is not there either, that is no
    reason.
    """
    with pytest.raises(Wrong, match="page size"):
        number(3, None)
    with pytest.raises(Wrong) as told:
        number("x", None)
    assert str(told.value) == "" and NO_PAGE_SIZE.endswith(".")


def test_a_name_is_printable_and_short():
    """Names of processes are whatever their program wants."""
    assert text("a\x1b[31mb", 64).isprintable() and text("x" * 99, 64) == "x" * 64
    assert text("", 64) == text("\x00", 64) == "(no printable name)"
    with pytest.raises(Wrong):
        text(7, 64)


def test_rows_have_their_width_or_none_is_taken():
    """A row of another width is a part that another program wrote."""
    part = {"rows": [[1, 2]] * 12}
    assert entries(part, "rows", 2) == [[1, 2]] * 10 and len(entries(part, "rows", 2, 64)) == 12
    for wrong in ([[1]], [[1, 2, 3]], ["ab"], [None], {"a": 1}, "ab", None):
        with pytest.raises(Wrong):
            entries({"rows": wrong}, "rows", 2)


def test_an_entry_that_is_not_there_is_refused():
    """Null and absent are two things."""
    assert field({"a": None}, "a") is None
    for part in ({}, [], None, "a"):
        with pytest.raises(Wrong):
            field(part, "a")


def test_lines_that_were_not_understood_are_counted():
    """They may have been the largest."""
    assert bad_lines({}) == bad_lines({"bad_lines": 0}) == []
    assert bad_lines({"bad_lines": 2}) == ["2 lines could not be understood."]
