#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_gate
short_description: Say whether a rollout may go on
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Looks at the kernel memory of a host before and after it is changed (a new kernel, mostly), and decides once a batch
    whether the
    rollout may go on.
  - The entry point C(gate) of the role P(fleetaudit.kernel_memory.kernel_mem_audit#role) has these phases in the right
    order; this module is
    what it is made of.
  - The state of a rollout is in the history or in a folder on the controller, so a stop holds even where Ansible itself
    would go on, as it does after an unreachable host.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.controller
attributes:
  action:
    details: The phases V(look), V(before), V(after) and V(step_failed) look at the host. The others open no connection.
options:
  phase:
    description:
      - V(look) looks at a host. V(before) looks at it before it is changed. V(touch) says whether it may be touched,
        and opens no connection; V(drained) and V(changed) note how far its change has come, before the next step of it
        is taken. V(after) waits until it has settled. V(step_failed) notes that a step of the change failed on it,
        V(served) that it is back in service, or with O(message) why it is not. None of these ever fails because of the
        host, also where the host can't be reached.
      - V(reset) takes back the decision of an earlier run. V(plan) saves the hosts of the play as the targets of the
        rollout. V(begin) begins a batch, or refuses to. V(decide_before) and
        V(batch) decide on it before and after the change, V(service) after its hosts were brought back. V(check)
        decides on hosts as they are now, V(soak) on how hosts have grown since they were changed. Use these with
        C(run_once) and C(delegate_to=localhost).
      - V(free) frees the hosts of a run that is gone, with O(message) as the reason, which goes to the audit trail. A
        run that was killed on another machine holds them for an hour, and nobody can ask whether it lives.
    type: str
    required: true
    choices:
      [look, before, touch, drained, changed, after, step_failed, served, reset, plan, begin, decide_before, batch,
      service, check, soak, free]
  rollout:
    description:
      - The name of the rollout. Hosts that are done under this name are not changed again, so the next kernel needs
        another name.
    type: str
    default: rollout
  gate_dir:
    description:
      - The folder on the controller with the decisions of all rollouts. A relative path starts at the working folder.
        Where no history is named the state of the rollouts is there, too.
    type: str
    default: gate
  run_id:
    description:
      - The name of this run. The default is different for each run of C(ansible-playbook).
    type: str
  policy:
    description:
      - The policy whose section C(gate) decides, as the path of a file or as a mapping. See the guide C(docs/gate.md).
    type: raw
  history:
    description:
      - Where the audits of these hosts are kept, as in M(fleetaudit.kernel_memory.kernel_memory_report). The gate
        judges hosts by it as an audit does, and compares at equal uptime with it.
      - Where it is named, here or by the environment variable E(KERNEL_MEM_AUDIT_HISTORY), the state of the rollout is
        in it, in SQLite or PostgreSQL.
    type: str
  expected_kernel:
    description:
      - The kernel release that hosts must come back with. C(*) and C(?) stand for any text and any character.
      - Without it any other kernel than before will do.
    type: str
  override:
    description:
      - Lets a stopped rollout go on in spite of its stop. It is the reason, in words, and is written to the audit
        trail.
      - It lifts the stop that stands when the run begins, and not one that this run comes to.
    type: str
  within_days:
    description:
      - The phase V(soak) looks at hosts that were changed in the last days, so many.
    type: float
    default: 30.0
  junit:
    description:
      - Also write the decision to this file as JUnit XML.
    type: str
  message:
    description:
      - What failed, for the phases V(step_failed) and V(served); the reason, for the phase V(free).
    type: str
  minimum_hosts:
    description:
      - How many hosts the play must have at least. A play without any host is always an error.
    type: int
    default: 1
  hosts_pattern:
    description:
      - The hosts that are meant, for the phase V(plan). The default is all of the play.
    type: raw
  drains:
    description:
      - Whether the rollout takes hosts out of service by a step of its own, for the phase V(plan). Then a host is being
        drained from the phase V(touch) until the phase V(drained) has noted that it is.
    type: bool
    default: false
  serves:
    description:
      - Whether the rollout brings hosts back into service by a step of its own, for the phase V(plan). Then a host that
        was let through is out of service until the phase V(served) has noted that it is back.
    type: bool
    default: false
  transport:
    description:
      - How the host is looked at, as in M(fleetaudit.kernel_memory.kernel_memory_facts).
    type: str
    choices: [auto, lean, module, shell]
    default: auto
  proc_root:
    description:
      - Where the proc file system is on the host.
    type: str
    default: /proc
  sys_root:
    description:
      - Where the sys file system is on the host.
    type: str
    default: /sys
  deadline:
    description:
      - Seconds after which the collector stops by itself on the host.
    type: int
    default: 5
  audit_environment:
    description:
      - The environment of the host, if it is not to be taken from its inventory groups.
    type: str
notes:
  - The play needs the C(linear) strategy. Under any other the module fails before a host is touched.
  - Files are written on the controller only, so no phase counts as a change.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
  - module: fleetaudit.kernel_memory.kernel_memory_report
"""

EXAMPLES = r"""
- name: Decide for this batch
  fleetaudit.kernel_memory.kernel_memory_gate:
    phase: batch
    rollout: kernel-2026-11
  register: gate
  run_once: true
  delegate_to: localhost

- name: Stop here
  ansible.builtin.fail:
    msg: "{{ gate.last_line }}"
  when: gate.decision != 'pass'
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
decision:
  description: What the gate says.
  returned: phases that decide
  type: str
  sample: fail
sentence:
  description: Why, in one sentence.
  returned: phases that decide
  type: str
  sample: "1 of 3 hosts of this batch in production is bad, and none is allowed: web1 (It did not come back)."
reasons:
  description: All reasons, each with the decision that it speaks for.
  returned: phases that decide
  type: list
  elements: dict
batch:
  description: The number of the batch.
  returned: phases that decide
  type: int
  sample: 1
state:
  description: Names of all targets by the kernel that they run - V(new), V(old), V(untouched), or V(unknown) where a
    host was touched and not seen since.
  returned: phases that decide
  type: dict
accepted:
  description: Hosts of the batch that are no worse than before.
  returned: phases that decide
  type: list
  elements: str
stats:
  description: The few values for C(set_stats).
  returned: phases that decide
  type: dict
last_line:
  description: The decision in one line.
  returned: phases that decide
  type: str
  sample: "GATE PASS: Nothing speaks against going on."
path:
  description: Absolute path of C(decision.json). Null in check mode.
  returned: phases that decide
  type: str
  sample: /home/operator/gate/rollout/decision.json
todo:
  description: Hosts of the batch that are not done.
  returned: phase V(begin)
  type: list
  elements: str
serve:
  description: Of the phase V(begin) the hosts of the batch that are done and were not brought back into service. Of the
    phase V(touch) whether this host is one of them.
  returned: phases V(begin) and V(touch)
  type: raw
may_begin:
  description: Whether the batch may begin.
  returned: phase V(begin)
  type: bool
serial:
  description: The batches that the policy asks for, as the keyword C(serial) takes them.
  returned: phase V(plan)
  type: list
  elements: raw
  sample: [3, "10%", "25%"]
folder:
  description: The working folder, at which relative paths start.
  returned: phase V(plan)
  type: str
  sample: /home/operator
targets:
  description: The number of hosts of the rollout.
  returned: phase V(plan)
  type: int
  sample: 40
freed:
  description: What was held, as V(host web1) or V(rollout kernel-2026-11).
  returned: phase V(free)
  type: list
  elements: str
holder:
  description: The run that held it, as its machine, its process there, when that began, and the run's name.
  returned: phase V(free)
  type: str
held_since:
  description: Since when it was held, in UTC.
  returned: phase V(free)
  type: str
host:
  description: The name of the host.
  returned: phases that look
  type: str
  sample: web1
outcome:
  description: What the look came to.
  returned: phases that look
  type: str
  sample: good
done:
  description: Whether the rollout is through with the host.
  returned: phases V(look) and V(before)
  type: bool
touch:
  description: Whether the host may be changed now.
  returned: phase V(before)
  type: bool
judge:
  description: Whether the host is to be judged after the change; also true for one that an earlier run has changed
    already.
  returned: phase V(before)
  type: bool
judged_again:
  description: Whether an earlier run has changed the host already, so that it is only judged again.
  returned: phase V(before)
  type: bool
settled:
  description: Whether the host has settled in time.
  returned: phase V(after)
  type: bool
looks:
  description: The number of the last looks that were kept to see whether it is quiet.
  returned: phase V(after)
  type: int
waited_seconds:
  description: How long the host was waited for.
  returned: phase V(after)
  type: int
reason:
  description: Why it has not settled. Null where it has.
  returned: phase V(after)
  type: str
"""
