# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter policy_for: plain adapter around the code of the policy."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter import policy_for as plugin
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

policy_for = plugin.FilterModule().filters()["policy_for"]
POLICY = {
    "environments": {"staging": {"groups": ["stage"], "limits": {"vmalloc": {"warning": {"percent_of_ram": 7}}}}},
    "profiles": [{"name": "web", "match": "starts_with(name, 'web')", "limits": {"percpu": "none"}}],
}


def test_the_settings_of_a_host_come_with_their_origins():
    answer = policy_for(healthy_facts(), POLICY, groups=["stage"], name="web1")
    assert (answer["environment"], answer["environment_source"], answer["profiles"]) == (
        "staging",
        "group stage",
        ["web"],
    )
    assert answer["settings"]["limits"]["vmalloc"]["warning"]["percent_of_ram"] == 7
    assert answer["origins"]["limits.vmalloc.warning.percent_of_ram"] == "staging"
    assert answer["origins"]["limits.percpu.critical"] == "profile web"


@pytest.mark.parametrize("facts", [None, {}])
def test_without_facts_profiles_are_not_tried(facts):
    answer = policy_for(facts, POLICY, "production", name="web1")
    assert (answer["environment"], answer["environment_source"]) == ("production", "variable")
    assert (answer["profiles"], answer["profiles_tried"]) == ([], False)


def test_a_policy_may_be_a_path(tmp_path, monkeypatch):
    (tmp_path / "policy.yml").write_text("name: ours\n")
    monkeypatch.chdir(tmp_path)
    assert policy_for(None, "policy.yml")["source"] == str(tmp_path / "policy.yml")


def test_the_answer_is_plain_data():
    answer = policy_for(healthy_facts(), POLICY, groups=["stage"], name="web1")
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"a": 1},), "facts"),
        ((healthy_facts(), {"nam": 1}), "nam: is not a key"),
        ((healthy_facts(), 3), "must be the path of a file or a mapping"),
        ((healthy_facts(), "/nowhere.yml"), "can't be read"),
        ((healthy_facts(), None, "prod"), "The environment 'prod' is not in the policy"),
        (
            (healthy_facts(), {"profiles": [{"name": "p", "match": "host.cpus_possible"}]}, None, [], "web1"),
            "The profile p can't be tried on web1",
        ),
    ],
)
def test_wrong_input_gives_one_ansible_error_with_the_filter_name(arguments, message):
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        policy_for(*arguments)
    assert "fleetaudit.kernel_memory.policy_for: " in str(caught.value)


def test_the_documentation_is_valid_and_names_every_argument_and_field():
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert list(documentation["options"]) == ["_input", "policy", "environment", "groups", "name"]
    assert set(yaml.safe_load(plugin.RETURN)["_value"]["contains"]) == set(policy_for(healthy_facts()))
