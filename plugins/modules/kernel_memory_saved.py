#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_saved
short_description: Find saved copies of hosts, and make the older ones of a host its history
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Looks for saved copies of C(/proc) below a folder, also in archives (C(.tar), C(.tar.gz), C(.tar.xz), C(.tar.bz2),
    C(.zip)), and returns the hosts that they are of. The playbook C(fleetaudit.kernel_memory.audit_saved) audits them.
  - Several copies of one host are its history. The newest is returned, the older ones are kept in a history, each at
    the time at which it was made. Copies are of one host where they have its name and machine id, its boot, its name
    and RAM, or folders of one name, and where nothing else that they tell speaks against it.
  - Of an archive only regular files that an audit reads are taken, into Ansible's temporary folder on the controller,
    256 MiB of an archive at most. Links, devices and names that lead elsewhere are left out. An archive that can't be
    unpacked is a warning.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
options:
  path:
    description: The folder that holds the copies, or one archive.
    type: str
    required: true
  history:
    description:
      - The history that older copies are kept in, as for M(fleetaudit.kernel_memory.kernel_memory_report).
      - Without it, and with V(none), they are kept in one that goes when Ansible ends.
    type: str
  deadline:
    description: Seconds after which reading a copy ends.
    type: int
    default: 5
notes:
  - In check mode nothing is added to a history that is given.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
"""

EXAMPLES = r"""
- name: Find saved copies
  fleetaudit.kernel_memory.kernel_memory_saved:
    path: /srv/sosreports
  register: saved
  delegate_to: localhost
"""

RETURN = r"""
hosts:
  description: The hosts, each with the roots of its newest copy and how many copies there are.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "web1", "proc_root": "/srv/web1/proc", "sys_root": "/srv/web1/sys", "copies": 3}]
history:
  description: Where the older copies are, for the report; V(none) where no history is kept.
  returned: success
  type: str
  sample: none
"""
