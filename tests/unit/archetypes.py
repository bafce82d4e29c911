# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Healthy archetypes of hosts, and their sick twins. All sizes are MiB."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes_of_machines import (
    BY_KERNEL,
    MACHINES,
    Archetype,
    arcstats,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import (
    GIB,
    KUBERNETES,
    PHYSICAL,
    VM,
    machine,
    pressure,
    processes,
    slabs,
)

_PAUSE = {"proc/pressure/memory": pressure(25.0, 8.0)}
_ARC = 200 * GIB
_ZFS = arcstats(_ARC + 9000, _ARC)
_GPU = ("module:nvidia",)
_BALLOON = ("module:hv_balloon",)
_SESSIONS = processes(("postgres", 400), ("postgres", 398), ("postgres", 396), ("postgres", 395), ("postgres", 390))

ARCHETYPES: dict[str, Archetype] = {
    "4 GiB VM that could have 128 CPUs": (
        {"ram": 4 * GIB, "su": 90, "percpu": 105, "cpus": 128, "online": 2, "cgroups": 100, "unaccounted": 40},
        {"percpu": 700},
        {"percpu": "warning", "kernel_unreclaimable": "warning"},
        "bpf_maps",
    ),
    "1 GiB VM that idles": (
        {
            "ram": 960,
            "su": 33,
            "sr": 40,
            "vmalloc": 20,
            "threads": 120,
            "page_tables": 5,
            "percpu": 1,
            "cpus": 1,
            "unaccounted": 20,
        },
        {"su": 560, "parts": slabs(("kmalloc-512", 500, 512), ("dentry", 30, 192), whole=600)},
        {"slab_unreclaimable": "critical", "kernel_unreclaimable": "critical"},
        "kmalloc_leak",
    ),
    "Kubernetes node with 110 pods": (
        {
            "ram": 64 * GIB,
            "su": 1900,
            "sr": 6 * GIB,
            "vmalloc": 500,
            "threads": 9000,
            "page_tables": 700,
            "percpu": 350,
            "cpus": 16,
            "cgroups": 900,
            "dying": 700,
            "unaccounted": 900,
            "signs": KUBERNETES,
        },
        {"su": 7 * GIB, "percpu": 2600, "dying": 30_000, "parts": {}},
        {"slab_unreclaimable": "warning", "percpu": "critical", "dying_cgroups": "warning"},
        "cgroup_leak",
    ),
    "build host with millions of dentries": (
        {
            "ram": 128 * GIB,
            "su": 3 * GIB,
            "sr": 40 * GIB,
            "available": 90 * GIB,
            "cpus": 64,
            "percpu": 200,
            "unaccounted": 1000,
            "files": {
                "proc/sys/fs/dentry-state": "60000000\t59000000\t45\t0\t2000000\t0\n",
                "proc/sys/fs/inode-nr": "22000000\t1200\n",
            },
            "parts": slabs(
                ("dentry", 11 * GIB, 192, 97), ("ext4_inode_cache", 24 * GIB, 1100, 98), ("buffer_head", 3 * GIB, 104)
            ),
        },
        {"available": 9 * GIB, "files": {"proc/sys/fs/dentry-state": "190000000\t189000000\t45\t0\t170000000\t0\n"}},
        {"slab_reclaimable": "warning"},
        "negative_dentries",
    ),
    "NFS or Ceph server with large file caches": (
        {
            "ram": 256 * GIB,
            "su": 9 * GIB,
            "sr": 70 * GIB,
            "available": 180 * GIB,
            "cpus": 48,
            "percpu": 150,
            "vmalloc": 900,
            "unaccounted": 2000,
            "signs": PHYSICAL,
        },
        {"files": _PAUSE, "available": 40 * GIB},
        {"memory_pressure": "warning"},
        None,
    ),
    "ZFS host": (
        {
            "ram": 512 * GIB,
            "su": 20 * GIB,
            "sr": 4 * GIB,
            "unaccounted": _ARC + 2000,
            "available": 60 * GIB,
            "cpus": 64,
            "percpu": 200,
            "vmalloc": 2000,
            "signs": (*PHYSICAL, "module:zfs"),
            "files": _ZFS,
        },
        {"unaccounted": _ARC + 80 * GIB},
        {"unaccounted": "warning"},
        "driver_page_leak",
    ),
    "GPU node": (
        {
            "ram": 512 * GIB,
            "su": 6 * GIB,
            "sr": 8 * GIB,
            "unaccounted": 90 * GIB,
            "cpus": 96,
            "percpu": 250,
            "vmalloc": 3000,
            "signs": (*PHYSICAL, *_GPU),
        },
        {"su": 70 * GIB, "parts": slabs(("kmalloc-2k", 60 * GIB, 2048), whole=78 * GIB)},
        {"slab_unreclaimable": "critical"},
        "kmalloc_leak",
    ),
    "ballooned VM": (
        {"ram": 8 * GIB, "su": 120, "unaccounted": 5546, "available": 1300, "free": 600, "signs": (*VM, *_BALLOON)},
        {"signs": VM},
        {"unaccounted": "critical"},
        "driver_page_leak",
    ),
    "256 CPUs and 2 TiB": (
        {
            "ram": 2048 * GIB,
            "su": 20 * GIB,
            "sr": 100 * GIB,
            "vmalloc": 6 * GIB,
            "threads": 40_000,
            "page_tables": 30 * GIB,
            "percpu": 4 * GIB,
            "cpus": 256,
            "cgroups": 1500,
            "unaccounted": 20 * GIB,
            "threads_limit": 4_000_000,
            "signs": PHYSICAL,
        },
        {"su": 66 * GIB, "parts": slabs(("ebitmap_node", 50 * GIB, 64), whole=166 * GIB)},
        {"slab_unreclaimable": "critical"},
        "selinux_policy_leak",
    ),
    "database with huge pages": (
        {
            "ram": 256 * GIB,
            "su": 2 * GIB,
            "sr": 3 * GIB,
            "hugetlb": 180 * GIB,
            "page_tables": 1500,
            "threads": 3000,
            "cpus": 64,
            "percpu": 200,
            "unaccounted": 1500,
            "available": 50 * GIB,
            "signs": PHYSICAL,
            "parts": processes(("postgres", 30), ("postgres", 30), ("postgres", 29), threads=3000),
        },
        {"hugetlb": 0, "page_tables": 43 * GIB, "available": 30 * GIB, "parts": _SESSIONS},
        {"page_tables": "critical"},
        "database_without_huge_pages",
    ),
    "old kernel whose VmallocUsed is address space": (
        {
            "ram": 32 * GIB,
            "su": 700,
            "vmalloc": 0,
            "release": "3.10.0-1160.el7.x86_64",
            "signs": PHYSICAL,
            "unaccounted": 400,
            "fields": {
                "VmallocUsed": 9_180_332,
                "VmallocChunk": 34_350_000_000,
                "KReclaimable": None,
                "SecPageTables": None,
                "Hugetlb": None,
            },
        },
        {
            "su": 6 * GIB,
            "parts": slabs(("skbuff_head_cache", 2 * GIB, 256), ("kmalloc-2048", 3 * GIB, 2048), whole=6 * GIB + 100),
        },
        {"slab_unreclaimable": "critical"},
        "skbuff",
    ),
    "host that has just booted": (
        {
            "ram": 16 * GIB,
            "su": 90,
            "sr": 40,
            "threads": 180,
            "page_tables": 4,
            "unaccounted": 60,
            "free": 15 * GIB,
            "available": 15 * GIB + 400,
            "uptime": 20,
        },
        {"threads": 260_000, "free": 2 * GIB},
        {"kernel_stack": "critical", "kernel_unreclaimable": "warning"},
        "thread_leak",
    ),
}

ARCHETYPES |= MACHINES | BY_KERNEL


def healthy(name: str) -> Facts:
    """Return the facts of a healthy archetype."""
    return machine(**ARCHETYPES[name][0])


def sick(name: str) -> Facts:
    """Return the facts of its sick twin."""
    shape, changes, _found, _pattern = ARCHETYPES[name]
    merged = {**shape, **changes}
    merged["files"] = {**shape.get("files", {}), **changes.get("files", {})}
    return machine(**merged)
