# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel memory of each control group. This file is sent to hosts as source."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .files import number

PARTS = "slab kernel_stack pagetables sec_pagetables percpu vmalloc".split()
DEEPEST = 6
MOST = 400
WALK_SECONDS = 1.5
ROOT = "sys/fs/cgroup"


def groups(host):
    """Return ``{path: bytes}`` of at most 400 groups, those near the top first."""
    found, began = {}, host.clock()
    unified = host.exists(ROOT + "/cgroup.controllers")
    top = ROOT if unified else ROOT + "/memory"
    level = [""]
    for _depth in range(DEEPEST):
        parents, level = level, []
        for parent in parents:
            for name in host.folders(top + parent):
                if len(found) >= MOST or host.is_late(began, WALK_SECONDS):
                    host.errors[ROOT] = "limit"
                    return found
                path = parent + "/" + name
                level.append(path)
                found[path] = _held(host, top + path, unified)
    return found


def _held(host, key, unified):
    if not unified:
        return number(host.text(key + "/memory.kmem.usage_in_bytes", 64).strip())
    told = dict([line.partition(" ")[::2] for line in host.text(key + "/memory.stat", 16384).splitlines()])
    names = ["kernel"] if "kernel" in told else PARTS
    return sum([number(told.get(name, "0").strip()) for name in names + ["sock"]])
