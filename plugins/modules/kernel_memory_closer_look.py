#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_closer_look
short_description: Choose the hosts of a run that are worth a second reading
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Judges what the hosts of a run have answered by their own rules, and returns those with a warning or a critical
    finding for which nothing was read of who holds the memory, with the subsets that would tell.
  - Reading all subsets on all hosts would cost each host what few of them need. The playbook
    C(fleetaudit.kernel_memory.audit) reads the returned hosts again by M(fleetaudit.kernel_memory.kernel_memory_facts);
    the report takes the later reading of a host, and the earlier one where the second failed.
  - What a host has already refused, and what C(kernel_mem_audit_gather_subset) leaves out with C(!), is not asked for
    again. Saved copies are read whole at once.
  - Where choosing fails, there is a warning, no host is read again, and the audit goes on.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  run_id:
    description: Name of the run, as M(fleetaudit.kernel_memory.kernel_memory_plan) returns it.
    type: str
    required: true
  spool:
    description: The file that holds the answers, as M(fleetaudit.kernel_memory.kernel_memory_plan) returns it.
    type: str
    required: true
  policy:
    description: The limits, as for M(fleetaudit.kernel_memory.kernel_memory_report).
    type: raw
  history:
    description: Where earlier audits are kept, as for M(fleetaudit.kernel_memory.kernel_memory_report).
    type: str
  at_most:
    description: So many hosts at most, those with the worst findings first. With V(0) none.
    type: int
    default: 200
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play over all hosts of the run, after they were asked.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Choose the hosts whose findings nobody can explain yet
  fleetaudit.kernel_memory.kernel_memory_closer_look:
    run_id: "{{ kernel_mem_audit_plan.run_id }}"
    spool: "{{ kernel_mem_audit_plan.spool }}"
  register: kernel_mem_audit_closer
  run_once: true
  delegate_to: localhost

- name: Read them again
  fleetaudit.kernel_memory.kernel_memory_facts:
    gather_subset: "{{ kernel_mem_audit_closer.subsets[inventory_hostname] }}"
    run_id: "{{ kernel_mem_audit_plan.run_id }}"
    spool: "{{ kernel_mem_audit_plan.spool }}"
  when: inventory_hostname in kernel_mem_audit_closer.subsets
  ignore_errors: true
  ignore_unreachable: true
"""

RETURN = r"""
hosts:
  description: Patterns of the hosts to read again, for the C(hosts) of a play.
  returned: success
  type: list
  elements: str
  sample: ["web1", "web2"]
subsets:
  description: What to gather then, by host.
  returned: success
  type: dict
  sample: {"web1": ["default", "vmalloc"]}
left_out:
  description: How many more hosts have such a finding.
  returned: success
  type: int
  sample: 0
"""
