# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of any shape."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import GATE_KEYS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import (
    AMOUNT_KEYS,
    GROWTH_LEVELS,
    HISTORY_KEYS,
    LEVELS,
    LIMIT_KEYS,
    SIMILAR_HOSTS_KEYS,
)

SEGMENT = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")'
KEY_PATH = re.compile(rf"{SEGMENT}(?:\[[0-9]+\])?(?:\.{SEGMENT})*: \S")

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["none", "512 MiB", "8"])
)


def mappings(values, keys=()):
    names = st.one_of(st.sampled_from(list(keys)), st.text(max_size=6)) if keys else st.text(max_size=6) | scalars
    return st.dictionaries(names, values, max_size=4)


anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | mappings(inner), max_leaves=8)
limit_keys = sorted({key for keys in LIMIT_KEYS.values() for key in keys})
levels = mappings(mappings(st.floats(1, 100) | st.integers(1, 2**40) | scalars, limit_keys) | scalars, LEVELS)
amounts = mappings(
    mappings(st.floats(0.1, 100) | st.integers(1, 2**40) | scalars, AMOUNT_KEYS) | scalars, GROWTH_LEVELS
)
numbers = st.integers(1, 40) | st.lists(st.integers(1, 40), max_size=3) | scalars
cells = st.sampled_from(["vmalloc.growth", "*.spike", "percpu.*", "vmalloc"])
sections = {
    "limits": mappings(levels | scalars, LIMITED),
    "growth": mappings(amounts | scalars, LIMITED) | scalars,
    "level": mappings(amounts | scalars, LIMITED) | scalars,
    "history": mappings(numbers, HISTORY_KEYS) | anything,
    "similar_hosts": mappings(numbers, SIMILAR_HOSTS_KEYS) | scalars,
    "severities": st.dictionaries(cells | scalars, st.sampled_from(["info", "warning", None, "x"]), max_size=3)
    | scalars,
    "highest_severity": st.sampled_from(["warning", "critical"]) | anything,
}
gates = mappings(numbers | mappings(numbers, ["at_least", "ratio", "unknown", "minimum_hosts"]), GATE_KEYS)
environments = st.fixed_dictionaries(
    {},
    optional={
        **sections,
        "based_on": st.sampled_from(["production", "staging", "a", "b"]) | anything,
        "groups": st.lists(st.text(max_size=3), max_size=2) | anything,
        "gate": gates | anything,
    },
)
matches = (
    st.sampled_from(["`true`", "host.cpus_possible > `4`", "contains(groups, 'db')", "host."])
    | st.text(max_size=12)
    | scalars
)
profiles = st.fixed_dictionaries(
    {"name": st.sampled_from(["p", "q", "r"]) | scalars, "match": matches}, optional=sections
)
waivers = st.fixed_dictionaries(
    {
        "hosts": st.text(max_size=4) | scalars,
        "dimension": st.sampled_from(["*", "vmalloc", "memory_pressure"]) | scalars,
        "reason": st.text(max_size=4) | scalars,
        "until": st.dates() | st.dates().map(date.isoformat) | scalars,
    },
    optional={"kind": st.sampled_from(["limit", "growth"]) | scalars},
)
policies = st.fixed_dictionaries(
    {},
    optional={
        "name": anything,
        "default_environment": st.sampled_from(["production", "a"]) | anything,
        "environments": mappings(environments | anything, ["production", "staging", "a", "b"]),
        "profiles": st.lists(profiles | anything, max_size=3) | anything,
        "waivers": st.lists(waivers | anything, max_size=3) | anything,
    },
)


@given(policies | mappings(anything))
def test_any_mapping_is_resolved_or_refused_with_key_paths(data):
    """What is resolved is complete, and resolving it again changes nothing."""
    try:
        policy = resolve_policy(data)
    except PolicyError as exc:
        assert exc.problems
        assert all(KEY_PATH.match(problem) for problem in exc.problems)
        return
    assert resolve_policy(policy) == policy
    for environment in policy["environments"].values():
        assert set(environment["limits"]) == set(LIMITED)
        assert set(environment["growth"]) == set(environment["level"]) == set(LIMITED)
        assert set(environment["history"]) == set(HISTORY_KEYS)


# Each alone, since among many sections at once something is nearly always wrong.
@given(st.one_of(*(st.fixed_dictionaries({name: section}) for name, section in sections.items())), st.booleans())
def test_one_section_of_any_shape_is_resolved_or_refused(section, as_profile):
    profile = {"profiles": [{"name": "p", "match": "`true`", **section}]}
    test_any_mapping_is_resolved_or_refused_with_key_paths.hypothesis.inner_test(
        profile if as_profile else {"environments": {"production": section, "a": {"based_on": "production", **section}}}
    )


@given(st.lists(waivers, min_size=1, max_size=2))
def test_waivers_of_any_shape_are_resolved_or_refused(written):
    test_any_mapping_is_resolved_or_refused_with_key_paths.hypothesis.inner_test({"waivers": written})


@given(gates)
def test_a_gate_of_any_shape_is_resolved_or_refused(gate):
    test_any_mapping_is_resolved_or_refused_with_key_paths.hypothesis.inner_test(
        {"environments": {"production": {"gate": gate}, "a": {"based_on": "production", "gate": gate}}}
    )
