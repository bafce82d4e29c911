# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a reading holds, its length is not underestimated and what is dropped is said."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.bound import LIMIT, length, trim

VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=9), inner, max_size=5)),
)
ROWS = st.lists(st.tuples(st.text(max_size=200), st.integers(0, 10**12)).map(list), max_size=40)


@given(VALUE)
def test_length_is_never_below_that_of_the_json(value):
    assert len(json.dumps(value)) <= length(value)


@given(ROWS, ROWS, ROWS, st.text(max_size=3000))
def test_what_is_dropped_comes_from_the_end_and_is_said(numa, tables, threads, zones):
    parts = {"numa": {"rows": list(numa)}, "processes": {"page_tables": list(tables), "threads": list(threads)}}
    reading = {"files": {"proc/buddyinfo": zones}, "parts": parts, "part_cut": {}}
    trim(reading)
    assert len(json.dumps(reading)) <= LIMIT
    kept = parts["processes"]["page_tables"], parts["processes"]["threads"]
    assert numa[: len(parts["numa"]["rows"])] == parts["numa"]["rows"]
    assert (tables[: len(kept[0])], threads[: len(kept[1])]) == kept
    assert (len(parts["numa"]["rows"]) < len(numa)) is ("numa" in reading["part_cut"])
    assert (len(kept[0]) + len(kept[1]) < len(tables) + len(threads)) is ("processes" in reading["part_cut"])
    assert (reading["files"]["proc/buddyinfo"] != zones) is ("pressure" in reading["part_cut"])
