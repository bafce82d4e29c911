# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and short texts are taken from a reading only where they are what they should be."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.counters import (
    clean_text,
    found_in,
    number_of,
    parse_counters,
    text_of,
    whole_number,
)


def test_vmstat_and_kstat_lines_are_understood():
    text = "nr_free_pages 169960\n13 1 0x01 147 39984\nname type data\nsize    4    2147483648\n"
    assert parse_counters(text) == {"nr_free_pages": 169960, "size": 2147483648}


@pytest.mark.parametrize(
    "line", ["x -1", "x 1.5", "x 9007199254740993", "x 99999999999999999999", "x 1 2 3", "x", "1 x"]
)
def test_a_doubtful_counter_is_left_out(line):
    assert parse_counters("y 1\n" + line + "\n") == {"y": 1}


def test_a_counter_with_two_values_is_left_out():
    assert parse_counters("x 1\ny 2\nx 3\n") == {"y": 2}


def test_a_last_line_without_its_end_is_left_out():
    assert parse_counters("x 1\ny 23") == {"x": 1}


def test_lines_of_other_systems_and_spaces_are_understood():
    """A file that was saved on another system, and one that a kernel indents."""
    assert parse_counters("x 1\r\n  y 2 \n\tz 4 3\r\n") == {"x": 1, "y": 2, "z": 3}


@pytest.mark.parametrize("value", [0, 1, 2**53])
def test_the_ends_of_what_is_a_number(value):
    """Up to 2**53 a number is the same in JSON, in every language."""
    assert whole_number(value) == value and parse_counters(f"x {value}\n") == {"x": value}


def test_words_are_counted_from_the_front():
    """The third of four, the last, and none behind it."""
    reading = {"files": {"f": "1 2 3 4\n", "g": ""}}
    assert [number_of(reading, "f", word) for word in range(5)] == [1, 2, 3, 4, None]
    assert number_of(reading, "g") is None and number_of(reading, "absent") is None


@pytest.mark.parametrize("value", [True, -1, 2**53 + 1, 10**400, 1.0, "1", None, [1]])
def test_only_whole_numbers_are_whole_numbers(value):
    assert whole_number(value) is None


def test_text_is_cleaned_of_what_a_terminal_or_page_could_obey():
    assert clean_text("a\x1b[31mb\u202e\x00\n\udce9<i>", 8) == "a[31mb<i"
    assert clean_text("\x00\n", 8) is None and clean_text(7, 8) is None


def test_no_more_of_a_text_is_looked_at_than_four_times_what_is_kept():
    """A hostile host's text is as long as it likes."""
    assert clean_text("\x00" * 31 + "a", 8) == "a" and clean_text("\x00" * 32 + "a", 8) is None


@pytest.mark.parametrize("reading", [{}, {"files": None}, {"files": []}, {"files": {"a": 1}}, {"found": "module:zfs"}])
def test_a_reading_of_wrong_types_holds_nothing(reading):
    assert text_of(reading, "a") is None and number_of(reading, "a") is None and found_in(reading) == set()


def test_signs_that_are_not_texts_are_ignored():
    assert found_in({"found": ["a", 1, None, ["b"], {}]}) == {"a"}
