# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: compare
short_description: Compare the kernel memory of a host before and after a change
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Sets two looks at one host against each other, dimension by dimension, and says what is more, less or the same.
  - A host that has just booted has cold caches. Give O(earlier) looks from other boots, and amounts are compared at
    equal uptime where there
    is one. Otherwise more is more, but less proves nothing.
  - What to make of the differences is a matter of the policy. For a whole rollout use the role's entry point C(gate).
positional: after
options:
  _input:
    description: The facts from before, C(ansible_facts.kernel_memory).
    type: dict
    required: true
  after:
    description: The facts from after.
    type: dict
    required: true
  noise_at_least:
    description: The bytes that a difference must reach to count, as a number of bytes or a size such as V(64 MiB).
    type: raw
    default: 64 MiB
  noise_percent_of_ram:
    description: The share of RAM that it must reach to count. The larger of both holds.
    type: float
    default: 0.25
  earlier:
    description: Facts of earlier boots of the host.
    type: list
    elements: dict
    default: []
seealso:
  - plugin: fleetaudit.kernel_memory.classify
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what the new kernel costs
  ansible.builtin.debug:
    msg: "{{ (kernel_memory_before | fleetaudit.kernel_memory.compare(ansible_facts.kernel_memory)).dimensions }}"
"""

RETURN = r"""
_value:
  description: The comparison.
  type: dict
  contains:
    rebooted:
      description: Whether it is another boot. Null where a boot id is not known.
      type: bool
    kernel_before:
      description: The kernel before, its release and architecture.
      type: str
    kernel_after:
      description: The kernel after.
      type: str
    kernel_changed:
      description: Whether these differ.
      type: bool
    uptime_before_seconds:
      description: Seconds since the boot, before.
      type: float
    uptime_after_seconds:
      description: Seconds since the boot, after.
      type: float
    memory_total_bytes:
      description: The RAM in bytes, after.
      type: int
    at_equal_uptime:
      description: Whether an earlier boot could be compared at equal uptime.
      type: bool
    dimensions:
      description: >-
        By dimension C(before_bytes), C(after_bytes), C(reference_bytes) (what it is compared with),
        C(difference_bytes), C(noise_bytes),
        C(ratio), C(basis) (V(before) or V(equal_uptime)), C(outcome) (V(same), V(more), V(less) or V(not_comparable))
        and C(reason).
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._plain import to_plain
from ..plugin_utils.facts.facts import checked_facts
from ..plugin_utils.gate.before_after import compare_facts, earlier_of
from ..plugin_utils.policy.gate_settings import noise_settings


def compare(
    before: Any, after: Any, noise_at_least: Any = "64 MiB", noise_percent_of_ram: Any = 0.25, earlier: Any = ()
) -> dict[str, Any]:
    """Return the comparison of two looks at one host."""
    try:
        noise = noise_settings(to_plain(noise_at_least), to_plain(noise_percent_of_ram))
        looks = [earlier_of(checked_facts(one).as_plain()) for one in to_plain(earlier) or ()]
        old, new = (checked_facts(to_plain(one)).as_plain() for one in (before, after))
        return compare_facts(old, new, noise, None, looks)
    except ValueError as exc:
        raise AnsibleFilterError(f"fleetaudit.kernel_memory.compare: {exc}") from None


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"compare": compare}
