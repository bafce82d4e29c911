# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever /proc/allocinfo holds: no exception, and sums of what is there."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.allocinfo import parse_allocinfo

NUMBER = st.integers(0, 10**12)


@given(st.lists(st.tuples(NUMBER, NUMBER, st.text("abc.:0[]", min_size=1, max_size=150)), max_size=30), st.randoms())
def test_every_site_counts_in_any_order(sites, random):
    lines = [f"{size:12} {calls:8} {place}".encode("ascii") for size, calls, place in sites]
    part = parse_allocinfo(lines)
    assert (part["sites"], part["bytes"]) == (len(sites), sum(site[0] for site in sites))
    assert [row[1] for row in part["rows"]] == sorted((site[0] for site in sites), reverse=True)[:10]
    random.shuffle(lines)
    assert parse_allocinfo(lines) == part


@given(st.lists(st.one_of(st.none(), st.binary(max_size=200)), max_size=30))
def test_garbage_adds_nothing_that_is_not_there(lines):
    part = parse_allocinfo(lines)
    json.dumps(part, allow_nan=False)
    assert part["sites"] <= len(lines) and part["bytes"] >= 0
