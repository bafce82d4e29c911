# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a reading as the reader gives them, with round numbers, and the attribution that is made of them."""

from __future__ import annotations

import copy
from typing import Any, get_args, get_type_hints

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import attribution_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import Attribution

MIB = 1024 * 1024
CONTAINER = "0123456789abcdef" * 4
POD = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3c1d.slice/cri-containerd-" + CONTAINER + ".scope"
NAMES = ["allocinfo", "cgroups", "descriptors", "limits", "numa", "objects", "pressure", "processes", "slab", "vmalloc"]

PARTS = {
    "slab": {
        # [name, active objects, objects, bytes of an object, objects of a slab, pages of a slab, slabs]
        "rows": [
            ["dentry", 4000, 8000, 192, 21, 1, 25600],
            ["kmalloc-512", 12000, 12800, 512, 32, 4, 3200],
            ["task_struct", 90, 100, 9728, 3, 8, 32],
        ],
        "caches": 235,
        "pages": 40960,
        "zfs_pages": 256,
        "bad_lines": 0,
        "aliases": {"kmalloc-512": ["eventpoll_pwq", "pool_workqueue"]},
    },
    "vmalloc": {
        "rows": [
            ["dup_task_struct", 4000, 1000],
            ["bpf_prog_alloc_no_stats", 512, 40],
            ["load_module [nf_tables]", 256, 2],
        ],
        "pages": 5120,
        "ioremap_bytes": 8192,
        "stack_pages": 4000,
        "jit_pages": 512,
        "areas": 1100,
        "bad_lines": 0,
    },
    "processes": {
        "page_tables": [[4242, "java", 204800, POD], [1, "systemd", 128, "/init.scope"]],
        "threads": [[4242, "java", 900, POD], [77, "kubelet", 60, None]],
        "pinned": [[99, "qemu-kvm", 4096, "/machine.slice"]],
        # [name, processes, KiB of page tables, threads, KiB that are pinned]
        "commands": [["java", 1, 204800, 900, 0], ["python", 60, 30720, 60, 0], ["qemu-kvm", 1, 64, 9, 4096]],
        "groups": [["/kubepods", 70, 250000, 950, 0], ["/machine.slice", 1, 64, 9, 4096]],
        "seen": 120,
        "page_tables_kib": 307200,
        "threads_seen": 1000,
        "pinned_kib": 4096,
        "unread": 2,
    },
    "cgroups": {
        "version": 2,
        "rows": [
            [
                "/system.slice",
                {
                    "kernel": 200 * MIB,
                    "slab_reclaimable": 100 * MIB,
                    "slab_unreclaimable": 50 * MIB,
                    "percpu": MIB,
                    "pagetables": 20 * MIB,
                    "sec_pagetables": 0,
                    "vmalloc": MIB,
                    "kernel_stack": 16 * MIB,
                    "sock": 4096,
                },
            ],
            ["/user.slice", {"kernel": 10 * MIB, "nr_descendants": 700}],
        ],
        "seen": 41,
        "dying": 3,
        "living": 720,
    },
    "limits": {
        "mounts": 41,
        "messages": {"rows": 2, "cbytes": 81936, "qnum": 11, "unattached": 0, "owner": 1000},
        "segments": {"rows": 1, "rss": 8192, "size": 1048576, "unattached": 8192, "owner": 26},
        "semaphores": {"rows": 0, "unattached": 0},
        "packets": {"rows": 2, "Rmem": 4096, "unattached": 0, "owner": 0},
        "pids": [["system.slice", 812, None], ["user.slice", 31, 4000]],
    },
    "descriptors": {
        "rows": [["nginx", "pipe", 120], ["tcpdump", "packet", 2], ["systemd", "inotify", 9]],
        "pipes": 60,
        "seen": 118,
        "unread": 0,
    },
    "numa": {
        "rows": [
            [
                0,
                {
                    "MemTotal": 32768,
                    "MemFree": 1024,
                    "KernelStack": 16,
                    "PageTables": 8,
                    "SecPageTables": 0,
                    "Slab": 30,
                    "SReclaimable": 20,
                    "SUnreclaim": 10,
                },
            ],
            [1, {"MemTotal": 16384, "MemFree": 8192}],
        ]
    },
    "allocinfo": {
        "rows": [["mm/slub.c:2424 func:alloc_slab_page", 536870912, 131072]],
        "sites": 5100,
        "bytes": 1717986918,
    },
}
FILES = {
    "proc/pressure/memory": "some avg10=1.50 avg60=0.25 avg300=0.05 total=5\nfull avg10=0.50 avg60=0.10 avg300=0.00 "
    "total=2\n",
    "proc/vmstat": "oom_kill 3\n",
    "proc/buddyinfo": (
        "Node 0, zone      DMA      0      0      0      0      1      0      0      0      0      0      0 \n"
        "Node 0, zone   Normal     16      8      4      2      4      0      0      0      0      0      0 \n"
    ),
    "proc/sys/fs/dentry-state": "9086\t272\t45\t0\t63\t0\n",
    "proc/sys/fs/inode-nr": "9048\t12\n",
    "proc/sys/fs/file-nr": "96\t0\t73176\n",
    "proc/net/sockstat": "sockets: used 5\nTCP: inuse 2 orphan 0 tw 0 alloc 3 mem 4\nUDP: inuse 0 mem 7\n",
    "proc/sys/net/netfilter/nf_conntrack_count": "12\n",
    "proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
    "proc/sys/net/ipv4/tcp_mem": "100\t200\t300\n",
    "proc/sys/kernel/tainted": "4097\n",
    "proc/key-users": "    0:     9 8/8 3/1000000 40/25000000\n 1000: 7 6/6 5/200 90/20000\n",
    "proc/sys/fs/mount-max": "100000\n",
    "proc/sys/kernel/msgmni": "32000\n",
    "proc/sys/kernel/shmmni": "4096\n",
    "proc/sys/kernel/sem": "32000\t1024000000\t500\t32000\n",
    "proc/sys/fs/inotify/max_user_instances": "128\n",
}
MEMINFO = {"sizes": {"MemTotal": 1024 * MIB, "Slab": 200 * MIB, "PageTables": 300 * MIB}}
HOST = {"page_size_bytes": 4096, "threads": 1000, "kernel_release": "6.12.0"}


ROWS = {
    "slab_caches": "caches",
    "vmalloc_callers": "callers",
    "page_table_processes": "processes",
    "thread_processes": "processes",
    "pinning_processes": "processes",
    "commands": "commands",
    "process_cgroups": "cgroups",
    "cgroups": "cgroups",
    "descriptors": "rows",
    "kernel_keys": "users",
    "numa_nodes": "nodes",
    "fragmentation": "zones",
    "alloc_sites": "sites",
}
"""The list of each part."""


def part_reading(**changes: Any) -> Any:
    """Return a reading with every part; *changes* replace entries."""
    whole = {
        "subsets": list(NAMES),
        "parts": PARTS,
        "files": FILES,
        "errors": {},
        "part_ms": {"slab": 2, "processes": 40},
    }
    whole.update(changes)
    return copy.deepcopy(whole)


def without(subset: str, **changes: Any) -> Any:
    """Return a reading without one part, and with *changes*."""
    return part_reading(parts={name: PARTS[name] for name in PARTS if name != subset}, **changes)


def part_classes() -> dict[str, Any]:
    """Return the class of each part of an attribution by the part's name."""
    return {name: get_args(kind)[0] for name, kind in get_type_hints(Attribution).items()}


def attribution(**changes: Any) -> Any:
    """Return the attribution of such a reading."""
    return attribution_of(part_reading(**changes), MEMINFO, HOST)
