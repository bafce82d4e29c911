#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_facts
short_description: Gather a complete account of kernel memory
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads the memory counters of the kernel on a Linux host and returns them as one account in which nothing is counted
    twice, and in which a value that is not known is null with a reason.
  - Nothing is written on the host and no setting is changed. Root is not needed.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.facts
options:
  transport:
    description:
      - How the reading is brought from the host. The facts are the same.
      - V(lean) sends a small Python program over the connection and takes its answer in one round trip. It finds a Python
        from 2.7 up by itself (also C(platform-python)), so that it works on hosts which O(transport=module) no longer supports.
        It costs about a fifth of the CPU of C(ansible.builtin.ping).
      - V(module) runs the ordinary Ansible module. Choose it where endpoint security objects to code on standard input.
      - V(auto) takes V(lean), and V(module) where the task has C(async).
    type: str
    choices: [auto, lean, module]
    default: auto
  proc_root:
    description:
      - Where the proc file system is. Give another folder to audit a saved copy (for example from an sos report).
      - An absolute path on the host.
    type: str
    default: /proc
  sys_root:
    description:
      - Where the sys file system is. An absolute path on the host.
    type: str
    default: /sys
  deadline:
    description:
      - Seconds after which the collector stops by itself, from 1 to 300. What it could not read by then is named in the facts.
    type: int
    default: 5
  return_reading:
    description:
      - Return what the collector read, too, as RV(reading); with C(async), in place of the facts.
      - Attach it to a bug report, so that the account can be made anew.
    type: bool
    default: false
  run_id:
    description:
      - Name of the run that this gathering belongs to, as returned by M(fleetaudit.kernel_memory.kernel_memory_plan).
      - Required with O(spool).
    type: str
  spool:
    description:
      - A file on the controller to which one line is appended for this host, for
        M(fleetaudit.kernel_memory.kernel_memory_report) to read. A line is written for an unreachable or failed host, too.
      - With a spool the facts themselves are not returned, so that they don't burden every later task of a big fleet.
      - Can't be combined with C(async), C(loop) or C(delegate_to).
    type: path
  audit_environment:
    description:
      - The environment by whose limits the host is judged, if it is not to be taken from the inventory groups.
    type: str
notes:
  - Part of the work is done on the controller by the action plugin of the same name.
  - A container that shares its host's kernel is gathered, and marked as not auditable.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_plan
  - module: fleetaudit.kernel_memory.kernel_memory_report
  - plugin: fleetaudit.kernel_memory.classify
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather kernel memory
  fleetaudit.kernel_memory.kernel_memory_facts:

- name: Show what can't be given back
  ansible.builtin.debug:
    msg: "{{ ansible_facts.kernel_memory.kernel_unreclaimable_bytes | fleetaudit.kernel_memory.human_bytes }}"

- name: Account for a saved copy of /proc
  fleetaudit.kernel_memory.kernel_memory_facts:
    proc_root: /srv/crash/2026-11-24/proc
    sys_root: /srv/crash/2026-11-24/sys
"""

RETURN = r"""
ansible_facts:
  description: The account. Not returned with O(spool).
  returned: success, without O(spool)
  type: dict
  contains:
    kernel_memory:
      description: Kernel memory of this host.
      type: dict
      returned: success
      contains:
        schema_version:
          description: Version of this structure.
          type: int
          returned: success
          sample: 1
        collected_at:
          description: When the host was read, by the host's clock, in UTC.
          type: str
          returned: success
          sample: "2026-11-24T12:00:00Z"
        duration_ms:
          description: How long the collector took on the host.
          type: int
          returned: success
          sample: 4
        transport:
          description: How the reading was brought.
          type: str
          returned: success
          sample: lean
        run_id:
          description: The run, or null.
          type: str
          returned: success
          sample: 20261124T120000Z-5f0c2a
        host:
          description: Boot id, machine id, uptime, kernel release, architecture, page size, CPUs, RAM, threads. Null where not known.
          type: dict
          returned: success
          sample:
            kernel_release: 6.12.118+deb13-cloud-amd64
            architecture: x86_64
            cpus_possible: 8
            memory_total_bytes: 25276063744
        platform:
          description: Whether this is a physical server, a virtual machine or a container, with the evidence; whether it can be audited.
          type: dict
          returned: success
          sample:
            kind: vm
            auditable: true
            evidence: ["cpuinfo has the hypervisor flag"]
        dimensions:
          description: >-
            Bytes by kind of kernel memory. Null where the kernel does not say, with the reason in RV(ansible_facts.kernel_memory.unavailable).
            All but C(unaccounted_bytes) add up to RV(ansible_facts.kernel_memory.kernel_total_bytes).
          type: dict
          returned: success
          sample:
            slab_reclaimable_bytes: 669974528
            slab_unreclaimable_bytes: 393048064
            vmalloc_bytes: 4313088
            kernel_stack_bytes: 90488832
            page_tables_bytes: 472637440
            secondary_page_tables_bytes: 0
            percpu_bytes: 1024000
            misc_bytes: 0
            unaccounted_bytes: 20971520
        kernel_total_bytes:
          description: The sum of the dimensions, each counted once.
          type: int
          returned: success
          sample: 1631485952
        kernel_unreclaimable_bytes:
          description: The sum less what the kernel gives back under pressure. The number that is graded.
          type: int
          returned: success
          sample: 961511424
        accounting:
          description: >-
            How sure the sums are (C(bound) is V(exact), V(lower) or V(estimate), with reasons), what C(VmallocUsed) means on this kernel,
            whether kernel stacks are inside it, the error band of the unaccounted remainder, every term of the account,
            and likely holders of memory that no counter names.
          type: dict
          returned: success
          sample:
            bound: exact
            vmalloc_meaning: pages
            stacks_in_vmalloc: true
        unavailable:
          description: For each value that is null, why.
          type: dict
          returned: success
          sample:
            percpu_bytes: "This kernel does not report Percpu."
        attribution:
          description: Who uses it. Empty in this version.
          type: dict
          returned: success
          sample: {}
reading:
  description: What the collector read on the host, before any of it was understood.
  returned: with O(return_reading=true), without O(spool)
  type: dict
  sample:
    format: 1
    files: {proc/loadavg: "0.00 0.01 0.05 1/123 4567"}
    errors: {proc/slabinfo: EACCES}
kernel_memory_row:
  description: A short row for the play's own output.
  returned: with O(spool)
  type: dict
  sample:
    outcome: facts
    transport: lean
    kernel_unreclaimable_bytes: 961511424
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._arguments import (
    check_facts_arguments,
    facts_argument_spec,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._reader import read


def facts_of(reading, run_id):
    # Imported here, since where the controller understands the reading the host need not compile this.
    from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._facts import build_facts

    facts = build_facts(reading)
    facts["transport"] = "module"
    facts["run_id"] = run_id
    return {"kernel_memory": facts}


def main():
    module = AnsibleModule(argument_spec=facts_argument_spec(), supports_check_mode=True)
    try:
        check_facts_arguments(module.params)
        reading = read(module.params["proc_root"], module.params["sys_root"], module.params["deadline"])
        if module.params["return_reading"]:
            module.exit_json(changed=False, reading=reading)
        module.exit_json(changed=False, ansible_facts=facts_of(reading, module.params["run_id"]))
    except ValueError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
