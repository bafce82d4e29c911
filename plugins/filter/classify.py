# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(classify): judges one host's kernel memory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: classify
short_description: Judge the kernel memory of one host
version_added: 0.1.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Judges the facts of one host against the limits of its environment.
  - It does what the audit does for each host, with the same code, so both give the same verdict.
positional: policy
options:
  _input:
    description:
      - The facts that M(fleetaudit.kernel_memory.kernel_memory_facts) returns as C(ansible_facts.kernel_memory).
    type: dict
    required: true
  policy:
    description:
      - The limits, as the guide "Set limits" describes them. Whatever it leaves out keeps its built-in limit.
      - Without a policy all limits are the built-in ones.
    type: dict
  environment:
    description:
      - The name of the environment whose limits count.
      - Without it, O(groups) decide.
    type: str
  groups:
    description:
      - The inventory groups of the host, usually C(group_names).
      - The environment that the policy lists first and that names one of these groups counts; without any, the policy's
        C(default_environment) does.
    type: list
    elements: str
    default: []
  name:
    description:
      - The inventory's name of the host, which profiles and waivers may ask for, usually C(inventory_hostname).
    type: str
    default: ""
seealso:
  - plugin: fleetaudit.kernel_memory.human_bytes
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read kernel memory
  fleetaudit.kernel_memory.kernel_memory_facts:

- name: Stop here if the kernel holds too much memory
  ansible.builtin.assert:
    that: verdict.verdict in ['ok', 'warning']
    fail_msg: "{{ verdict.findings | map(attribute='explanation') | join(' ') }}"
  vars:
    verdict: "{{ ansible_facts.kernel_memory | fleetaudit.kernel_memory.classify(groups=group_names) }}"

- name: Judge by limits of your own
  ansible.builtin.debug:
    msg: "{{ ansible_facts.kernel_memory | fleetaudit.kernel_memory.classify(my_policy, environment='staging') }}"
  vars:
    my_policy:
      environments:
        staging:
          limits:
            slab_unreclaimable:
              warning: {percent_of_ram: 10, at_least: 640 MiB}
"""

RETURN = r"""
_value:
  description: The verdict on the host.
  type: dict
  contains:
    verdict:
      description: >-
        The worst severity of the findings (V(critical), V(warning)), else V(ok); V(unknown) where the host can't be
        audited or nothing could be judged.
      type: str
      sample: warning
    environment:
      description: The environment whose limits counted.
      type: str
      sample: production
    findings:
      description: What exceeds its limit, the worst first.
      type: list
      elements: dict
      contains:
        dimension:
          description: The kind of kernel memory.
          type: str
          sample: slab_unreclaimable
        kind:
          description: The rule that found it. A host by itself has V(limit) only.
          type: str
          sample: limit
        severity:
          description: V(critical), V(warning), or V(info), which does not change the verdict.
          type: str
          sample: warning
        status:
          description: V(current).
          type: str
          sample: current
        value:
          description: What was measured.
          type: int
          sample: 9878424780
        limit:
          description: The limit on this host, in the same unit.
          type: int
          sample: 5497558138
        unit:
          description: V(bytes), V(threads) or V(bytes_per_thread).
          type: str
          sample: bytes
        expected:
          description: The rule in words.
          type: str
          sample: 8 % of RAM, at least 512 MiB, at most 32 GiB
        explanation:
          description: One sentence that can be checked by hand.
          type: str
        next_step:
          description: What to do next.
          type: str
        command:
          description: A command that shows more on the host.
          type: str
          sample: sudo slabtop -o -s c | head -20
        meaning:
          description: What such a finding means and, of a limit, what is usual on such a machine.
          type: str
        pattern:
          description: The name of the known cause whose signs the host shows, as the guide C(docs/patterns.md) has
            them, or null.
          type: str
          sample: thread_leak
        evidence:
          description: The numbers behind the sentence, by name.
          type: dict
    waived:
      description: Findings that a waiver of the policy takes out, with the status V(waived).
      type: list
      elements: dict
    profiles:
      description: The names of the policy's profiles that apply to the host.
      type: list
      elements: str
      sample: [databases]
    coverage:
      description: What was judged (RV(_value.coverage.judged)), what was not and why, and a summary as text.
      type: dict
      contains:
        judged:
          description: The names of what was judged.
          type: list
          elements: str
        not_judged:
          description: The reason for each dimension, or part of one, that was not judged.
          type: dict
        checks:
          description: The same of the checks beside the dimensions, as fragmentation and limits of objects.
          type: dict
        history:
          description: How many dimensions have a history to be judged by; null here, since a filter has no history.
          type: dict
        similar_hosts:
          description: How many similar hosts there are; null here, since a filter has one host.
          type: int
        similar_hosts_reason:
          description: Why the host was not compared with similar hosts; null here.
          type: str
        text:
          description: The same in words.
          type: str
          sample: 6 of 7 dimensions judged
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._plain import to_plain
from ..plugin_utils.facts.facts import checked_facts
from ..plugin_utils.judging.classify import classify as judge
from ..plugin_utils.policy.policy import policy_of


def classify(
    facts: Any, policy: Any = None, environment: Any = None, groups: Any = (), name: Any = ""
) -> dict[str, Any]:
    """Return the verdict on the host that *facts* describe."""
    try:
        if not isinstance(facts, Mapping):
            raise ValueError("The input must be the mapping that kernel_memory_facts returns.")
        resolved = policy_of(to_plain(policy))
        members = to_plain(groups)
        place, _source = resolved.environment_of(members, to_plain(environment))
        checked = checked_facts(to_plain(facts))
        return judge(checked, resolved, place, name=str(to_plain(name) or ""), groups=members or ()).as_plain()
    except ValueError as exc:
        raise AnsibleFilterError(f"fleetaudit.kernel_memory.classify: {exc}") from None


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"classify": classify}
