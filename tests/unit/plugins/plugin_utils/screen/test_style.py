# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Widths, colours and links."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import (
    Lines,
    Style,
    middle_cut,
    style_of,
)


def test_each_line_of_a_list_stays_one() -> None:
    """Twenty-five mistakes in one paragraph are read by nobody."""
    lines = Lines(Style(50))
    lines.say("FAILED    ", "2 settings are wrong:\n  1. the first is far longer than a line can be\n  2. short")
    assert lines.lines == [
        "FAILED    2 settings are wrong:",
        "            1. the first is far longer than a line",
        "               can be",
        "            2. short",
    ]


def test_a_sentence_wraps_under_itself_and_loses_no_word() -> None:
    """What is to be done stands at its end."""
    out = Lines(Style(40))
    sentence = "A history in PostgreSQL needs the Python package psycopg 3 on the controller: pip install psycopg"
    out.say("HISTORY   ", sentence)
    assert all(len(line) <= 40 for line in out.lines)
    assert all(line.startswith(" " * 10) for line in out.lines[1:])
    assert " ".join(line[10:] for line in out.lines) == sentence


def test_a_word_is_never_parted() -> None:
    """Half a path can't be picked up."""
    out = Lines(Style(40))
    out.say("", "/" + "long/" * 20 + "path-with-hyphens")
    assert len(out.lines) == 1


def test_colour_says_nothing_that_the_words_do_not() -> None:
    """Without it the words are the same."""
    plain, painted = Lines(Style()), Lines(Style(colour=True))
    for out in (plain, painted):
        out.say("CRITICAL  ", "1 of 3 hosts", "critical")
    assert plain.lines == ["CRITICAL  1 of 3 hosts"]
    assert painted.lines == ["\x1b[1;31mCRITICAL  \x1b[0m1 of 3 hosts"]


def test_a_path_is_a_link_where_the_terminal_has_links() -> None:
    """Others would show the signs."""
    assert Style().link("/a b", "b") == "b"
    assert Style(links=True).link("/a b", "b") == "\x1b]8;;file:///a%20b\x1b\\b\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("terminal", "colour", "term", "links"),
    [
        (True, True, "xterm-256color", True),
        (True, True, "dumb", False),
        (True, True, "linux", False),
        (True, False, "xterm", False),
        (False, True, "xterm", False),
    ],
)
def test_links_are_for_terminals_that_have_them(terminal: bool, colour: bool, term: str, links: bool) -> None:
    """A log with forced colour has none."""
    style = style_of(90, terminal=terminal, colour=colour, environment={"TERM": term})
    assert (style.width, style.colour, style.links) == (90, colour, links)


def test_a_width_that_nobody_can_read_is_none() -> None:
    """A pseudo terminal of a job says 0 or 4,000 columns."""
    widths = [style_of(width, terminal=True, colour=False, environment={}).width for width in (None, 0, 3, 4000)]
    assert widths == [100, 100, 40, 160]


def test_a_name_is_cut_in_its_middle() -> None:
    """db-master-01.fra1 and db-master-02.fra1 stay apart."""
    assert middle_cut("db-master-01", 12) == "db-master-01"
    assert middle_cut("db-master-01.fra1", 12) == "db-ma...fra1"
    assert len(middle_cut("x" * 300, 16)) == 16
