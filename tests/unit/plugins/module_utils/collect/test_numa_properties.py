# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a node's meminfo holds: no exception, and only values that it holds."""

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.numa import FIELDS, parse_node

NAMES = sorted(field[:-1].decode("ascii") for field in FIELDS)


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**12)), st.data())
def test_every_whole_line_counts_and_a_cut_one_does_not(values, data):
    text = "".join(f"Node 12 {name}:  {size} kB\n" for name, size in values.items()).encode("ascii")
    assert parse_node(text) == values
    cut = parse_node(text[: data.draw(st.integers(0, len(text)))])
    assert set(cut.items()) <= set(values.items())


@given(st.binary(max_size=300))
def test_garbage_gives_nothing(data):
    assert set(parse_node(data)) <= set(NAMES)
