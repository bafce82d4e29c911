# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel memory of each control group. This file is sent to hosts as source."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

from .files import number

PARTS = "slab kernel_stack pagetables sec_pagetables percpu vmalloc".split()
DEEPEST = 6
MOST = 400
WALK_SECONDS = 1.5


def groups(host):
    """Return ``{path: bytes}`` of at most 400 groups, those near the top first."""
    found, began = {}, host.clock()
    top, unified = host.path("sys/fs/cgroup"), True
    if not os.path.exists(top + "/cgroup.controllers"):
        top, unified = top + "/memory", False
    level = [""]
    for _depth in range(DEEPEST):
        parents, level = level, []
        for parent in parents:
            for path in _children(top, parent):
                if len(found) >= MOST or host.is_late(began, WALK_SECONDS):
                    host.errors["sys/fs/cgroup"] = "limit"
                    return found
                level.append(path)
                found[path] = _held(host, top + path, unified)
    return found


def _children(top, parent):
    try:
        names = sorted(os.listdir(top + parent))
    except OSError:
        return []
    return [parent + "/" + name for name in names if os.path.isdir(top + parent + "/" + name)]


def _held(host, folder, unified):
    key = "sys" + folder[len(host.roots["sys"]) :]
    if not unified:
        return number(host.text(key + "/memory.kmem.usage_in_bytes", 64).strip())
    told = dict([line.partition(" ")[::2] for line in host.text(key + "/memory.stat", 16384).splitlines()])
    names = ["kernel"] if "kernel" in told else PARTS
    return sum([number(told.get(name, "0").strip()) for name in names + ["sock"]])
