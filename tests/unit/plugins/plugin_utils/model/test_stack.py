# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed stacks: what comes out is what went in, to within a step that the page names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import SAMPLED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.stack import PACKED, Stack
from ansible_collections.fleetaudit.kernel_memory.tests.unit.stacks import stack_of

KIB_OF_A_LARGE_HOST = 2**35
AMOUNTS = st.one_of(st.none(), st.integers(-(2**20), KIB_OF_A_LARGE_HOST))


def test_every_kind_that_a_history_keeps_is_packed() -> None:
    """A kind that is left out would be missing in every picture."""
    assert set(PACKED) == set(DIMENSIONS) & set(SAMPLED) and len(PACKED) == len(set(PACKED))


@given(
    st.integers(1, 70).flatmap(
        lambda n: st.lists(st.lists(AMOUNTS, min_size=n, max_size=n), min_size=len(PACKED), max_size=len(PACKED))
    )
)
def test_what_comes_out_is_within_a_step_of_what_went_in(kinds: list[list[int | None]]) -> None:
    """A gap stays a gap, less than nothing is nothing, and no amount is off by more than three quarters of a step."""
    stack = Stack.of(kinds)
    out = stack.amounts(len(kinds[0]))
    for kind, amounts in zip(PACKED, kinds, strict=True):
        for before, after in zip(amounts, out[kind], strict=True):
            assert (before is None) == (after is None)
            if before is not None and after is not None:
                assert abs(max(0, before) - after) <= 0.75 * stack.unit_kib + 1
    assert (
        json.loads(json.dumps(stack.signs)) == stack.signs
        and "<" not in stack.signs
        and len(json.dumps(stack.signs)) == len(stack.signs) + 2
    )


def test_a_quiet_month_of_all_kinds_costs_a_few_characters() -> None:
    """The data of ten thousand hosts fits into a page that a mail takes."""
    kinds = [[1000 * (place + 1)] * 30 for place in range(len(PACKED))]
    assert len(Stack.of(kinds).signs) <= 3 * len(PACKED)


def test_nothing_is_known_of_a_kind_that_was_not_packed() -> None:
    """A stack of an older version has fewer kinds; its others are gaps and never 0."""
    whole = stack_of({"slab_unreclaimable": [5, 6, 7], "percpu": [1, 1, 1]}, 3)
    assert whole.amounts(3)["slab_unreclaimable"] == [5, 6, 7] and whole.amounts(3)["vmalloc"] == [None] * 3
    older = Stack(1, whole.signs[: len(Stack.of([[5, 6, 7]]).signs)])
    assert older.amounts(3)["slab_unreclaimable"] == [5, 6, 7] and older.amounts(3)["percpu"] == [None] * 3


@pytest.mark.parametrize("signs", ["\u2028", "$", "####", "q"])
def test_signs_that_are_no_stack_are_refused(signs: str) -> None:
    """An audit that was changed by hand must not draw a picture of something else."""
    with pytest.raises(ValueError, match="stack"):
        Stack(1, signs).amounts(3)
