# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this host can be traced, and what its trace events are made of, by their ``format`` files.

Nothing is mounted: where no tracefs is, nothing is traced. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

EVENTS = (
    "kmem/kmalloc",
    "kmem/kmalloc_node",
    "kmem/kfree",
    "kmem/kmem_cache_alloc",
    "kmem/kmem_cache_alloc_node",
    "kmem/kmem_cache_free",
    "kmem/mm_page_alloc",
    "kmem/mm_page_free",
    "percpu/percpu_alloc_percpu",
    "percpu/percpu_free_percpu",
    "task/task_newtask",
    "sched/sched_process_exit",
    "vmalloc/alloc_vmap_area",
    "vmalloc/free_vmap_area_noflush",
)
FIELD = re.compile(r"^\tfield:[^;]*?(\w+)(?:\[[^\]]*\])?;", re.M)
PRINTED = re.compile(r'^print fmt: "((?:[^"\\]|\\.)*)"', re.M)


def mounted(host):
    """Return where a tracefs is mounted, as a path, or None. Nothing is looked at that would mount one by itself."""
    for line in host.text("proc/self/mounts").splitlines():
        words = line.split()
        if len(words) > 2 and words[2] == "tracefs":
            return words[1].replace("\\040", " ")
    return None


def possible(host):
    """Return root (None where this host can't be traced), why not, lockdown and the events with their formats."""
    lockdown = re.findall(r"\[(\w+)\]", host.text("sys/kernel/security/lockdown", 256))
    answer = {"root": None, "reason": None, "lockdown": lockdown[0] if lockdown else None, "events": {}}
    root = mounted(host)
    if host.user() != 0:
        answer["reason"] = "not_root"
    elif root is None:
        answer["reason"] = "not_mounted"
    elif answer["lockdown"] == "confidentiality":
        answer["reason"] = "lockdown"
    elif not host.may_write(root + "/instances"):
        answer["reason"] = "no_instances"
    else:
        answer["root"] = root
        events = [(name, form(host, root, name)) for name in EVENTS]
        answer["events"] = {name: told for name, told in events if told}
    return answer


def form(host, root, event):
    """Return ``{fields, printed}`` of an event: the names that filters know, and the text of its lines. None: it has
    no such event.
    """
    text = host.text_at("%s/events/%s/format" % (root, event), event, 65536)
    if not text:
        return None
    printed = PRINTED.search(text)
    return {"fields": FIELD.findall(text), "printed": printed.group(1)[:500] if printed else ""}
