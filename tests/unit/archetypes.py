# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts made by hand as readings, so that accounting is tested with them: healthy archetypes and their sick twins.

All sizes are MiB. What is given adds up to RAM with the memory of programs and files as the rest, so ``unaccounted`` is
what the facts must show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, worst
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import meminfo

GIB = 1024
"""In MiB."""
PAGES = 256
"""Of 4 KiB, in a MiB."""

PHYSICAL = ("cpu_flags",)
VM = ("cpu_flags", "hypervisor_flag")
CONTAINER_HOST = (*VM, "path:run/docker.sock")
KUBERNETES = (*VM, "path:var/lib/kubelet", "path:sys/fs/cgroup/kubepods.slice", "path:run/containerd/containerd.sock")


def machine(
    ram: int,
    *,
    su: int,
    sr: int = 100,
    vmalloc: int = 40,
    threads: int = 400,
    page_tables: int = 20,
    percpu: int = 4,
    hugetlb: int = 0,
    unaccounted: int = 50,
    available: int | None = None,
    free: int | None = None,
    cpus: int = 4,
    online: int | None = None,
    cgroups: int = 80,
    dying: int = 0,
    threads_limit: int = 500_000,
    release: str = "6.12.0",
    arch: str = "x86_64",
    signs: Sequence[str] = VM,
    fields: Mapping[str, int | None] | None = None,
    files: Mapping[str, str] | None = None,
    parts: Mapping[str, Any] | None = None,
    uptime: int = 864_000,
    stack_kib: int = 16,
) -> Facts:
    """Return the facts of such a host. *free* and *available* are an eighth and a half of RAM if not given; *fields*
    replace those of meminfo (KiB).
    """
    free = ram // 8 if free is None else free
    stacks = threads * stack_kib // 1024
    # On x86_64 kernel stacks are inside VmallocUsed.
    used = ram - free - su - sr - vmalloc - stacks - page_tables - percpu - hugetlb - unaccounted
    assert used > 0, "the host has less RAM than its parts"
    sizes: dict[str, int | None] = {
        "MemTotal": ram,
        "MemFree": free,
        "MemAvailable": ram // 2 if available is None else available,
        "Buffers": 0,
        "Cached": used // 2,
        "SwapCached": 0,
        "Active_anon": used - used // 2,
        "Inactive_anon": 0,
        "Active_file": used // 2,
        "Inactive_file": 0,
        "Unevictable": 0,
        "AnonPages": used - used // 2,
        "KReclaimable": sr,
        "Slab": su + sr,
        "SReclaimable": sr,
        "SUnreclaim": su,
        "KernelStack": stacks,
        "PageTables": page_tables,
        "SecPageTables": 0,
        "VmallocUsed": vmalloc + stacks,
        "VmallocChunk": 0,
        "Percpu": percpu,
        "Hugetlb": hugetlb,
    }
    text = {name: value if value is None else value * 1024 for name, value in sizes.items()}
    text |= fields or {}
    reading = {
        "format": 1,
        "collected_at": 1764000000.1,
        "duration_ms": 7,
        "python": "3.11.7",
        "uid": 0,
        "system": "Linux",
        "machine": arch,
        "page_size": 4096,
        "live": True,
        "errors": {},
        "sums": {"pcp_pages": 0},
        "found": list(signs),
        "links": {"proc/self/ns/pid": "pid:[4026531836]"},
        "cut": [],
        "subsets": sorted({"cgroups", "numa", "objects", "pressure", *(parts or {})}),
        "parts": {
            "numa": {"rows": []},
            "cgroups": {"version": 2, "rows": [], "seen": cgroups, "dying": dying},
            **(parts or {}),
        },
        "files": {
            "proc/meminfo": meminfo(**{name: value for name, value in text.items() if value is not None}),
            "proc/loadavg": f"0.50 0.40 0.30 2/{threads} 4242\n",
            "proc/uptime": f"{uptime}.10 100.0\n",
            "proc/vmstat": "nr_zspages 0\nnr_isolated_anon 0\noom_kill 0\nend 0\n",
            "proc/sys/kernel/threads-max": f"{threads_limit}\n",
            "proc/sys/kernel/pid_max": "4194304\n",
            "proc/sys/kernel/osrelease": f"{release}\n",
            "proc/sys/kernel/tainted": "0\n",
            "sys/devices/system/cpu/possible": f"0-{cpus - 1}\n",
            "sys/devices/system/cpu/online": f"0-{(online or cpus) - 1}\n",
            "sys/fs/cgroup/cgroup.stat": f"nr_descendants {cgroups}\nnr_dying_descendants {dying}\n",
            "proc/pressure/memory": pressure(0.0, 0.0),
            "proc/buddyinfo": "Node 0, zone   Normal  100  80  60  40  30  20  10  9  8  7  60 \n",
            "proc/sys/fs/dentry-state": "90000\t60000\t45\t0\t9000\t0\n",
            "proc/sys/fs/inode-nr": "80000\t1200\n",
            "proc/sys/fs/file-nr": "4000\t0\t731760\n",
            "proc/net/sockstat": "sockets: used 300\nTCP: inuse 20 orphan 0 tw 0 alloc 30 mem 40\n",
            "proc/sys/net/ipv4/tcp_mem": "90000\t120000\t180000\n",
            **(files or {}),
        },
    }
    return checked_facts(build_facts(reading))


def pressure(some: float, full: float) -> str:
    """Return the text of /proc/pressure/memory with the same averages for all spans."""
    return "".join(
        f"{kind} avg10={share:.2f} avg60={share:.2f} avg300={share:.2f} total=5\n"
        for kind, share in (("some", some), ("full", full))
    )


def slabs(
    *caches: tuple[Any, ...], outside: int = 0, whole: int | None = None, aliases: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """Return the part of slab caches: (name, MiB, bytes of an object[, percent in use])."""
    rows = []
    for name, size, object_bytes, *use in caches:
        objects = size * 1024 * 1024 // object_bytes
        rows.append(
            [
                name,
                objects * (use[0] if use else 100) // 100,
                objects,
                object_bytes,
                max(4096 // object_bytes, 1),
                1,
                size * PAGES,
            ]
        )
    pages = (sum(cache[1] for cache in caches) if whole is None else whole) * PAGES
    return {
        "slab": {
            "rows": rows,
            "caches": 200,
            "pages": pages - outside * PAGES,
            "bad_lines": 0,
            "aliases": dict(aliases or {}),
        }
    }


def processes(*found: tuple[str, int], what: str = "page_tables", threads: int = 400) -> dict[str, Any]:
    """Return the part of processes: (command, MiB of page tables) or (command, threads)."""
    factor = 1024 if what == "page_tables" else 1
    rows = [[1000 + place, name, amount * factor, None] for place, (name, amount) in enumerate(found)]
    part = {
        "page_tables": [],
        "threads": [],
        "seen": 300,
        "page_tables_kib": 1024,
        "threads_seen": threads,
        "unread": 0,
    }
    return {"processes": {**part, what: rows}}


def callers(*found: tuple[str, int]) -> dict[str, Any]:
    """Return the part of vmalloc callers: (caller, MiB)."""
    rows = [[name, size * PAGES, 10] for name, size in found]
    return {
        "vmalloc": {
            "rows": rows,
            "pages": sum(row[1] for row in rows),
            "ioremap_bytes": 0,
            "stack_pages": 0,
            "areas": 99,
            "bad_lines": 0,
        }
    }


def judged(
    facts: Facts,
    more: Sequence[Finding] = (),
    growing: Mapping[str, float] | None = None,
    environment: str = "production",
) -> tuple[str, list[Finding]]:
    """Return the verdict and findings of the rules that need one run, and of *more* findings, with their patterns.

    *growing* has the bytes a day of each dimension that grows.
    """
    subject = subject_of(facts, environment=environment)
    found = [*judge_limits(subject).findings, *judge_state(subject).findings, *more]
    findings = apply_patterns(subject, found, growing or {})
    return worst(one.severity for one in findings if one.severity != "info") or "ok", findings


_PAUSE = {"proc/pressure/memory": pressure(25.0, 8.0)}
_ARC = 200 * GIB
_ZFS = {
    "proc/spl/kstat/zfs/arcstats": f"size 4 {(_ARC + 9000) * 1024**2}\n",
    "proc/spl/kstat/zfs/abdstats": f"scatter_data_size 4 {_ARC * 1024**2}\nend 4 0\n",
}
_GPU = ("module:nvidia",)
_BALLOON = ("module:hv_balloon",)
_SESSIONS = processes(("postgres", 400), ("postgres", 398), ("postgres", 396), ("postgres", 395), ("postgres", 390))

# name: (healthy, sick: what changes, {dimension: severity} of the sick one, its pattern)
ARCHETYPES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str], str | None]] = {
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
        {"slab_unreclaimable": "warning", "kernel_unreclaimable": "warning"},
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
        {"slab_unreclaimable": "warning", "dying_cgroups": "warning"},
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
        {"hugetlb": 0, "page_tables": 26 * GIB, "available": 30 * GIB, "parts": _SESSIONS},
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
        {"kernel_stack": "warning", "kernel_unreclaimable": "warning"},
        "thread_leak",
    ),
}


def healthy(name: str) -> Facts:
    """Return the facts of a healthy archetype."""
    return machine(**ARCHETYPES[name][0])


def sick(name: str) -> Facts:
    """Return the facts of its sick twin."""
    shape, changes, _found, _pattern = ARCHETYPES[name]
    merged = {**shape, **changes}
    merged["files"] = {**shape.get("files", {}), **changes.get("files", {})}
    return machine(**merged)
