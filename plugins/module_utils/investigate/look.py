# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of itself and of names: merged caches, sizes of objects, modules, taint; whether it can be traced.

This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from . import tracefs
from .descriptors import Descriptors, owners_of_sockets
from .files import PAGE, number
from .identity import process

ALIASES = 12
PROCESSES = 8
MODULES = 400
FIRST_NAMESPACE = "pid:[4026531836]"


def look(host, wanted):
    """Return what is known of the names that grow.

    Parameters: wanted, a dict with caches (names), processes (numbers whose descriptors are looked at), names (numbers
    of processes that are only named) and sockets (inodes).
    """
    held = {}
    for pid in wanted["processes"][:PROCESSES]:
        kinds, reason = Descriptors(host, pid).look()
        held[str(pid)] = {"kinds": kinds, "reason": reason}
    owners = owners_of_sockets(host, wanted["sockets"])
    named = {}
    for pid in wanted["processes"] + wanted["names"] + sorted(set(owners.values())):
        who = process(host, pid)
        if who:
            named[str(pid)] = who
    return {
        "caches": caches(host, wanted["caches"]),
        "descriptors": held,
        "sockets": {inode: owners[inode] for inode in owners},
        "processes": named,
        "profiling": host.text("proc/sys/vm/mem_profiling", 64).strip() or None,
        "tracing": tracefs.possible(host),
    }


def caches(host, names):
    """Return ``{cache: {object_bytes, reclaimable, aliases}}``; aliases are the other names of a merged cache."""
    sizes, by_target = {}, {}
    for line in host.text("proc/slabinfo").splitlines()[2:]:
        figures = line.partition(" : tunables")[0].rsplit(None, 5)
        if len(figures) == 6:
            sizes[figures[0].strip()] = number(figures[3])
    for link in host.names("sys/kernel/slab") if names else ():
        target = host.target("sys/kernel/slab/" + link).rpartition("/")[2] or link
        by_target.setdefault(target, []).append(link)
    merged = {name: target for target in by_target for name in by_target[target]}
    found = {}
    for name in names:
        target = merged.get(name, name)
        told = host.text("sys/kernel/slab/%s/reclaim_account" % name, 16).strip() if "/" not in name else ""
        found[name] = {
            "object_bytes": sizes.get(name),
            "reclaimable": told == "1" if told else None,
            "aliases": sorted([n for n in by_target.get(target, []) if n[:1] != ":" and n != name])[:ALIASES],
        }
    return found


def machine(host):
    """Return what the answer and a vendor want to know of this host: kernel, taint, modules, memory, CPUs."""
    system, modules = host.system(), []
    for words in host.rows("proc/modules", 0)[:MODULES]:
        marks = words[-1] if len(words) > 5 and words[-1][:1] == "(" else ""
        modules.append([words[0], marks.strip("()")])
    return {
        "kernel": system[2],
        "build": host.text("proc/version", 512).strip(),
        "architecture": system[4],
        "page_bytes": PAGE,
        "cpus": host.cpus(),
        "boot_id": host.text("proc/sys/kernel/random/boot_id", 64).strip() or None,
        "taint": number(host.text("proc/sys/kernel/tainted", 64).strip()),
        "modules": sorted(modules),
        "user": host.user(),
        "load": host.text("proc/loadavg", 64).split()[:4],
        # The number of the first process namespace is the same in all kernels.
        "contained": host.target("proc/self/ns/pid") not in ("", FIRST_NAMESPACE),
    }
