#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_gather
short_description: Gather the kernel memory of all hosts of a play from one process
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Asks all hosts of the play's batch by ssh clients that one process starts, with the arguments that Ansible's own ssh
    plugin makes. Inventory, variables, templates, become, host keys, jump hosts and ssh's configuration are used as by
    any other task. A host costs the controller no worker of its own.
  - Each answer goes into the spool at once, as by M(fleetaudit.kernel_memory.kernel_memory_facts).
  - A host whose settings ask for more (another connection than ssh, a password given by sshpass, become methods other
    than sudo and su, a terminal) is returned in RV(ordinary), to be asked by a task of its own. The playbook
    C(fleetaudit.kernel_memory.audit) does that.
  - How a host is asked is taken from its variables C(kernel_mem_audit_transport), C(kernel_mem_audit_proc_root),
    C(kernel_mem_audit_sys_root), C(kernel_mem_audit_gather_subset), C(kernel_mem_audit_deadline),
    C(kernel_mem_audit_environment) and C(kernel_mem_audit_timeout), templated for each host.
  - No host is marked unreachable or failed by it, and nothing is registered for a host. Use it for audits alone.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.gathering
options:
  run_id:
    description: Name of the run, as M(fleetaudit.kernel_memory.kernel_memory_plan) returns it.
    type: str
    required: true
  spool:
    description: The file that answers are appended to, as M(fleetaudit.kernel_memory.kernel_memory_plan) returns it.
    type: str
    required: true
  at_once:
    description:
      - How many hosts are asked at a time, from 1 to 1000. Each takes about 1.3 MiB of memory and four file
        descriptors meanwhile. Through one jump host that is named in the host's ssh arguments, at most 8 are asked at a
        time.
    type: int
    default: 50
  key_exchange:
    description:
      - How ssh agrees on a key with a host. V(unchanged) leaves that to ssh and its configuration.
      - V(light) prefers what costs little, C(mlkem768x25519-sha256) where ssh knows it, and C(curve25519-sha256).
        It is much cheaper than C(sntrup761x25519-sha512), the default of OpenSSH 9.0 to 9.8. Between such versions it
        gives up that recorded traffic is safe from a quantum computer of the future. See the guide
        C(docs/performance.md).
      - It stays unchanged for a host that a password is sent to, and where the host's ssh arguments name
        C(KexAlgorithms). It comes before a C(KexAlgorithms) of ssh's configuration files.
    type: str
    choices: [unchanged, light]
    default: unchanged
notes:
  - Use it with C(run_once) and C(delegate_to=localhost), in a play with the C(linear) strategy over the hosts. The
    play's keywords (C(become), C(remote_user)) hold for all hosts; what differs by host belongs into variables.
  - Ctrl-C and SIGTERM end all ssh clients.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_plan
  - module: fleetaudit.kernel_memory.kernel_memory_facts
"""

EXAMPLES = r"""
- name: Gather the kernel memory of all hosts
  fleetaudit.kernel_memory.kernel_memory_gather:
    run_id: "{{ kernel_mem_audit_plan.run_id }}"
    spool: "{{ kernel_mem_audit_plan.spool }}"
    at_once: 100
  register: kernel_mem_audit_asked
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
hosts:
  description: How many hosts the batch has.
  returned: success
  type: int
  sample: 4000
outcomes:
  description: How many hosts came to which outcome.
  returned: success
  type: dict
  sample: {"facts": 3991, "unreachable": 6, "timed_out": 1}
ordinary:
  description: Patterns of the hosts that need a task of their own.
  returned: success
  type: list
  elements: str
  sample: ["web1", "web2"]
ordinary_reasons:
  description: Why they need one, each reason with its number of hosts.
  returned: success
  type: dict
  sample: {"its password is given to ssh by sshpass": 2}
cpu:
  description: Seconds of CPU of this process, of them for the hosts' settings, and of the ssh clients.
  returned: success
  type: dict
  sample: {"own_s": 10.6, "settings_s": 5.2, "ssh_s": 104.1}
"""
