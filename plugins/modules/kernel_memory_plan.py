#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_plan
short_description: Check an audit's settings and name its run, before any host is touched
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Checks everything that can be checked before a host is touched, so that a run over thousands of hosts does not fail
    at its end.
    These are the policy, the outputs, the folder of the report, and the number of hosts.
  - Returns the name of the run and the places that M(fleetaudit.kernel_memory.kernel_memory_facts) and
    M(fleetaudit.kernel_memory.kernel_memory_report) need.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
  - fleetaudit.kernel_memory.audit
options:
  hosts_pattern:
    description:
      - The pattern of hosts that the next plays use, to be counted within the hosts of this play.
      - Without it all hosts of this play count.
    type: raw
  run_id:
    description:
      - Name of the run. Give one where several jobs make one run together.
      - The default is made of the time and a random part. In an AWX workflow it is C(awx-ID) with the workflow's
        C(awx_workflow_job_id), which
        slices of a job share; a second audit in the same workflow gets C(awx-ID-2).
    type: str
  report_dir:
    description:
      - The folder of the report. The default is a new C(reports/TIME) in the working folder.
    type: str
  spool:
    description:
      - Where the gathered lines are kept on the controller. The default is the private temporary folder of this
        run of Ansible, which is removed at its end.
    type: str
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Plan the audit
  fleetaudit.kernel_memory.kernel_memory_plan:
    policy: policy.yml
  register: kernel_mem_audit_plan
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
run_id:
  description: Name of the run.
  returned: success
  type: str
  sample: 20261124T120000Z-5f0c2a
started_at:
  description: When the run was planned, in UTC.
  returned: success
  type: str
  sample: "2026-11-24T12:00:00Z"
report_dir:
  description: Absolute path of the report's folder. It need not exist yet.
  returned: success
  type: str
  sample: /home/operator/reports/2026-11-24T120000Z
spool:
  description: Absolute path of the spool on the controller.
  returned: success
  type: str
  sample: /home/operator/.ansible/tmp/ansible-local-4711/kernel-memory-20261124T120000Z-5f0c2a-audit.jsonl
hosts:
  description: How many hosts the run has.
  returned: success
  type: int
  sample: 340
"""
