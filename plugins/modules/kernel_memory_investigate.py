#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_investigate
short_description: Find out which function and process makes a host's kernel memory grow
version_added: 1.0.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Asks a host four questions in their order, and stops when an object or a function and a process are named. What
    grows in every one of several windows; which allocation site, where the kernel profiles its allocations; which
    objects name themselves; and, only where it is asked for, what the kernel's own trace events say.
  - The answer is read from the kernel. There is no table of known leaks.
  - Nothing is installed, mounted, loaded or set. Tracing makes a private instance of the kernel's trace buffer for some
    seconds, and removes it whatever happens. See the guide C(docs/investigate.md) for what it costs.
  - Command lines and environments of processes are never read.
  - Without root the first questions are asked all the same, and the answer says what root would add.
options:
  windows:
    description: How many windows lie between the readings. What grows must grow in each of them.
    type: int
    default: 4
  window:
    description:
      - How many seconds a window is. Long windows see slower leaks than many windows do.
    type: float
    default: 4.0
  busy:
    description:
      - Whether the floors for busy hosts apply, which are four times as high.
      - Without it they apply where the load is 1 a CPU or more.
    type: bool
  dimensions:
    description:
      - Dimensions that a finding is about. They are traced even if they do not grow just now; then nobody is named with
        more than a medium confidence.
    type: list
    elements: str
    choices:
      - slab_unreclaimable
      - slab_reclaimable
      - vmalloc
      - kernel_stack
      - page_tables
      - secondary_page_tables
      - percpu
      - socket_buffers
      - hugetlb
      - unaccounted
    default: []
  trace:
    description:
      - Whether the host may be traced where the other questions do not name both object and process.
      - Needs root and a mounted tracefs. It is refused where the load, the memory pressure or the available memory say
        that the host would suffer.
    type: bool
    default: false
  trace_always:
    description:
      - Trace the host also where object and process are named without, to learn which function it is. Implies O(trace).
    type: bool
    default: false
  trace_seconds:
    description: How long each of at most two dimensions is traced, 5 seconds at most.
    type: float
    default: 4.0
  trace_load:
    description: The load a CPU above which a host is not traced.
    type: float
    default: 2.0
  continue_from:
    description:
      - The RV(investigation) that an earlier task returned for the same host. Its readings are used, and only the trace
        is asked for. So that many hosts can be read at a time, and one traced.
    type: dict
  transport:
    description:
      - How the questions come to the host. V(lean) sends a program to its Python in one round trip for each question,
        V(module) an ordinary module, V(auto) is V(lean). A host without Python can't be investigated.
    type: str
    choices: [auto, lean, module]
    default: auto
attributes:
  action:
    description: Has a part that runs on the controller, before anything runs on the host.
    support: full
  async:
    description: Works with the C(async) keyword.
    support: none
  check_mode:
    description: Reads in check mode as always, and does not trace.
    support: full
  diff_mode:
    description: Nothing is changed, so there is no difference to show.
    support: none
  platform:
    description: Target OS that can be operated against.
    platforms: linux
    support: full
notes:
  - It takes at least O(windows) times O(window) seconds, 16 by default, and with a trace 5 to 10 more.
  - Limit how many hosts are traced at a time with C(throttle).
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_facts
  - module: fleetaudit.kernel_memory.kernel_memory_investigation
"""

EXAMPLES = r"""
- name: Find out what grows, and who it is
  fleetaudit.kernel_memory.kernel_memory_investigate:
  become: true
  register: kernel_mem_audit_investigated

- name: Trace one host at a time, where that would tell more
  fleetaudit.kernel_memory.kernel_memory_investigate:
    continue_from: "{{ kernel_mem_audit_investigated.investigation }}"
    trace: true
  become: true
  throttle: 1
  when: kernel_mem_audit_investigated.wants_trace | default(false)
  register: kernel_mem_audit_traced

- name: Look for a slow leak, for five minutes
  fleetaudit.kernel_memory.kernel_memory_investigate:
    window: 75
  become: true
"""

RETURN = r"""
sentence:
  description: The answer in one sentence. Names that come from the host stand between backticks.
  returned: success
  type: str
  sample: "`packet_set_ring` < `packet_setsockopt`, called by `tcpdump` (pid 4242, `capture.service`): 3.1 MiB a second,
    98 % of what grows in no counter while it was traced; 0 events lost."
confidence:
  description: How sure it is, V(high), V(medium), V(low), or V(none) where nobody is named.
  returned: success
  type: str
  sample: high
answered:
  description: Whether an object or a function, and a process, explain most of what grows.
  returned: success
  type: bool
  sample: true
wants_trace:
  description: Whether a trace would tell more, is possible on this host, and was not asked for.
  returned: success
  type: bool
  sample: false
can_trace:
  description: Whether what grows can be traced on this host.
  returned: success
  type: bool
  sample: true
investigation:
  description:
    - All that is known of the host, as in C(investigation.json) (C(docs/schemas/investigation-1.schema.json)), with the
      readings that it was worked out from.
    - Where the host gave no answer, its name, the outcome and a message.
  returned: always
  type: dict
  sample: {name: web1, outcome: investigated, confidence: high}
"""
