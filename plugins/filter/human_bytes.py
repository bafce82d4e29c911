# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(human_bytes): bytes as text."""

from __future__ import annotations

DOCUMENTATION = r"""
name: human_bytes
short_description: Show a number of bytes in binary units
version_added: 0.1.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Shows a number of bytes in the largest binary unit that fits (KiB, MiB, GiB and so on), with one decimal.
  - A size that is a whole number of its unit has no decimal, so C(64.0 GiB) is rounded and C(64 GiB) is exact.
options:
  _input:
    description: A whole number of bytes.
    type: int
    required: true
seealso:
  - plugin: fleetaudit.kernel_memory.classify
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the kernel memory of a host
  ansible.builtin.debug:
    msg: "{{ ansible_facts.kernel_memory.kernel_total_bytes | fleetaudit.kernel_memory.human_bytes }}"
    # => 1.5 GiB
"""

RETURN = r"""
_value:
  description: The size as text.
  type: str
  sample: 1.5 GiB
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._plain import to_plain
from ..plugin_utils.text.units import human_bytes as as_text
from ..plugin_utils.text.units import whole_bytes


def human_bytes(size_bytes: Any) -> str:
    """Return a number of bytes as text."""
    try:
        return as_text(whole_bytes(to_plain(size_bytes)))
    except ValueError as exc:
        raise AnsibleFilterError(f"fleetaudit.kernel_memory.human_bytes: {exc}") from None


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"human_bytes": human_bytes}
