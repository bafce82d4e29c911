# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever /proc/slabinfo and the links hold: no exception, sums of what is there, rows that a line holds."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.slabinfo import (
    aliases_of,
    parse_slabinfo,
)

NUMBER = st.integers(0, 10**9)
ROW = st.tuples(
    st.text(
        st.characters(codec="ascii", exclude_characters=" \n:#\x00", exclude_categories=["Cc"]), min_size=1, max_size=80
    ),
    *[NUMBER] * 6,
)
SHREDS = st.sampled_from(
    [
        b" : tunables",
        b" : slabdata",
        b" 1",
        b" 99999999999999999999",
        b" -4",
        b"dentry",
        b"\xff",
        b" ",
        b"#",
        b"slabinfo - version:",
    ]
)


def line(row):
    """A line of slabinfo made of a row."""
    name, active, objects, size, in_slab, pages, slabs = row
    text = f"{name} {active} {objects} {size} {in_slab} {pages} : tunables 0 0 0 : slabdata {slabs} {slabs} 0"
    return text.encode("ascii")


@given(st.lists(ROW, max_size=30), st.randoms())
def test_every_good_line_counts_in_any_order(rows, random):
    rows = [row for row in rows if not row[0].startswith("slabinfo")]
    lines = [line(row) for row in rows]
    part = parse_slabinfo(lines)
    assert (part["caches"], part["bad_lines"]) == (len(rows), 0)
    assert part["pages"] == sum(row[5] * row[6] for row in rows)
    known = [[row[0][:64]] + list(row[1:]) for row in rows]
    assert all(row in known for row in part["rows"]) and len(part["rows"]) == min(10, len(rows))
    random.shuffle(lines)
    assert parse_slabinfo(lines) == part


@given(
    st.lists(st.one_of(st.none(), st.binary(max_size=200), st.lists(SHREDS, max_size=12).map(b"".join)), max_size=30)
)
def test_garbage_is_counted_and_adds_nothing_that_is_not_there(lines):
    part = parse_slabinfo(lines)
    json.dumps(part, allow_nan=False)
    assert part["bad_lines"] + part["caches"] <= len(lines)
    assert all(b" : slabdata" in (text or b"") for text in lines) or part["caches"] < max(len(lines), 1)
    assert len(part["rows"]) == min(part["caches"], 10) and part["pages"] >= 0


@given(ROW, st.data())
def test_a_line_cut_short_gives_its_row_or_none(row, data):
    if row[0].startswith("slabinfo"):
        return
    whole = line(row)
    part = parse_slabinfo([whole[: data.draw(st.integers(0, len(whole)))]])
    assert part["rows"] in ([], [[row[0][:64]] + list(row[1:])])


@given(
    st.lists(st.text(max_size=6), max_size=5),
    st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=20),
)
def test_aliases_are_names_of_links_or_targets(names, links):
    found = aliases_of(names, links)
    seen = {link for link, _target in links} | {target.rpartition("/")[2] for _link, target in links}
    for name in found:
        assert name in names and 0 < len(found[name]) <= 8
        assert set(found[name]) <= seen and name not in found[name]
