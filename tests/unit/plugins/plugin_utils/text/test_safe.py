# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be seen becomes visible; what can be read stays as it is."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.safe import (
    ascii_only,
    one_line,
    one_name,
    shortened,
    visible,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("web-1.example.net", "web-1.example.net"),
        ("häuser 東京", "häuser 東京"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00", "\\x00"),
        ("\x85\xa0", "\\x85\\xa0"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\u200f\u061c\ufeff", "\\u200f\\u061c\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_control_signs_line_and_direction_marks_and_lone_surrogates_are_visible(given, expected):
    assert visible(given) == expected


def test_the_terminal_gets_ascii_only():
    assert ascii_only("häuser \x1b]0;x\x07 東") == "h\\xe4user \\x1b]0;x\\x07 \\u6771"


def test_a_short_text_is_whole_and_a_long_one_says_that_it_was_cut():
    assert shortened("a" * 10, 10) == "a" * 10
    assert shortened("a" * 11, 10) == "a" * 9 + "…"
    assert shortened("abcdef", 2, "...") == "..."


def test_text_from_hosts_becomes_one_short_line():
    """A name with an escape in it must not move the cursor of whoever reads a finding."""
    assert one_line("a\nb\x1b[31m\u202ec  d") == "a b [31m c d"
    assert one_line("x" * 500) == "x" * 199 + "…"


@pytest.mark.parametrize("name", [None, "", " \n"])
def test_a_name_that_nobody_can_see_is_said_to_be_none(name):
    """Else a sentence has a hole where the owner should stand."""
    assert one_name(name) == "(no name)"
    assert one_name("kworker/0:1\n") == "kworker/0:1"
    assert one_name("x" * 65) == "x" * 63 + "…" and one_name("abc", 2) == "a…"
