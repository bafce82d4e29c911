# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More healthy archetypes of hosts with their sick twins: kinds of machines, and what distributions' kernels tell.

All sizes are MiB. Shapes are of the kind that vendors' sizing guides and public reports of such hosts show; no copy of
anybody's machine.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, KUBERNETES, PHYSICAL, VM, slabs

ANY_PATTERN = "any"
"""Where the verdict is what counts, whatever the cause is called."""
Archetype = tuple[dict[str, Any], dict[str, Any], dict[str, str], str | None]
"""Healthy, what changes of the sick twin, {dimension: severity} of the sick one, its pattern."""

_VMSTAT = "nr_zspages 0\nnr_isolated_anon 0\noom_kill 0\nballoon_inflate {0}\nballoon_deflate 0\nend 0\n"
_LOST: dict[str, str] = {"unaccounted": "critical"}
_SLAB_AND_TOTAL = {"slab_unreclaimable": "critical", "kernel_unreclaimable": "warning"}
_LEAKS = slabs(("kmalloc-512", 5 * GIB, 512), ("dentry", 60, 192), whole=6 * GIB + 100)
_SLAB = {"slab_unreclaimable": "critical"}


def _balloon(mib: int) -> dict[str, str]:
    """vmstat of a guest whose balloon has taken so much (Linux 5.4 and newer count VMware's)."""
    return {"proc/vmstat": _VMSTAT.format(mib * 256)}


def arcstats(size: int, data: int) -> dict[str, str]:
    """The cache of ZFS as the kernel module tells it: all of it, and what is data in pages."""
    return {
        "proc/spl/kstat/zfs/arcstats": f"size 4 {size * 1024**2}\n",
        "proc/spl/kstat/zfs/abdstats": f"scatter_data_size 4 {data * 1024**2}\nend 4 0\n",
    }


_ZFS_OBJECTS = (("zio_buf_comb_16384", 5 * GIB, 16_384), ("dnode_t", 3 * GIB, 880), ("arc_buf_hdr_t_full", GIB, 264))

MACHINES: dict[str, Archetype] = {
    # NVIDIA's guides for such nodes: programs pin a tenth to a quarter of the host's memory for transfers.
    "GPU node with large pinned buffers": (
        {
            "ram": 1024 * GIB,
            "su": 9 * GIB,
            "sr": 12 * GIB,
            "unaccounted": 240 * GIB,
            "cpus": 128,
            "percpu": 400,
            "vmalloc": 6000,
            "signs": (*PHYSICAL, "module:nvidia"),
        },
        {"unaccounted": 700 * GIB, "available": 30 * GIB, "free": 20 * GIB},
        _LOST,
        "gpu_driver",
    ),
    "VMware guest whose balloon is counted": (
        {"ram": 16 * GIB, "su": 150, "unaccounted": 60, "signs": (*VM, "module:vmw_balloon"), "files": _balloon(0)},
        {"unaccounted": 9 * GIB, "available": 600, "free": 500},
        _LOST,
        "driver_page_leak",
    ),
    "Hyper-V guest whose balloon is empty": (
        {"ram": 16 * GIB, "su": 150, "unaccounted": 90, "signs": (*VM, "module:hv_balloon")},
        {"unaccounted": 13 * GIB, "available": 200, "free": 150},
        _LOST,
        "balloon",
    ),
    # OpenZFS: half of RAM for the cache, and a tenth of it in objects that describe what is cached.
    "ZFS NAS": (
        {
            "ram": 128 * GIB,
            "su": 10 * GIB,
            "sr": 2 * GIB,
            "unaccounted": 60 * GIB + 500,
            "available": 40 * GIB,
            "free": 20 * GIB,
            "cpus": 16,
            "vmalloc": 900,
            "signs": (*PHYSICAL, "module:zfs"),
            "files": arcstats(70 * GIB, 60 * GIB),
            "parts": slabs(*_ZFS_OBJECTS, whole=12 * GIB),
        },
        {
            "su": 50 * GIB,
            "unaccounted": 20 * GIB + 500,
            "files": arcstats(66 * GIB, 20 * GIB),
            "parts": slabs(("zio_buf_comb_16384", 20 * GIB, 16_384), ("dnode_t", 25 * GIB, 880), whole=52 * GIB),
        },
        _SLAB_AND_TOTAL,
        ANY_PATTERN,
    ),
    # IBM: a page pool of a third of memory at most, and general caches for its tokens.
    "GPFS node": (
        {
            "ram": 125 * GIB,
            "su": 4 * GIB,
            "sr": 2 * GIB,
            "cpus": 40,
            "percpu": 90,
            "vmalloc": 800,
            "unaccounted": 6 * GIB,
            "signs": (*PHYSICAL, "module:mmfs26", "module:mmfslinux"),
            "parts": slabs(("kmalloc-1024", 2 * GIB, 1024), ("kmalloc-256", GIB, 256), whole=6 * GIB),
        },
        {
            "su": 26 * GIB,
            "parts": slabs(("kmalloc-1024", 20 * GIB, 1024), ("kmalloc-256", 4 * GIB, 256), whole=28 * GIB),
        },
        _SLAB_AND_TOTAL,
        "kmalloc_leak",
    ),
    "Kubernetes node of 250 pods": (
        {
            "ram": 128 * GIB,
            "su": 5 * GIB,
            "sr": 14 * GIB,
            "vmalloc": 900,
            "threads": 22_000,
            "page_tables": 1800,
            "percpu": 1300,
            "cpus": 64,
            "cgroups": 2200,
            "dying": 1500,
            "unaccounted": 1500,
            "signs": KUBERNETES,
        },
        {"threads": 240_000, "threads_limit": 262_144},
        {"kernel_stack": "critical"},
        "thread_leak",
    ),
    "512 MiB VM": (
        {
            "ram": 480,
            "su": 26,
            "sr": 22,
            "vmalloc": 9,
            "threads": 90,
            "page_tables": 4,
            "percpu": 1,
            "cpus": 1,
            "unaccounted": 14,
            "available": 300,
            "free": 120,
        },
        {"su": 130, "available": 150, "parts": slabs(("kmalloc-1k", 100, 1024), ("dentry", 20, 192), whole=152)},
        _SLAB_AND_TOTAL,
        "kmalloc_leak",
    ),
    # Conntrack and route tables are what such a box is for.
    "1 GiB router": (
        {
            "ram": 960,
            "su": 90,
            "sr": 30,
            "vmalloc": 20,
            "threads": 110,
            "page_tables": 5,
            "percpu": 2,
            "cpus": 4,
            "unaccounted": 30,
            "available": 600,
            "files": {
                "proc/sys/net/netfilter/nf_conntrack_count": "31000\n",
                "proc/sys/net/netfilter/nf_conntrack_max": "65536\n",
            },
            "parts": slabs(("nf_conntrack", 10, 256), ("fib6_node", 8, 64), ("kmalloc-192", 9, 192), whole=120),
        },
        {
            "files": {
                "proc/sys/net/netfilter/nf_conntrack_count": "65300\n",
                "proc/sys/net/netfilter/nf_conntrack_max": "65536\n",
            }
        },
        {"object_limits": "critical"},
        "conntrack",
    ),
    "Raspberry Pi": (
        {
            "ram": 927,
            "su": 32,
            "sr": 45,
            "vmalloc": 12,
            "threads": 170,
            "page_tables": 7,
            "percpu": 1,
            "cpus": 4,
            "unaccounted": 35,
            "arch": "aarch64",
            "available": 620,
            "signs": (),
        },
        {"su": 330, "available": 300, "parts": slabs(("kmalloc-2048", 290, 2048), ("dentry", 20, 192), whole=375)},
        {"slab_unreclaimable": "critical", "kernel_unreclaimable": "critical"},
        "kmalloc_leak",
    ),
    "4 sockets and 8 TiB": (
        {
            "ram": 8192 * GIB,
            "su": 24 * GIB,
            "sr": 300 * GIB,
            "vmalloc": 12 * GIB,
            "threads": 120_000,
            "page_tables": 30 * GIB,
            "percpu": 6 * GIB,
            "cpus": 448,
            "cgroups": 2500,
            "unaccounted": 40 * GIB,
            "threads_limit": 4_000_000,
            "signs": PHYSICAL,
        },
        {"su": 90 * GIB, "parts": slabs(("kmalloc-4k", 70 * GIB, 4096), whole=390 * GIB)},
        _SLAB_AND_TOTAL,
        "kmalloc_leak",
    ),
}

_NO_COUNTER = "KReclaimable", "SecPageTables", "Percpu", "Hugetlb"
"""What meminfo got with Linux 4.20, 6.1, 4.21 and 4.15."""

KERNELS: dict[str, tuple[str, tuple[str, ...], int | None]] = {
    "RHEL 7": ("3.10.0-1160.119.1.el7.x86_64", _NO_COUNTER, 9_180_332),
    "RHEL 8": ("4.18.0-553.el8_10.x86_64", _NO_COUNTER[:3], 0),
    "RHEL 9": ("5.14.0-503.el9.x86_64", ("SecPageTables",), None),
    "RHEL 10": ("6.12.0-55.el10.x86_64", (), None),
    "Debian 10": ("4.19.0-27-amd64", _NO_COUNTER[:3], 0),
    "Debian 11": ("5.10.0-35-amd64", ("SecPageTables",), None),
    "Debian 12": ("6.1.0-37-amd64", (), None),
    "Debian 13": ("6.12.38+deb13-amd64", (), None),
    "SLES 12": ("4.12.14-122.225-default", _NO_COUNTER, 0),
    "SLES 15": ("5.14.21-150500.55.83-default", ("SecPageTables",), None),
}
"""Distribution: its kernel, the counters that its meminfo does not have, and VmallocUsed in KiB where that is not pages
(address space before Linux 4.4, always 0 from 4.4 to 5.2).
"""


def _of_a_kernel(release: str, without: tuple[str, ...], vmalloc_used: int | None) -> Archetype:
    """A 32 GiB server with what its kernel tells; the sick twin leaks objects of general caches."""
    fields: dict[str, int | None] = dict.fromkeys(without)
    shape: dict[str, Any] = {
        "ram": 32 * GIB,
        "su": 700,
        "sr": 1800,
        "release": release,
        "signs": PHYSICAL,
        "unaccounted": 300,
        "percpu": 0 if "Percpu" in without else 6,
        "vmalloc": 40,
    }
    if vmalloc_used is not None:
        fields["VmallocUsed"], shape["vmalloc"] = vmalloc_used, 0
    if vmalloc_used:
        fields["VmallocChunk"] = 34_350_000_000
    return {**shape, "fields": fields}, {"su": 6 * GIB, "parts": _LEAKS}, _SLAB, "kmalloc_leak"


BY_KERNEL = {f"server with {name}": _of_a_kernel(*kernel) for name, kernel in KERNELS.items()}
