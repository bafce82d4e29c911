# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside as Markdown: it shows itself and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 1.9 GiB (limit 655.4 MiB)", "plain text, 1.9 GiB (limit 655.4 MiB)"),
        ("a_b *c* [d](e)", "a\\_b \\*c\\* \\[d\\](e)"),
        ("<b> & |", "&lt;b&gt; &amp; &#124;"),
        ("see @all and #12", "see `@all` and `#12`"),
        ("- x 1. y", "\\- x 1\\. y"),
        ("https://x.org", "`https://x.org`"),
        ("at 12:30:45 o'clock", "at 12:30:45 o'clock"),
    ],
)
def test_text_shows_itself(text, shown):
    assert markdown.markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        ("", "`   `"),
        ("a|b", "`a\\x7cb`"),
        ("a\nb", "`a\\x0ab`"),
    ],
)
def test_code_shows_itself(text, shown):
    assert markdown.code(text) == shown


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_code_ends_where_it_should_whatever_is_in_it(text):
    """A host name with backticks must not make the rest of a comment its own."""
    shown = markdown.code(text)
    fence = re.match("`+", shown).group()
    inside = shown[len(fence) : -len(fence)]
    assert shown.endswith(fence) and "|" not in shown and "\n" not in shown
    assert fence not in re.findall("`+", inside)


@given(st.text("ab@#!~/:<>&|*_[]`\\1 .-+=", max_size=60))
@example("``[")
def test_no_text_calls_somebody_or_makes_a_link(text):
    """A kernel that is named @everyone would wake everyone."""
    escaped_or_code = r"\\[!-/:-@\[-`{-~]|&#?\w+;|(`+)(?!`).*?(?<!`)\1(?!`)"
    outside = re.sub(escaped_or_code, " ", markdown.markdown(text))
    assert not re.search(r"@|#\d|://|<|>", outside)
    assert not re.search(r"[*_\[\]`]", outside)


def test_a_table_has_as_many_marks_as_heads_and_numbers_to_the_right():
    """A row that is too short is shown as text by a forge."""
    lines = markdown.table(("Host", "Size"), [["a", "1"], ["b", "2"]], [1])
    assert lines == ["| Host | Size |", "| --- | ---: |", "| a | 1 |", "| b | 2 |"]


def test_long_text_is_cut():
    """A comment of a merge request has an end."""
    assert len(markdown.markdown("a" * 5000)) <= markdown.LONGEST_TEXT
    assert len(markdown.code("a" * 5000, 80)) <= 82
