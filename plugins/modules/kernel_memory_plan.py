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
      - Where the gathered lines are kept on the controller, for good.
      - The default is a file of the run beside the report's folder, which the report removes when it is complete. After
        a run that ended early it stays for a week, and the next run says how to make the report from it.
      - In check mode it is in the temporary folder of this run of Ansible, whatever is given.
    type: str
  gathers:
    description: Whether hosts are asked in this run. Without that no spool is begun.
    type: bool
    default: true
  gather:
    description:
      - How the hosts are asked. V(task) is a task for each host. V(fanout) is one process for all that can be asked by
        ssh (M(fleetaudit.kernel_memory.kernel_memory_gather)), and a task for each of the others.
      - V(auto) is V(fanout) from 20 hosts on, and V(task) in AWX, which counts hosts by the results of tasks.
    type: str
    choices: [auto, task, fanout]
    default: auto
  at_once:
    description: How many hosts are asked at a time by one process, from 1 to 1000. Checked here, used by
      M(fleetaudit.kernel_memory.kernel_memory_gather).
    type: int
    default: 50
  key_exchange:
    description: How ssh agrees on a key with the hosts. Checked here, used by
      M(fleetaudit.kernel_memory.kernel_memory_gather).
    type: str
    choices: [unchanged, light]
    default: unchanged
  resume:
    description:
      - The spool of a run that ended early. The run is taken up with its name and its places, and only hosts that it
        has no facts of are asked.
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
  sample: /home/operator/reports/kernel-memory-20261124T120000Z-5f0c2a.spool
hosts:
  description: How many hosts the run has.
  returned: success
  type: int
  sample: 340
gather:
  description: How they are asked, C(task) or C(fanout).
  returned: success
  type: str
  sample: fanout
to_ask:
  description: The pattern of the hosts to ask, or a list of patterns where a run is taken up.
  returned: success
  type: raw
  sample: all
controller:
  description: The name by which Ansible knows the controller. It is another than localhost where the inventory has
    127.0.0.1.
  returned: success
  type: str
  sample: localhost
"""
