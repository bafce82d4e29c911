# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readings for the tests: of the saved samples, and made by hand for kernels that are not among them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets

KIB = 1024
MIB = 1024 * 1024
TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
SAMPLES, CASES = os.path.join(TESTS, "samples"), os.path.join(TESTS, "cases")
KERNELS = (
    "5.10.0-46-cloud-amd64",
    "6.1.0-56-cloud-amd64",
    "6.12.118+deb13-cloud-amd64",
    "6.18-host",
    "7.3.4+deb13-cloud-amd64",
)


def sample(kernel: str) -> Any:
    """Return the reading of a saved sample."""
    root = os.path.join(SAMPLES, kernel)
    return read(os.path.join(root, "proc"), os.path.join(root, "sys"))


def case(name: str, asked: Sequence[str] = ("all",)) -> Any:
    """Return the reading of one of the trees of tests/cases."""
    root = os.path.join(CASES, name)
    return read(os.path.join(root, "proc"), os.path.join(root, "sys"), 20, resolve_subsets(asked), load)


def meminfo(**fields: object) -> str:
    """Return a text as /proc/meminfo has it; values are KiB. ``Active_anon`` stands for ``Active(anon)``."""
    lines = []
    for name in fields:
        label = name
        for kind in ("anon", "file"):
            if name in ("Active_" + kind, "Inactive_" + kind):
                label = name.replace("_" + kind, "(" + kind + ")")
        unit = "" if name.startswith("HugePages_") else " kB"
        lines.append(f"{label}: {fields[name]:15}{unit}\n")
    return "".join(lines)


def reading(text: str, **more: Any) -> Any:
    """Return a live reading with this meminfo, 4 KiB pages on x86_64; *more* replaces parts, files are added."""
    result: dict[str, Any] = {
        "format": 1,
        "collected_at": 1764000000.1,
        "duration_ms": 7,
        "python": "3.11.7",
        "uid": 0,
        "system": "Linux",
        "machine": "x86_64",
        "page_size": 4096,
        "live": True,
        "files": {"proc/meminfo": text, "proc/net/sockstat": "TCP: inuse 0 mem 0\nUDP: inuse 0 mem 0\n"},
        "errors": {},
        "sums": {"pcp_pages": 0},
        "found": [],
        "links": {"proc/self/ns/pid": "pid:[4026531836]"},
        "cut": [],
    }
    result["files"].update(more.pop("files", {}))
    result.update(more)
    return result


def plain(**changes: int | None) -> dict[str, int]:
    """Return the fields of a modern kernel with 1 GiB of RAM of which exactly 100 MiB are in no counter; KiB."""
    fields: dict[str, int | None] = {
        "MemTotal": 1048576,
        "MemFree": 512000,
        "MemAvailable": 700000,
        "Buffers": 1000,
        "Cached": 200000,
        "SwapCached": 0,
        "Active_anon": 80000,
        "Inactive_anon": 20000,
        "Active_file": 130000,
        "Inactive_file": 71000,
        "Unevictable": 0,
        "AnonPages": 100000,
        "KReclaimable": 42000,
        "Slab": 80000,
        "SReclaimable": 40000,
        "SUnreclaim": 40000,
        "KernelStack": 3000,
        "PageTables": 8000,
        "SecPageTables": 0,
        "VmallocTotal": 34359738367,
        "VmallocUsed": 33176,
        "VmallocChunk": 0,
        "Percpu": 7000,
        "Hugetlb": 0,
    }
    # 512000 free + 301000 lists + 80000 slab + 2000 reclaimable misc + 8000 tables + 33176 vmalloc (stacks inside)
    # + 7000 percpu = 943176; 1048576 - 943176 = 105400. The last 3000 of the 102400 wanted go to Hugetlb.
    fields["Hugetlb"] = 3000
    fields.update(changes)
    return {name: size for name, size in fields.items() if size is not None}


FILES = {
    "proc/loadavg": "17.29 18.49 14.17 13/5535 12220\n",
    "proc/uptime": "1924.52 843.69\n",
    "proc/sys/kernel/osrelease": "6.12.118+deb13-cloud-amd64\n",
    "proc/sys/kernel/random/boot_id": "40860cda-7ef9-4d56-92fa-2d1fb727912a\n",
    "proc/sys/kernel/threads-max": "192729\n",
    "proc/sys/kernel/pid_max": "32768\n",
    "proc/cmdline": "root=/dev/vda1 quiet\n",
    "proc/cgroups": "memory\t4\t14\t1\n",
    "sys/fs/cgroup/cgroup.stat": "nr_descendants 11\nnr_dying_descendants 2\n",
    "etc/machine-id": "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
    "sys/devices/system/cpu/possible": "0-111\n",
    "sys/devices/system/cpu/online": "0-15,32,40-41\n",
}


def full(**more: Any) -> Any:
    """Return a plain reading with every file that says who the host is."""
    files = dict(FILES, **more.pop("files", {}))
    return reading(meminfo(**plain()), files=files, **more)
