#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_settings
short_description: Check all settings of this collection before any host is touched
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Every variable that begins with C(kernel_mem_audit_) is of this collection. Ansible ignores one that nobody reads,
    so a typing error in its name would quietly mean the default; this task refuses it, and says which name was meant.
  - Checks the values, too, and what they name. These are types, ranges and choices, the policy, the files of hooks, the
    folder of the report, and whether the history can be used. Every mistake is told at once.
  - Says what is odd about environments. These are hosts that are judged by default though their groups look like
    environments, names of environments that the policy has not, and environments without a host.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  entry:
    description:
      - Which playbook is about to begin. It decides which settings are used.
    type: str
    required: true
    choices:
      - audit
      - audit_saved
      - report
      - gate
      - rolling_upgrade
      - rollout_free
      - import_history
      - merge
      - compare
      - policy
      - awx
      - deliver
      - investigate
  hosts_pattern:
    description:
      - The pattern of hosts that the next plays use, within the hosts of this play.
      - Without it the hosts of this batch of the play count.
    type: raw
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_plan
"""

EXAMPLES = r"""
- name: Check the settings before any host is touched
  fleetaudit.kernel_memory.kernel_memory_settings:
    entry: audit
  register: kernel_mem_audit_settings
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
mistakes:
  description: What is wrong, a sentence for each mistake. With any the task fails.
  returned: always
  type: list
  elements: str
  sample: ["kernel_mem_audit_polcy is no setting of this collection; did you mean kernel_mem_audit_policy?"]
notes:
  description: What is allowed, and worth knowing.
  returned: always
  type: list
  elements: str
  sample:
    - >-
      40 of 100 hosts are judged as production by default, though groups look like environments: env_stage (40). If they
      are, write into the policy: environments: {staging: {groups: [env_stage]}}
"""
