# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(validate_policy): everything that is wrong with a policy."""

from __future__ import annotations

DOCUMENTATION = r"""
name: validate_policy
short_description: List everything that is wrong with a policy
version_added: 0.1.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Returns a sentence for each mistake of a policy, with its key path and, where the policy is text, its line.
  - A policy without mistakes gives an empty list. What is a policy is in the guide "Set limits".
options:
  _input:
    description:
      - The policy as a mapping, or as the text of a policy file in YAML or JSON.
    type: raw
    required: true
requirements:
  - jmespath, on the controller, if the policy has profiles
seealso:
  - plugin: fleetaudit.kernel_memory.policy_for
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check the policy before it is merged
  ansible.builtin.assert:
    that: problems == []
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ lookup('ansible.builtin.file', 'kernel-memory.yml') | fleetaudit.kernel_memory.validate_policy }}"
"""

RETURN = r"""
_value:
  description: The mistakes, in the order in which they were found.
  type: list
  elements: str
  sample:
    - >-
      environments.production.limits.slab: line 9: is not a key that can stand here; did you mean slab_unreclaimable or
      slab_reclaimable?
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._plain import to_plain
from ..plugin_utils.policy.file import text_problems
from ..plugin_utils.policy.resolve import PolicyError, resolve_policy


def validate_policy(policy: Any) -> list[str]:
    """Return what is wrong with *policy*."""
    try:
        plain = to_plain(policy)
        if isinstance(plain, str):
            return text_problems(plain)
        resolve_policy(plain)
    except PolicyError as exc:
        return exc.problems
    except ValueError as exc:
        raise AnsibleFilterError(f"fleetaudit.kernel_memory.validate_policy: {exc}") from None
    return []


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"validate_policy": validate_policy}
