#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_compare
short_description: Compare two audits
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads the C(audit.json) of two runs and says what became worse, what became better, what appeared and vanished, and
    which hosts came
    and went.
  - A host that gave no data is not called cured, and neither is a dimension that could not be judged again.
  - It runs on the controller and opens no connection to a host. See the guide C(docs/merge-and-compare.md).
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  before:
    description:
      - The earlier C(audit.json), or the folder of its report, or a folder of reports for the newest of them.
        A relative path starts at the working folder.
    type: str
    required: true
  after:
    description:
      - The later C(audit.json), or a folder, as in O(before).
    type: str
    required: true
  dest:
    description:
      - A folder that C(compare.json) and C(compare.md) are written to. Without it nothing is written.
    type: str
  fail_on:
    description:
      - When the comparison fails, after it has been printed. V(worse) is a finding of warning or above that is new or
        worse, or a new host
        with one; V(data_lost) is a host that gave data before and gives none now.
    type: list
    elements: str
    choices: [worse, data_lost]
    default: []
notes:
  - Use it with C(run_once) and C(delegate_to=localhost) where a play has several hosts.
  - The files that it writes on the controller do not count as a change, since no host is changed.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_merge
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Say what an upgrade changed
  fleetaudit.kernel_memory.kernel_memory_compare:
    before: reports/2026-11-23T120000Z
    after: reports/latest
    dest: compared
    fail_on: [worse]
"""

RETURN = r"""
sentence:
  description: What changed, in one sentence.
  returned: success
  type: str
  sample: 2 hosts are worse and 5 are better
numbers:
  description: How many entries each list of the comparison has.
  returned: success
  type: dict
  sample: {worse: 1, appeared: 1, better: 0, vanished: 5, hosts_added: 0, hosts_gone: 3}
written:
  description: Absolute path of each file that was written, by output.
  returned: success
  type: dict
  sample:
    compare.json: /home/operator/compared/compare.json
summary:
  description: The lines that were printed, 25 at most.
  returned: success
  type: list
  elements: str
  sample: ["RESULT  2 hosts are worse and 5 are better  [pass -> hold]"]
"""
