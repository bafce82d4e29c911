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
  - Reads what M(fleetaudit.kernel_memory.kernel_memory_facts) left in the spool, judges every host by the policy,
    writes the outputs and
    prints a summary.
  - Every host of the play stands in the report exactly once, also one that was unreachable, failed, timed out or can't
    be audited.
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
      - The spools to read. One whose place nobody chose is removed when the report is complete.
    type: list
    elements: str
    required: true
  results:
    description:
      - Name of the variable that the gathering task registered. It is read for hosts without a line in the spool, to
        tell why.
    type: str
    default: kernel_mem_audit_gathered
  latest:
    description: Whether a link C(latest) beside the report's folder leads to the newest report.
    type: bool
    default: false
  keep_reports:
    description:
      - How many reports are kept beside this one, the newest first. The default is to keep all.
      - Only folders go that this collection made and in which nothing else lies.
    type: int
  records:
    description:
      - Where the gathered records are read from. V(spool) is what this run's own gathering left on the controller.
      - V(history) is what several runs with the same O(run_id) have left in the history store by O(keep_records). They
        are judged as one
        fleet, and every host of the play that none of them has reported is one without data.
    type: str
    choices: [spool, history]
    default: spool
  keep_records:
    description:
      - Whether the gathered records, too, are kept in the history store, for a week, so that one report can be made of
        several slices of a fleet.
        A host that is gathered again replaces what was there of it.
      - Without it they are kept where the history is in PostgreSQL and the job is part of an AWX workflow, as slices of
        a job are
        (C(awx_workflow_job_id) is defined).
      - Where they can't be kept, the task fails once the report is written.
    type: bool
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy over the same hosts as
    the gathering.
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
    sentence: "2 of 340 hosts are critical."
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
result:
  description: The result in at most 8 KiB of JSON, for C(ansible.builtin.set_stats), with the worst 20 hosts at most.
  returned: success
  type: dict
  sample:
    run_id: awx-7
    decision: fail
    sentence: "2 of 340 hosts are critical."
    counts: {ok: 330, warning: 6, critical: 2, unknown: 2, total: 340}
    worst_hosts:
      - {name: db1, verdict: critical, finding: slab_unreclaimable limit}
    hosts_left_out: 0
summary:
  description: The lines that were printed, 30 at most, the verdict last.
  returned: success
  type: list
  elements: str
  sample: ["CRITICAL  2 of 340 hosts. First to run out: db1 in about 9 days."]
screen:
  description: What the callbacks of this collection show as the last screen, as plain data of bounded size.
  returned: success
  type: dict
messages:
  description:
    - The same for other receivers - C(title), C(text), C(ticket), and the bodies that C(slack), C(mattermost), C(teams)
      and C(pagerduty) take. See C(docs/deliver.md).
  returned: success
  type: dict
"""
