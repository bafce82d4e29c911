# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines made by hand as readings, so that accounting is tested with them, and what the rules say of them.

All sizes are MiB. What is given adds up to RAM with the memory of programs and files as the rest, so ``unaccounted`` is
what the facts must show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.slabinfo import ZFS
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


Given = ParamSpec("Given")


def answer(
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
    outside: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what such a host answers, as the spool has it.

    *free* and *available* are an eighth and a half of RAM if not given; *fields* replace those of meminfo (KiB),
    *outside* are modules that are not of the kernel's sources.
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
        "VmallocTotal": 32 * GIB * GIB,
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
        "modules": {"count": 90, "fingerprint": 7, "outside": [[name, "OE", "65536"] for name in outside]},
        "links": {"proc/self/ns/pid": "pid:[4026531836]"},
        "cut": [],
        "subsets": sorted({"cgroups", "numa", "objects", "pressure", *(parts or {})}),
        "parts": {
            "numa": {"rows": []},
            "cgroups": {"version": 2, "rows": [], "seen": cgroups, "dying": dying, "living": cgroups},
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
    facts: dict[str, Any] = build_facts(reading)
    return facts


def _checked(make: Callable[Given, dict[str, Any]]) -> Callable[Given, Facts]:
    def checked(*given: Given.args, **named: Given.kwargs) -> Facts:
        return checked_facts(make(*given, **named))

    return checked


machine = _checked(answer)
"""The facts of such a host, as the rules read them."""


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
            "zfs_pages": sum(cache[1] for cache in caches if cache[0].startswith(ZFS)) * PAGES,
            "bad_lines": 0,
            "aliases": dict(aliases or {}),
        }
    }


def processes(
    *found: tuple[str, int],
    what: str = "page_tables",
    threads: int = 400,
    commands: Sequence[tuple[str, int, int]] = (),
) -> dict[str, Any]:
    """Return the part of processes: (command, MiB of page tables, or pinned) or (command, threads).

    *commands* are sums: (command, processes, MiB of page tables).
    """
    factor = 1 if what == "threads" else 1024
    rows = [[1000 + place, name, amount * factor, None] for place, (name, amount) in enumerate(found)]
    part = {
        "page_tables": [],
        "threads": [],
        "pinned": [],
        "commands": [[name, number, size * 1024, number, 0] for name, number, size in commands],
        "groups": [],
        "seen": 300,
        "page_tables_kib": 1024,
        "threads_seen": threads,
        "pinned_kib": sum(amount * factor for _name, amount in found) if what == "pinned" else 0,
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
            "jit_pages": 0,
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
