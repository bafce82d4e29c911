#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_report
short_description: Judge a run's hosts and write one report
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads what M(fleetaudit.kernel_memory.kernel_memory_facts) left in the spool, judges every host by the policy, writes the outputs and
    prints a summary.
  - Every host of the play stands in the report exactly once, also one that was unreachable, failed, timed out or can't be audited.
    A host without data is never reported as healthy.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
  - fleetaudit.kernel_memory.audit
options:
  run_id:
    description:
      - Name of the run. Lines of other runs are left out.
    type: str
    required: true
  started_at:
    description:
      - When the run was planned, in UTC.
    type: str
  report_dir:
    description:
      - The folder that the outputs are written to. It is made where it does not exist.
    type: str
    required: true
  spool:
    description:
      - The spools to read.
    type: list
    elements: str
    required: true
  results:
    description:
      - Name of the variable that the gathering task registered. It is read for hosts without a line in the spool, to tell why.
    type: str
    default: kernel_mem_audit_gathered
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy over the same hosts as the gathering.
  - The files that it writes on the controller do not count as a change, since no host is changed.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
  - module: fleetaudit.kernel_memory.kernel_memory_plan
"""

EXAMPLES = r"""
- name: Write the report
  fleetaudit.kernel_memory.kernel_memory_report:
    run_id: "{{ kernel_mem_audit_plan.run_id }}"
    started_at: "{{ kernel_mem_audit_plan.started_at }}"
    report_dir: "{{ kernel_mem_audit_plan.report_dir }}"
    spool: ["{{ kernel_mem_audit_plan.spool }}"]
    policy: policy.yml
    fail_on: [critical]
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
run_id:
  description: Name of the run.
  returned: success
  type: str
  sample: 20261124T120000Z-5f0c2a
decision:
  description: What the run comes to, in a word, in a sentence, and with its reasons.
  returned: success
  type: dict
  sample:
    decision: fail
    sentence: "Not ready: 2 of 340 hosts are critical."
verdict_counts:
  description: Number of hosts by verdict, for all and by environment.
  returned: success
  type: dict
  sample:
    all: {ok: 330, warning: 6, critical: 2, unknown: 2, total: 340}
report_dir:
  description: Absolute path of the report's folder. Null in check mode.
  returned: success
  type: str
  sample: /home/operator/reports/2026-11-24T120000Z
written:
  description: Absolute path of each file that was written, by output.
  returned: success
  type: dict
  sample:
    report.html: /home/operator/reports/2026-11-24T120000Z/report.html
summary:
  description: The lines that were printed, 25 at most.
  returned: success
  type: list
  elements: str
  sample: ["KERNEL MEMORY AUDIT  2026-11-24T12:00:00Z  hosts=340"]
"""
