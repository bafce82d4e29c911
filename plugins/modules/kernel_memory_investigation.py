#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_investigation
short_description: Choose the hosts of an investigation, and report what they answered
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - The two ends of an investigation. The phase V(plan) chooses the hosts before any is touched; the phase V(report)
    says what the hosts have in common and writes C(investigation.json), C(investigation.md), C(investigation.html) and
    the bundle for a vendor.
  - Between the two, M(fleetaudit.kernel_memory.kernel_memory_investigate) asks the hosts. The playbook
    C(fleetaudit.kernel_memory.investigate) has all three. See the guide C(docs/investigate.md).
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  phase:
    description: What to do.
    type: str
    choices: [plan, report]
    required: true
  hosts_pattern:
    description:
      - A list of host names, of which those of this play are investigated. Without it all hosts of this play are.
    type: raw
  audit:
    description:
      - An C(audit.json), the folder of its report, or a folder of reports for the newest of them. Its worst hosts that
        are hosts of this play are investigated, each for the dimensions of its findings, and healthy hosts of the same
        kernels beside them.
      - Without it the hosts of the play are investigated.
    type: str
  hosts:
    description: How many hosts are investigated at most, healthy ones not counted.
    type: int
    default: 10
  healthy:
    description: How many healthy hosts of the same kernels are asked, too, where the hosts are chosen from an audit.
    type: int
    default: 2
  plan:
    description: What the phase V(plan) returned. Needed by the phase V(report).
    type: dict
  results:
    description: Names of the registered variables that hold what the hosts returned; the last with an answer counts.
    type: list
    elements: str
    default: [kernel_mem_audit_investigated, kernel_mem_audit_traced]
  dest:
    description: The folder that is written to. The default is a new C(reports/TIME) in the working folder.
    type: str
  outputs:
    description:
      - What is written. V(report.html) is the page of the audit that the hosts were chosen from, with the investigation
        as a section; without O(audit) there is none.
    type: list
    elements: str
    choices: [investigation.json, investigation.md, investigation.html, report.html]
    default: [investigation.json, investigation.md, investigation.html, report.html]
  bundle:
    description:
      - Also write C(investigation-bundle.tar.gz) for a vendor's support case. It holds readings, versions, modules and
        taint, and no command lines and no environment.
    type: bool
    default: false
  pseudonyms:
    description:
      - Whether the bundle calls hosts, commands, units and control groups by pseudonyms. Who is meant stands in
        C(investigation-names.json) beside it, which is not for the vendor.
    type: bool
    default: true
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy.
  - The files that it writes on the controller do not count as a change, since no host is changed.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_investigate
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Choose the worst hosts of an audit
  fleetaudit.kernel_memory.kernel_memory_investigation:
    phase: plan
    audit: reports/latest
  register: kernel_mem_audit_investigation
  run_once: true
  delegate_to: localhost

- name: Report what they answered
  fleetaudit.kernel_memory.kernel_memory_investigation:
    phase: report
    plan: "{{ kernel_mem_audit_investigation }}"
    bundle: true
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
hosts:
  description: The hosts that are investigated.
  returned: phase plan
  type: list
  elements: str
  sample: [web1, web7]
roles:
  description: Why each is, V(sick), V(healthy) or V(asked).
  returned: phase plan
  type: dict
  sample: {web1: sick, web7: healthy}
dimensions:
  description: The dimensions that each is asked for, since findings are about them.
  returned: phase plan
  type: dict
  sample: {web1: [slab_unreclaimable], web7: []}
notes:
  description: Sentences on hosts that were left out.
  returned: phase plan
  type: list
  elements: str
  sample: []
audit:
  description: Absolute path of the audit that the hosts were chosen from; null without one.
  returned: phase plan
  type: str
  sample: /srv/audits/reports/2026-11-24T120000Z/audit.json
audit_run_id:
  description: The run of the audit that the hosts were chosen from; null without one.
  returned: phase plan
  type: str
  sample: 20261124T120000Z-5f0c2a
dest:
  description: Absolute path of the folder that the report will be written to.
  returned: phase plan
  type: str
  sample: /home/operator/reports/2026-11-24T120000Z
sentence:
  description: The answer of all hosts in one sentence.
  returned: phase report
  type: str
  sample: "`packet_set_ring`, called by `tcpdump`: on 3 of 3 hosts, and on none of the 2 hosts of the same kernel that
    are healthy."
shared:
  description: Each culprit that hosts have in common.
  returned: phase report
  type: list
  elements: dict
  sample: []
counts:
  description: How many hosts there were, and how many answered.
  returned: phase report
  type: dict
  sample: {hosts: 5, investigated: 5, sick: 3, healthy: 2}
written:
  description: Absolute path of each file that was written, by its name.
  returned: phase report
  type: dict
  sample: {investigation.json: /home/operator/reports/2026-11-24T120000Z/investigation.json}
summary:
  description: The lines that were printed, 30 at most.
  returned: phase report
  type: list
  elements: str
  sample: ["WHO MAKES KERNEL MEMORY GROW  5 of 5 hosts answered"]
"""
