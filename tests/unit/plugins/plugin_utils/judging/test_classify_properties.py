# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on any facts: hostile ones are refused with a sentence, and more memory is never better."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB, facts_of, healthy_facts

RANK = {"unknown": 0, "ok": 0, "warning": 1, "critical": 2}
SECTIONS = ("host", "platform", "dimensions", "accounting", "unavailable")
PLACES = [
    *((section, key) for section in SECTIONS for key in healthy_facts()[section]),
    *((key,) for key in healthy_facts()),
]
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(0, 2**63), st.floats(), st.text(max_size=10)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def changed(changes):
    facts = healthy_facts()
    for place, value in changes:
        target = facts if len(place) == 1 else facts[place[0]]
        if isinstance(target, dict):
            target[place[-1]] = value
    return facts


def refused_or_judged(facts):
    before = copy.deepcopy(facts)
    try:
        verdict = classify(checked_facts(facts), BUILT_IN, "production")
    except ValueError as exc:
        assert str(exc).endswith(".")
        return
    assert verdict.verdict in RANK
    assert repr(facts) == repr(before)
    for name in JUDGED:
        covered = name in verdict.coverage.judged, name in verdict.coverage.not_judged
        assert covered in ((True, False), (False, True))
    for finding in verdict.findings:
        assert finding.explanation.isprintable()


@given(st.lists(st.tuples(st.sampled_from(PLACES), values), max_size=4))
def test_hostile_facts_are_judged_or_refused_with_a_sentence(changes):
    """Each dimension is either judged or named with a reason, and nothing that a host says breaks the line."""
    refused_or_judged(changed(changes))


@given(values)
def test_anything_but_facts_is_refused_with_a_sentence(value):
    refused_or_judged(value)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_numbers_out_of_all_bounds_are_refused_or_judged(place):
    """JSON allows numbers of any length, which break arithmetic with floats."""
    for number in (10**400, -(10**400), 2**63, float("inf"), float("nan"), 0, -1, 0.5):
        refused_or_judged(changed([(place, number)]))


@given(
    st.sampled_from([*(f"{name}_bytes" for name in JUDGED), "kernel_unreclaimable_bytes", "threads"]),
    st.integers(0, 80 * GIB),
    st.integers(0, 80 * GIB),
    st.sampled_from([GIB, 4 * GIB, 20 * GIB, None]),
    st.sampled_from(list(BUILT_IN.environments)),
)
def test_more_memory_is_never_better(key, first, second, available, environment):
    """The severity never falls as a number grows (stacks for one thread aside: more threads share them)."""
    less, more = sorted((first, second))
    changes = {"memory_available_bytes": available, "kernel_stack_bytes": 0}
    low = classify(facts_of(**{**changes, key: less}), BUILT_IN, environment)
    high = classify(facts_of(**{**changes, key: more}), BUILT_IN, environment)
    assert RANK[low.verdict] <= RANK[high.verdict]
