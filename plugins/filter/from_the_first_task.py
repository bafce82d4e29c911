# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(from_the_first_task): refuse a run that skips the beginning of a playbook."""

from __future__ import annotations

DOCUMENTATION = r"""
name: from_the_first_task
short_description: Refuse a run that begins in the middle of a playbook
version_added: 1.0.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Returns its input, unless C(ansible-playbook) was told to begin at a later task (C(--start-at-task)). Then it fails.
  - A play whose tasks are all left out ends with the exit code 0. In C(hosts) of a play this filter is asked also where
    no task is, so a gate can't be left out in that way.
options:
  _input:
    description: A pattern of hosts.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Upgrade in batches
  hosts: "{{ 'web' | fleetaudit.kernel_memory.from_the_first_task }}"
"""

RETURN = r"""
_value:
  description: The input.
  type: str
"""

from collections.abc import Callable

from ansible import context
from ansible.errors import AnsibleFilterError


def from_the_first_task(pattern: str) -> str:
    """Return *pattern*, where the run begins with the first task."""
    begins_at = context.CLIARGS.get("start_at_task")
    if begins_at is None:
        return pattern
    raise AnsibleFilterError(
        f"The run was told to begin at the task {str(begins_at)[:120]!r}, which leaves out tasks of the gate, so it "
        "can't decide anything; run it without --start-at-task."
    )


class FilterModule:
    """Offers the filter to Ansible."""

    def filters(self) -> dict[str, Callable[[str], str]]:
        return {"from_the_first_task": from_the_first_task}
