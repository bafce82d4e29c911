# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter classify: plain adapter around the judging code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter import classify as plugin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, healthy_facts

classify = plugin.FilterModule().filters()["classify"]


class Lazy(Mapping):
    """A mapping that is no dict, as hostvars are."""

    def __init__(self, data):
        self.data = data

    def __getitem__(self, key):
        value = self.data[key]
        return Lazy(value) if isinstance(value, dict) else value

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)


def test_facts_are_judged_by_the_built_in_limits_of_production():
    verdict = classify(healthy_facts(slab_unreclaimable_bytes=11 * GIB))
    assert (verdict["verdict"], verdict["environment"]) == ("critical", "production")


def test_mappings_that_are_no_dicts_are_taken():
    policy = {"environments": {"production": {"limits": {"slab_unreclaimable": None}}}}
    assert classify(Lazy(healthy_facts(slab_unreclaimable_bytes=11 * GIB)), Lazy(policy))["verdict"] == "ok"


def test_groups_or_a_name_choose_the_environment():
    assert classify(healthy_facts(), groups=["web", "staging"])["environment"] == "staging"
    assert classify(healthy_facts(), environment="development", groups=["staging"])["environment"] == "development"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3,), "The input must be the mapping"),
        (({},), "facts"),
        ((healthy_facts(), {"nam": 1}), "nam: is not a key"),
        ((healthy_facts(), 3), "policy: must be a mapping"),
        ((healthy_facts(), None, "prod"), "The environment 'prod' is not in the policy"),
        ((healthy_facts(), None, None, "web"), "groups of a host must be a list"),
        ((healthy_facts(), None, None, [1]), "groups of a host must be a list"),
        ((healthy_facts(), None, None, 5), "groups of a host must be a list"),
        ((healthy_facts(), {"name": object()}), "can't be used here"),
    ],
)
def test_wrong_input_gives_one_ansible_error_with_the_filter_name(arguments, message):
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        classify(*arguments)
    assert "fleetaudit.kernel_memory.classify: " in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_documentation_is_valid_and_names_every_argument():
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert list(documentation["options"]) == ["_input", "policy", "environment", "groups", "name"]
    assert "fleetaudit.kernel_memory.classify" in plugin.EXAMPLES
    resolve_policy(yaml.safe_load(plugin.EXAMPLES)[-1]["vars"]["my_policy"])
    described = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    verdict = classify(healthy_facts(slab_unreclaimable_bytes=11 * GIB))
    assert set(described) == set(verdict)
    assert set(described["findings"]["contains"]) == set(verdict["findings"][0])
    assert set(described["coverage"]["contains"]) == set(verdict["coverage"])
