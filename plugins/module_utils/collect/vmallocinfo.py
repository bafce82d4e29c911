# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The areas of /proc/vmallocinfo, added up by the code that allocated them.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

TOP = 10
NAME = 64
# Kernels have a few hundred callers; a file with more is not theirs and must not fill the memory.
CALLERS = 5000
FLAGS = frozenset([b"ioremap", b"vmalloc", b"vmap", b"user", b"vpages", b"dma-coherent", b"sparse"])
# Who allocates kernel stacks; which of them is named depends on what the compiler inlined.
STACKS = frozenset(
    b"dup_task_struct alloc_thread_stack_node copy_process kernel_clone _do_fork do_fork fork_idle kernel_thread"
    b" user_mode_thread create_io_thread vhost_task_create sys_clone sys_clone3 __do_sys_clone __do_sys_clone3".split()
)
# Who allocates the code of compiled BPF programs and seccomp filters, which bpf_jit_limit bounds.
JIT = frozenset(b"bpf_jit_alloc_exec bpf_jit_binary_alloc bpf_prog_pack_alloc alloc_new_pack".split())


def parse_vmallocinfo(lines):
    """Return the callers with most pages and the sums over all areas.

    Parameters: lines, an iterable of lines as bytes without their ends; None stands for a line that could not be read
    whole. Rows are ``[caller, pages, areas]``. Pages are what is really allocated; the size of an area is address
    space, which is memory in no case and is added up for ioremap only. A line that is not understood is counted in
    bad_lines and adds nothing.
    """
    callers, pages, mapped, stacks, jit, areas, bad = {}, 0, 0, 0, 0, 0, 0
    for line in lines:
        area = line and _area(line.split())
        if not area:
            bad += 1
            continue
        caller, size, held, is_mapping = area
        areas += 1
        pages += held
        if is_mapping:
            mapped += size
        function = caller.partition(b" ")[0].partition(b".")[0]
        if function in STACKS:
            stacks += held
        elif function in JIT:
            jit += held
        if caller not in callers and len(callers) >= CALLERS:
            caller = b"(others)"
        entry = callers.setdefault(caller, [0, 0])
        entry[0] += held
        entry[1] += 1
    rows = [(-callers[name][0], name.decode("utf-8", "replace")[:NAME], callers[name][1]) for name in callers]
    rows = [[name, -negative, number] for negative, name, number in sorted(rows)[:TOP]]
    return {
        "rows": rows,
        "pages": pages,
        "ioremap_bytes": mapped,
        "stack_pages": stacks,
        "jit_pages": jit,
        "areas": areas,
        "bad_lines": bad,
    }


def _area(words):
    """Return (caller, bytes, pages, whether it is ioremap) or None. Tokens are told by their form, since columns
    shift.
    """
    if len(words) < 2 or words[0][:2] != b"0x" or b"-0x" not in words[0] or not _is_number(words[1]):
        return None
    rest, caller = words[2:], b"unknown"
    if rest and rest[0] not in FLAGS and b"=" not in rest[0]:
        caller = rest.pop(0).partition(b"+0x")[0]
        if rest and rest[0][:1] == b"[" and rest[0][-1:] == b"]":
            caller += b" " + rest.pop(0)
    pages = 0
    for word in rest:
        if word[:6] == b"pages=":
            if not _is_number(word[6:]):
                return None
            pages = int(word[6:])
    return caller, int(words[1]), pages, b"ioremap" in rest


def _is_number(word):
    return word.isdigit() and len(word) <= 18
