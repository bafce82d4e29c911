# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as text and back."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import (
    distinct_bytes,
    human_bytes,
    number_text,
    parse_size,
    percent_text,
    whole_bytes,
)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1610612736, "1.5 GiB"),
        (64 * 1024**3, "64 GiB"),
        (64 * 1024**3 - 30 * 1024**2, "64.0 GiB"),
        (1024**3 - 1, "1.0 GiB"),
        (-14 * 1024**2, "-14 MiB"),
        (2**63 - 1, "8.0 EiB"),
    ],
)
def test_bytes_are_shown_in_the_largest_unit_that_fits(size, text):
    assert human_bytes(size) == text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (536870912, 536870912),
        ("536870912", 536870912),
        ("512 MiB", 536870912),
        ("512MiB", 536870912),
        (" 512 mib ", 536870912),
        ("0.5 GiB", 536870912),
        ("1 TiB", 1024**4),
        ("17 B", 17),
        ("1.1 KiB", 1126),
    ],
)
def test_sizes_are_read_in_binary_units(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("512 MB", "did you mean MiB?"),
        ("512M", "did you mean MiB?"),
        ("2 g", "did you mean GiB?"),
        ("3 pages", "use one of B, KiB"),
        ("many", "must be a size such as"),
        ("-1 MiB", "must be a size such as"),
        ("0.5", "whole number of bytes"),
        (True, "must be a size"),
        (1.5, "must be a size"),
        (None, "must be a size"),
        (-1, "from 0 to 8 EiB"),
        (2**63, "from 0 to 8 EiB"),
        ("99999999 EiB", "from 0 to 8 EiB"),
    ],
)
def test_other_sizes_are_refused_with_a_hint(text, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        parse_size(text)


def test_close_sizes_are_told_apart():
    """A value a little above its limit must not be shown as the same text."""
    assert distinct_bytes(5 * 1024**3 + 1024**2, 5 * 1024**3 + 9 * 1024**2) == ("5.00 GiB", "5.01 GiB")
    assert distinct_bytes(1024**3 + 2, 1024**3 + 1) == ("1073741826 B", "1073741825 B")
    assert distinct_bytes(7, 7) == ("7 B", "7 B")


def test_shares_and_numbers_as_text():
    assert percent_text(9.2, 64) == "14.4 %"
    assert percent_text(3, 1000) == "0.30 %"
    assert percent_text(0, 10) == "0.0 %"
    assert (number_text(8.0), number_text(4.5), number_text(2097152)) == ("8", "4.5", "2097152")
    with pytest.raises(ValueError, match="no share of nothing"):
        percent_text(1, 0)


@pytest.mark.parametrize("value", [None, True, "x", "1.5", 1.5, float("nan"), [], 2**63])
def test_only_whole_numbers_are_bytes(value):
    with pytest.raises(ValueError, match="A whole number of bytes is needed"):
        whole_bytes(value)


def test_whole_numbers_in_other_clothes_are_bytes():
    assert [whole_bytes(value) for value in (3, "3", 3.0, "-3")] == [3, 3, 3, -3]
