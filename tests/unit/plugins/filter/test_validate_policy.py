# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter validate_policy: plain adapter around the code of the policy."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter import validate_policy as plugin

validate_policy = plugin.FilterModule().filters()["validate_policy"]


@pytest.mark.parametrize(
    "policy",
    [{}, None, "", "---\nname: ours\n", '{"name": "ours"}', {"environments": {"production": {"groups": ["prod"]}}}],
)
def test_a_policy_without_mistakes_gives_an_empty_list(policy):
    assert validate_policy(policy) == []


def test_every_mistake_is_a_sentence_and_text_has_lines():
    wrong = {"nam": "x", "environments": {"production": {"limits": {"slab": {}}}}}
    sentences = [
        "nam: is not a key that can stand here; did you mean name?",
        "environments.production.limits.slab: is not a key that can stand here; did you mean slab_unreclaimable or "
        "slab_reclaimable?",
    ]
    assert validate_policy(wrong) == sentences
    assert [line.split(": ")[1] for line in validate_policy(yaml.safe_dump(wrong, sort_keys=False))] == [
        "line 1",
        "line 5",
    ]
    assert validate_policy(3) == ["policy: must be a mapping of keys to settings."]


def test_what_can_not_be_data_gives_one_ansible_error():
    with pytest.raises(
        AnsibleFilterError, match="fleetaudit.kernel_memory.validate_policy: Data of the type object can't be used here"
    ):
        validate_policy({"name": object()})


def test_the_documentation_is_valid():
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert list(documentation["options"]) == ["_input"]
    assert yaml.safe_load(plugin.RETURN)["_value"]["type"] == "list"
    assert "fleetaudit.kernel_memory.validate_policy" in plugin.EXAMPLES
