#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_reading
short_description: Read the kernel memory counters of a host, without understanding them
description:
  - The part of M(fleetaudit.kernel_memory.kernel_memory_facts) that
    O(fleetaudit.kernel_memory.kernel_memory_facts#module:transport=module)
    runs on the host, unless C(allocinfo) or C(vmalloc) are asked for. The facts are made of its reading on the
    controller, so nothing that
    makes them travels to the host.
  - Use M(fleetaudit.kernel_memory.kernel_memory_facts) in plays; what a reading holds may change with each version.
version_added: "0.1.0"
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
options:
  proc_root:
    description: Where C(/proc), or a saved copy of it, is on the host.
    type: str
    default: /proc
  sys_root:
    description: Where C(/sys), or a saved copy of it, is on the host.
    type: str
    default: /sys
  deadline:
    description: Seconds after which the rest is left out.
    type: int
    default: 5
  always:
    description: Names of what to read beyond the counters.
    type: list
    elements: str
    choices: [cgroups, numa, objects, pressure, processes, slab]
    default: []
  needed:
    description: Names of what to read beyond the counters only where the host has much of it.
    type: list
    elements: str
    choices: [cgroups, numa, objects, pressure, processes, slab]
    default: []
attributes:
  check_mode:
    description: Runs in check mode as always.
    support: full
  diff_mode:
    description: Nothing is changed, so there is no difference to show.
    support: none
"""

EXAMPLES = r"""
- name: Read the counters alone
  fleetaudit.kernel_memory.kernel_memory_reading:
  register: host_counters
"""

RETURN = r"""
reading:
  description: What was read, before any of it was understood.
  returned: success
  type: dict
  sample: {format: 1, files: {proc/loadavg: "0.00 0.01 0.05 1/123 4567"}, errors: {proc/slabinfo: EACCES}}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read

NAMES = ["cgroups", "numa", "objects", "pressure", "processes", "slab"]


def load(name):
    """Return one of the modules that these names need, imported only now: Ansible packs what it sees imported, and a
    host compiles what really is.
    """
    if name == "parts":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import parts as module
    elif name == "numa":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import numa as module
    elif name == "cgroup":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import cgroup as module
    elif name == "rare_parts":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import rare_parts as module
    elif name == "slabinfo":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import slabinfo as module
    elif name == "saved":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import saved as module
    elif name == "processes":
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import processes as module
    else:
        from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import bound as module
    return module


def main():
    names = {"type": "list", "elements": "str", "choices": NAMES, "default": []}
    roots = {"proc_root": {"type": "str", "default": "/proc"}, "sys_root": {"type": "str", "default": "/sys"}}
    module = AnsibleModule(
        argument_spec=dict(roots, deadline={"type": "int", "default": 5}, always=names, needed=names),
        supports_check_mode=True,
    )
    given = module.params
    subsets = dict(dict.fromkeys(given["needed"], "needed"), **dict.fromkeys(given["always"], "always"))
    module.exit_json(
        changed=False, reading=read(given["proc_root"], given["sys_root"], given["deadline"], subsets, load)
    )


if __name__ == "__main__":
    main()
