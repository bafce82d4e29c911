# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as text and back, for any number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import (
    distinct_bytes,
    human_bytes,
    parse_size,
)

SIZES = st.integers(min_value=0, max_value=2**62)


@given(SIZES)
def test_text_read_back_is_the_size_within_its_rounding(size):
    """At most half of the last decimal is lost: 0.05 of a unit, so under 5 % of the size."""
    assert abs(parse_size(human_bytes(size)) - size) <= max(0.05 * size, 1)


@given(SIZES, SIZES)
def test_different_sizes_have_different_texts(first, second):
    texts = distinct_bytes(first, second)
    assert (texts[0] == texts[1]) == (first == second)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.integers())))
def test_any_input_is_a_size_or_a_value_error(value):
    try:
        assert 0 <= parse_size(value) < 2**63
    except ValueError as exc:
        assert str(exc).startswith(("must ", "has "))
