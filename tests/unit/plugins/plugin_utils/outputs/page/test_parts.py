# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts of the page: whatever comes from outside is shown and does nothing, and no number is invented."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import Counts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import parts
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of

NB = "\u00a0"
GIB = 1024**3


def test_a_name_from_the_right_turns_nothing_round_beside_it() -> None:
    """In "…, שרת-ראשי. 2 hosts gave no data" the 2 stood before the name."""
    assert parts.prose("a, שרת-ראשי. 2 hosts <b>") == "a, <bdi>שרת-ראשי</bdi>. 2 hosts &lt;b&gt;"
    assert parts.prose("مضيف-قاعدة-١ and 3") == "<bdi>مضيف-قاعدة-١</bdi> and 3"
    assert parts.prose("plain") == "plain"


@given(st.text(st.characters(), max_size=300))
def test_no_text_ends_an_element_or_an_attribute(value):
    """Host names, messages and commands come from the other side."""
    for shown in (parts.text(value), parts.show(host=value), parts.copy(value, "Copy"), parts.name(value)):
        outside = re.sub(r'"[^"]*"', "", shown)
        assert outside.count("<") == outside.count(">") and "<script" not in shown
    assert not set('<>"') & set(parts.text(value))


@given(st.text("abcdefghij.-0123456789", min_size=1, max_size=200))
def test_a_name_is_cut_in_its_middle_and_kept_whole_beside_it(value):
    """Names of hosts differ at both ends, and whoever needs the whole one can see it."""
    shown = parts.short_name(value, "", 26)
    words = html.unescape(re.sub(r"<[^>]+>", "", shown))
    assert len(words) <= 26 and words[0] == value[0] and words[-1] == value[-1]
    assert (words == value) == (len(value) <= 26) and (words == value or f'title="{value}"' in shown)


def test_an_ending_that_all_names_have_is_left_out_and_known():
    """web1, web2 tell more than web1.prod.example.net twice."""
    assert parts.short_name("web1.example.net", ".example.net") == '<bdi title="web1.example.net">web1</bdi>'


def test_a_link_to_the_table_says_which_hosts():
    """The script reads it as an address does, so no name may end it early."""
    assert parts.show(host="a b&c=d") == 'data-show="host=a%20b%26c%3Dd"'
    assert parts.show(verdict="critical,warning", q="x") == 'data-show="verdict=critical,warning&amp;q=x"'


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (1, 8, f"12.5{NB}%"),
        (1, 1000, f"0.10{NB}%"),
        (0, 8, f"0{NB}%"),
        (-1, 8, f"-12.5{NB}%"),
        (None, 8, "–"),
        (1, None, "–"),
        (1, 0, "–"),
    ],
)
def test_a_share_has_the_decimals_that_it_needs(part, whole, shown):
    """0.1 % of a terabyte is a gigabyte, and no share of nothing is 0."""
    assert parts.share(part, whole) == shown


def test_what_is_not_known_is_a_dash():
    """Never 0, which would be a number."""
    assert parts.size(None) == parts.left(None) == "–" and parts.size(0) == f"0{NB}B"
    assert parts.left(9.4) == f"9{NB}days"


def test_a_lower_bound_and_an_estimate_are_marked():
    """The number alone would be taken for the truth."""
    host = next(host for host in audits.audit(20)["hosts"] if host["dimensions"])
    for bound, sign in (("exact", ""), ("lower", "≥ "), ("estimate", "≈ ")):
        entry = entry_of(host | {"accounting": host["accounting"] | {"bound": bound}})
        assert parts.total(entry) == sign + parts.size(host["kernel_total_bytes"])


def test_a_time_is_in_words_only_where_it_is_one():
    """An audit.json of somebody else may hold anything."""
    assert parts.when("2026-11-24T12:00:30Z") == "2026-11-24 12:00 UTC"
    assert parts.when("yesterday <") == "yesterday &lt;"


@pytest.mark.parametrize(("part", "width"), [(0.5, "45.0"), (3.0, "90.0"), (-1.0, "0.0")])
def test_a_bar_stays_within_its_scale(part, width):
    """Three times the limit is a full bar; its number stands beside it."""
    assert f'width="{width}" height="8"/></svg>' in parts.meter(part)


def test_one_host_of_thousands_can_be_seen():
    """A bar of verdicts that hides the one critical host would say that all is well."""
    bar = parts.share_bar(Counts(ok=9999, warning=0, critical=1, unknown=0, total=10000))
    widths = dict(re.findall(r'class="f-(\w+)"[^>]*width="([\d.]+)"', bar))
    assert float(widths["critical"]) >= 2 and float(widths["ok"]) < 200 and set(widths) == {"critical", "ok"}


def test_a_command_can_be_copied_and_none_leaves_no_button():
    """A button that copies nothing is worse than none."""
    assert parts.command_line("") == ""
    line = parts.command_line('echo "a" > b')
    assert line.count("&quot;a&quot; &gt; b") == 2 and "hidden data-copy=" in line


def test_a_table_has_a_heading_for_every_column_and_row():
    """Readers that hear the page know where they are; a row that is too short is a mistake and not an empty cell."""
    columns = [parts.Column("Host"), parts.Column("Size", True)]
    page = parts.table("Sizes", columns, [["a", "1"]])
    assert '<th scope="col">Host</th><th scope="col" class="num">Size</th>' in page
    assert '<th scope="row">a</th><td class="num">1</td>' in page and 'aria-label="Sizes"' in page
    with pytest.raises(ValueError):
        parts.table("Sizes", columns, [["a"]])
