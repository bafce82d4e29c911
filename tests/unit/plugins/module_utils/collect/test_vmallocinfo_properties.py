# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever /proc/vmallocinfo holds: no exception, and sums of what is there."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.vmallocinfo import parse_vmallocinfo

NAME = st.text("abcdefgh_.", min_size=1, max_size=70)
AREA = st.tuples(NAME, st.booleans(), st.integers(0, 10**9), st.one_of(st.none(), st.integers(0, 10**9)), st.booleans())
SHREDS = st.sampled_from(
    [
        b"0x1-0x2",
        b"4096",
        b"pages=",
        b"pages=3",
        b"pages=-3",
        b"[x]",
        b"ioremap",
        b"N0=1",
        b"\xff",
        b"a+0x1/0x2",
        b"99999999999999999999",
    ]
)


def line(area):
    """A line of vmallocinfo made of an area."""
    caller, in_module, size, pages, mapped = area
    words = ["0x00000000dadaa215-0x00000000b4022b1a", f"{size}", caller + "+0x1/0x2"] + ["[module]"] * in_module
    words += [f"pages={pages}"] if pages is not None else []
    return " ".join(words + ["ioremap" if mapped else "vmalloc"]).encode("ascii")


@given(st.lists(AREA, max_size=30), st.randoms())
def test_every_area_counts_in_any_order(areas, random):
    lines = [line(area) for area in areas]
    part = parse_vmallocinfo(lines)
    assert (part["areas"], part["bad_lines"]) == (len(areas), 0)
    assert part["pages"] == sum(area[3] or 0 for area in areas)
    assert part["ioremap_bytes"] == sum(area[2] for area in areas if area[4])
    assert part["stack_pages"] == 0 and sum(row[2] for row in part["rows"]) <= len(areas)
    random.shuffle(lines)
    assert parse_vmallocinfo(lines) == part


@given(
    st.lists(st.one_of(st.none(), st.binary(max_size=200), st.lists(SHREDS, max_size=8).map(b" ".join)), max_size=30)
)
def test_garbage_is_counted_and_adds_nothing_that_is_not_there(lines):
    part = parse_vmallocinfo(lines)
    json.dumps(part, allow_nan=False)
    assert part["bad_lines"] + part["areas"] == len(lines)
    assert part["pages"] == 0 or any(b"pages=" in (text or b"") for text in lines)
    assert part["stack_pages"] <= part["pages"]


@given(AREA, st.data())
def test_a_line_cut_short_never_gives_more(area, data):
    whole = line(area)
    part = parse_vmallocinfo([whole[: data.draw(st.integers(0, len(whole)))]])
    assert part["pages"] <= (area[3] or 0) and part["ioremap_bytes"] in (0, area[2])
