# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(policy_for): the policy in force on one host, and where each value comes from."""

from __future__ import annotations

DOCUMENTATION = r"""
name: policy_for
short_description: Show the policy in force on one host
version_added: 0.1.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Returns the settings that one host is judged by, and for each value whether it comes from a profile, from an
    environment of
    the policy or from the built-in settings. Where the policy is a file, the line is named, too.
  - The playbook C(fleetaudit.kernel_memory.policy) prints the same for every host.
positional: policy
options:
  _input:
    description:
      - The facts that M(fleetaudit.kernel_memory.kernel_memory_facts) returns as C(ansible_facts.kernel_memory).
      - Profiles are chosen by them. Without facts (none, or an empty mapping) no profile is tried.
    type: dict
    required: true
  policy:
    description:
      - The policy as a mapping, or as the path of a file on the controller, as in C(kernel_mem_audit_policy).
      - A relative path starts at the working folder. Without a policy the built-in settings are in force.
    type: raw
  environment:
    description:
      - The name of the environment of the host. Without it, O(groups) decide.
    type: str
  groups:
    description:
      - The inventory groups of the host, usually C(group_names).
    type: list
    elements: str
    default: []
  name:
    description:
      - The name of the host in the inventory, usually C(inventory_hostname). Profiles and waivers may ask for it.
    type: str
    default: ""
requirements:
  - jmespath, on the controller, if the policy has profiles
seealso:
  - plugin: fleetaudit.kernel_memory.validate_policy
    plugin_type: filter
  - plugin: fleetaudit.kernel_memory.classify
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read kernel memory
  fleetaudit.kernel_memory.kernel_memory_facts:

- name: Show what this host is judged by
  ansible.builtin.debug:
    msg: "{{ in_force.lines }}"
  vars:
    in_force: >-
      {{ ansible_facts.kernel_memory
         | fleetaudit.kernel_memory.policy_for('kernel-memory.yml', groups=group_names, name=inventory_hostname) }}
"""

RETURN = r"""
_value:
  description: The policy in force.
  type: dict
  contains:
    policy:
      description: The name of the policy.
      type: str
      sample: our fleet
    source:
      description: The path of the policy, V(variable), or V(default) without one.
      type: str
      sample: /etc/ansible/kernel-memory.yml
    environment:
      description: The environment of the host.
      type: str
      sample: production
    environment_source:
      description: Why it is this one - V(variable), V(default), or the inventory group.
      type: str
      sample: group prod
    profiles:
      description: The names of the profiles that apply, in the order of the policy. The last one that sets a value
        wins.
      type: list
      elements: str
    profiles_tried:
      description: Whether the profiles of the policy were tried. They are not without facts.
      type: bool
    settings:
      description: The settings, complete, in the form of an environment of the policy. Sizes are bytes, and null is
        switched off.
      type: dict
    origins:
      description: Where each value comes from, by its key path.
      type: dict
      sample:
        limits.percpu.warning.at_least: production, line 9
    waivers:
      description: The waivers of the policy that are for this host, also those that have ended.
      type: list
      elements: dict
    lines:
      description: The same as text, one line each.
      type: list
      elements: str
"""

import os
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._plain import to_plain
from ..plugin_utils.facts.facts import checked_facts
from ..plugin_utils.policy.origin import policy_in_force
from ..plugin_utils.policy.source import written_policy


def policy_for(
    facts: Any, policy: Any = None, environment: Any = None, groups: Any = (), name: str = ""
) -> dict[str, Any]:
    """Return the policy in force on the host that *facts* describe."""
    try:
        found = written_policy(to_plain(policy), os.getcwd())
        checked = checked_facts(to_plain(facts)) if facts else None
        return policy_in_force(found, checked, str(to_plain(name)), to_plain(groups), to_plain(environment))
    except ValueError as exc:
        raise AnsibleFilterError(f"fleetaudit.kernel_memory.policy_for: {exc}") from None


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"policy_for": policy_for}
