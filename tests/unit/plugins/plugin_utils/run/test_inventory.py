# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of a host are the same, whoever asks."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.inventory import groups_by_host

INVENTORY = {"all": ["a", "b", "c"], "db": ["b"], "ungrouped": ["c"], "web": ["a", "b"]}
GROUP_NAMES = {"a": ["web"], "b": ["db", "web"], "c": ["ungrouped"]}
"""What Ansible tells a host of itself."""


def test_groups_are_turned_round() -> None:
    """The report asks the inventory, a host its group_names: both have to say the same."""
    assert groups_by_host(INVENTORY) == GROUP_NAMES


@pytest.mark.parametrize("group", ["all", "ungrouped", "web"])
def test_a_policy_finds_the_same_environment_by_both(group: str) -> None:
    """An audit and a gate that disagree on a host's environment judge it by two sets of limits."""
    policy = policy_of({"environments": {"staging": {"groups": [group]}}})
    for host, names in GROUP_NAMES.items():
        here = group == "all" or group in names
        expected = ("staging", f"group {group}") if here else ("production", "default")
        assert policy.environment_of(names) == policy.environment_of(groups_by_host(INVENTORY).get(host)) == expected


def test_all_comes_after_what_is_named_before_it() -> None:
    """The environment that is listed first wins, so that "all" can catch what is left."""
    policy = policy_of({"environments": {"production": {"groups": ["db"]}, "staging": {"groups": ["all"]}}})
    assert policy.environment_of(["db", "web"])[0] == "production"
    assert policy.environment_of(["web"])[0] == policy.environment_of(None)[0] == "staging"
