# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of any shape."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._dimensions import LEVELS, LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_schema import LIMIT_KEYS

SEGMENT = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")'
KEY_PATH = re.compile(rf"{SEGMENT}(?:\.{SEGMENT})*: \S")

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["none", "512 MiB", "8"])
)


def mappings(values, keys=()):
    names = st.one_of(st.sampled_from(list(keys)), st.text(max_size=6)) if keys else st.text(max_size=6) | scalars
    return st.dictionaries(names, values, max_size=4)


anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | mappings(inner), max_leaves=8)
limit_keys = sorted({key for keys in LIMIT_KEYS.values() for key in keys})
levels = mappings(mappings(st.floats(1, 100) | st.integers(1, 2**40) | scalars, limit_keys) | scalars, LEVELS)
environments = st.fixed_dictionaries(
    {},
    optional={
        "limits": mappings(levels | scalars, LIMITED),
        "based_on": st.sampled_from(["production", "staging", "a", "b"]) | anything,
        "groups": st.lists(st.text(max_size=3), max_size=2) | anything,
        "highest_severity": st.sampled_from(["warning", "critical"]) | anything,
    },
)
policies = st.fixed_dictionaries(
    {},
    optional={
        "name": anything,
        "default_environment": st.sampled_from(["production", "a"]) | anything,
        "environments": mappings(environments | anything, ["production", "staging", "a", "b"]),
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
