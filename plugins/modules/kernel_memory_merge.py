#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_merge
short_description: Make one audit of several
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads the C(audit.json) of several runs (of slices, of sites, of days) and spools, makes one audit of them, writes
    its outputs and prints
    a summary.
  - Every host stands in the merged audit exactly once. Of a host that several inputs have, the newest data counts, and
    a note says so.
    Two names with one boot id share a kernel, which counts once.
  - Hosts of C(audit.json) keep the verdicts that they were given. Hosts of spools are judged, all spools of one run as
    one fleet.
  - Where an input or a slice is missing, the decision is V(inconclusive) unless it is V(fail).
  - It runs on the controller and opens no connection to a host. See the guide C(docs/merge-and-compare.md).
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  inputs:
    description:
      - Paths of files C(audit.json) and of spools on the controller. Wildcards are allowed. A relative path starts at
        the working folder.
      - A path without wildcards that is not there is a missing input.
    type: list
    elements: str
    required: true
  report_dir:
    description:
      - The folder that the outputs are written to. The default is a new C(reports/TIME) in the working folder.
    type: str
  outputs:
    description:
      - Which files are written.
    type: list
    elements: str
    default: [audit.json, report.html, hosts.csv]
  output_names:
    description: File names of outputs by output, where they shall be called otherwise.
    type: dict
    default: {}
  junit_warnings:
    description: What a host with a warning is in C(junit.xml).
    type: str
    choices: [pass, fail]
    default: pass
  report_mode:
    description:
      - Who may read the files of the report, as four octal digits in quotes, V(0640) say. Who may read them may enter
        the folders that are made for it.
      - Without it V(0640), less what the umask takes away.
    type: str
  latest:
    description: Whether a link C(latest) beside the report's folder leads to this report.
    type: bool
    default: false
    version_added: 1.0.0
  keep_reports:
    description:
      - How many reports are kept beside this one, the newest first. The default is to keep all.
      - Only folders go that this collection made and in which nothing else lies, reports that were merged among them.
    type: int
    version_added: 1.0.0
  policy:
    description:
      - The policy that hosts of spools are judged by, as the path of a file or as a mapping. Hosts of C(audit.json)
        were judged already.
    type: raw
  spool_run_id:
    description:
      - Take only the records of this run from spools. Without it each run that the spools have is one input.
    type: str
  run_id:
    description:
      - Name of the merged run. The default is that of the inputs where they are of one run, and else a name made of all
        theirs.
    type: str
  expected_slices:
    description:
      - How many inputs there must be.
    type: int
  expected_hosts:
    description:
      - Hosts that must stand in the inputs, C(groups['all']) for instance. Those that do not are hosts without data.
    type: list
    elements: str
    default: []
  fail_on:
    description:
      - When the merge fails, after the outputs have been written. V(unknown) stands for hosts that gave no data, and
        for missing inputs.
    type: list
    elements: str
    choices: [critical, warning, unknown]
    default: []
notes:
  - Use it with C(run_once) and C(delegate_to=localhost) where a play has several hosts.
  - The files that it writes on the controller do not count as a change, since no host is changed.
  - Where the report lies in a folder of reports, that folder's C(index.html) is made anew.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_compare
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Make one report of four slices
  fleetaudit.kernel_memory.kernel_memory_merge:
    inputs: [slices/*/audit.json]
    expected_slices: 4
    expected_hosts: "{{ groups['all'] }}"
    fail_on: [critical, unknown]

- name: Judge the spools of a run that was cut short
  fleetaudit.kernel_memory.kernel_memory_merge:
    inputs: [/var/tmp/kernel-memory.jsonl]
    policy: policy.yml
"""

RETURN = r"""
run_id:
  description: Name of the merged run.
  returned: success
  type: str
  sample: 20261124T120000Z-5f0c2a
decision:
  description: What the merged audit comes to, in a word, in a sentence, and with its reasons.
  returned: success
  type: dict
  sample:
    decision: inconclusive
    sentence: "A part of the audit is missing"
verdict_counts:
  description: Number of hosts by verdict, for all and by environment.
  returned: success
  type: dict
  sample:
    all: {ok: 330, warning: 6, critical: 2, unknown: 2, total: 340}
merged:
  description: The inputs, how many hosts each has and how many of them were used, and which inputs are missing.
  returned: success
  type: dict
  sample:
    expected_slices: 4
    missing: [/srv/slices/4/audit.json]
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
    run_id: merged-5f0c2a
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
