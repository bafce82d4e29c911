# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every pattern once: its sign in short, the incident that shows it, and a benign host that looks alike and must not be
blamed. docs/patterns.md has them as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import (
    CONTAINER_HOST,
    GIB,
    PHYSICAL,
    VM,
    callers,
    processes,
    slabs,
)


@dataclass(frozen=True)
class LookAlike:
    """One row of the table. Without *sick* the incident of that number shows it."""

    pattern: str
    sign: str
    words: str
    """The benign host, in words."""
    benign: Mapping[str, Any]
    incident: int | None = None
    sick: Mapping[str, Any] = field(default_factory=dict)
    dimension: str = "slab_unreclaimable"

    @property
    def row(self) -> str:
        """The row of the table in the documents."""
        shown = f"incident {self.incident}" if self.incident else "numbers of its kind"
        return f"| `{self.pattern}` | {self.sign} | {shown} | {self.words} |"


def held(*caches: tuple[Any, ...], slab: int, ram: int = 64 * GIB, **more: Any) -> dict[str, Any]:
    """Return a host with such caches."""
    return {"ram": ram, "su": slab, "parts": slabs(*caches, whole=slab), **more}


def family(pattern: str, cache: str, object_bytes: int, sign: str, words: str, **more: Any) -> LookAlike:
    """Return the row of a family: most of 9 GiB is bad, most of 400 MiB is nothing."""
    return LookAlike(
        pattern,
        sign,
        words,
        held((cache, 300, object_bytes), slab=400, **more),
        sick=held((cache, 6 * GIB, object_bytes), slab=9 * GIB, **more),
    )


LOOK_ALIKES = (
    LookAlike(
        "cgroup_leak",
        "ended or living control groups in numbers; or slab and per-CPU memory in their proportion",
        "a node with 400 pods, each of which has its groups",
        {"ram": 64 * GIB, "su": 900, "cgroups": 4000, "signs": CONTAINER_HOST, "percpu": 60},
        7,
    ),
    LookAlike(
        "selinux_policy_leak",
        "nodes of the policy: 25 % of slab",
        "a large policy, loaded once: 90 MiB",
        held(("ebitmap_node", 90, 64), slab=300),
        4,
    ),
    family(
        "zfs_slab",
        "dnode_t",
        800,
        "objects of ZFS: 25 % of slab, beyond what its cache (ARC) explains",
        "a file server with 300 MiB of them",
    ),
    family(
        "lustre", "ldlm_locks", 576, "locks and objects of Lustre: 25 % of slab", "a client that holds 300 MiB of locks"
    ),
    family("ceph", "ceph_cap", 112, "objects of Ceph: 25 % of slab", "a client that holds 300 MiB of capabilities"),
    family("nfs", "nfsd4_stateids", 168, "requests and state of NFS: 25 % of slab", "a server with 300 MiB of state"),
    family("btrfs", "extent_buffer", 280, "extents of Btrfs: 25 % of slab", "a backup that writes at night"),
    family("xfs", "xfs_bui_item", 208, "records of XFS: 25 % of slab", "a busy log of 300 MiB"),
    LookAlike(
        "skbuff",
        "network buffers and sockets: 25 % of slab; or 5 % with data in kmalloc",
        "a load balancer with 200 MiB of buffers",
        held(("skbuff_head_cache", 200, 256), slab=600),
        11,
    ),
    LookAlike(
        "conntrack",
        "80 % of nf_conntrack_max; or 20 % of slab",
        "a router with 100,000 connections of 3 million",
        {
            "ram": 64 * GIB,
            "su": 500,
            "files": {
                "proc/sys/net/netfilter/nf_conntrack_count": "100000\n",
                "proc/sys/net/netfilter/nf_conntrack_max": "3145728\n",
            },
        },
        21,
    ),
    family(
        "routes", "ip_dst_cache", 192, "routes and tunnels: 25 % of slab", "a router with all routes of the Internet"
    ),
    family("open_files", "filp", 256, "open files: 25 % of slab", "a proxy with a million connections: 300 MiB"),
    family(
        "kernel_keys",
        "key_jar",
        256,
        "keys or their content: 25 % of slab; or 5 % with content in kmalloc",
        "a host with Kerberos",
    ),
    family("sysv_messages", "msg_msg-2k", 2048, "messages: 25 % of slab", "a broker with full queues of 300 MiB"),
    family("watches", "inotify_inode_mark", 80, "watches: 25 % of slab", "a desktop whose editor watches its projects"),
    family(
        "many_mappings", "vm_area_struct", 200, "areas of mapped memory: 25 % of slab", "a host with many processes"
    ),
    family("iommu_mappings", "iommu_iova", 40, "addresses mapped for devices: 25 % of slab", "a busy network card"),
    family("acpi_objects", "Acpi-Operand", 72, "objects of ACPI: 25 % of slab", "a large firmware"),
    family("kvm_guests", "pte_list_desc", 128, "tables of KVM: 25 % of slab", "a hypervisor with 300 MiB of tables"),
    family("block_requests", "bio-248", 248, "requests to disks: 25 % of slab", "an array that is busy"),
    LookAlike(
        "kernfs_leak",
        "nodes of sysfs: 25 % of slab",
        "a host with thousands of devices: 150 MiB",
        held(("kernfs_node_cache", 150, 136), slab=400),
        5,
    ),
    LookAlike(
        "module_cache",
        "caches with the name of a module from outside: 25 % of slab",
        "the same module with 300 MiB of sessions",
        held(("jool_joold_nodes", 300, 128), slab=400, outside=("jool",)),
        sick=held(("jool_joold_nodes", 6 * GIB, 128), slab=9 * GIB, outside=("jool",)),
    ),
    LookAlike(
        "kmem_accounting_old_kernel",
        "kernel 3.10 before build 1075 with containers",
        "the same kernel with 500 MiB of slab",
        held(("kmalloc-192", 300, 192), slab=500, release="3.10.0-957.el7.x86_64", signs=CONTAINER_HOST),
        6,
    ),
    LookAlike(
        "thread_leak",
        "many threads, or stacks and slab that grow in their proportion",
        "a server with 20,000 threads: 430 MiB",
        {"ram": 256 * GIB, "su": 600, "threads": 20_000},
        17,
    ),
    LookAlike(
        "gpu_driver",
        "only slab grows beside a graphics driver; or memory in no counter",
        "a workstation whose graphics card holds 2 GiB",
        {"ram": 64 * GIB, "su": 600, "unaccounted": 2 * GIB, "signs": (*PHYSICAL, "module:amdgpu")},
        13,
    ),
    LookAlike(
        "nic_zero_copy_driver",
        "kmalloc with pf_ring, netmap or a driver for zero copy",
        "a cluster node with a driver from outside and no capture",
        held(
            ("kmalloc-256", 7 * GIB, 256), slab=9 * GIB, outside=("mlx5_core",), signs=(*PHYSICAL, "module:mlx5_core")
        ),
        25,
    ),
    LookAlike(
        "kmalloc_leak",
        "general caches, or no cache: 40 % of slab",
        "a busy host with 700 MiB of them",
        held(("kmalloc-1k", 700, 1024), slab=GIB),
        8,
    ),
    LookAlike(
        "container_unexplained",
        "slab and memory in no counter, both too high, under containers",
        "a container host with 1 GiB of each",
        {"ram": 240 * GIB, "su": GIB, "unaccounted": GIB, "signs": CONTAINER_HOST},
        12,
    ),
    LookAlike(
        "bpf_maps",
        "functions of eBPF: 25 % of vmalloc; or per-CPU memory without slab",
        "a node whose agent has maps of 150 MiB",
        {"ram": 64 * GIB, "su": 500, "vmalloc": 200, "parts": callers(("bpf_map_area_alloc", 150))},
        22,
    ),
    LookAlike(
        "iptables_vmalloc",
        "functions of x_tables: 25 % of vmalloc",
        "a firewall with 5,000 rules: 60 MiB",
        {"ram": 16 * GIB, "su": 300, "vmalloc": 90, "parts": callers(("xt_alloc_table_info [x_tables]", 60))},
        20,
    ),
    LookAlike(
        "vmalloc_exhaustion_32bit",
        "75 % of a VmallocTotal below 2 GiB",
        "the same board with 60 of 240 MiB",
        {
            "ram": GIB,
            "su": 40,
            "vmalloc": 60,
            "arch": "armv7l",
            "release": "5.4.132",
            "fields": {"VmallocTotal": 240 * 1024},
        },
        18,
    ),
    LookAlike(
        "percpu_by_possible_cpus",
        "four times as many CPUs possible as online, 2 MiB each at most",
        "a host whose CPUs are all online",
        {"ram": 64 * GIB, "su": 500, "cpus": 64, "percpu": 60},
        23,
    ),
    LookAlike(
        "database_without_huge_pages",
        "equal page tables of many processes, no huge pages",
        "the same database with huge pages",
        {
            "ram": 512 * GIB,
            "su": 2 * GIB,
            "page_tables": 2 * GIB,
            "hugetlb": 100 * GIB,
            "parts": processes(("oracle_1", 4), ("oracle_2", 4), ("oracle_3", 4)),
        },
        16,
    ),
    LookAlike(
        "many_processes",
        "processes of one command: 40 % of page tables together",
        "a web server with 600 workers of 0.3 MiB",
        {"ram": 64 * GIB, "su": 500, "page_tables": 300, "parts": processes(("python", 1))},
        sick={
            "ram": 16 * GIB,
            "su": 300,
            "page_tables": 2600,
            "parts": processes(("java", 40), ("python", 1), commands=[("python", 4600, 2300)]),
        },
        dimension="page_tables",
    ),
    LookAlike(
        "negative_dentries",
        "half of the dentries are of no file, and reclaimable slab is a finding",
        "a mail server with 5 GiB of dentries and enough memory",
        {"ram": 64 * GIB, "su": 700, "sr": 5 * GIB, "parts": slabs(("dentry", 4 * GIB, 192))},
        1,
    ),
    LookAlike(
        "cached_files",
        "names and nodes of files: half of reclaimable slab, which is a finding",
        "a file server with 20 GiB of them and enough memory",
        {"ram": 64 * GIB, "su": 700, "sr": 20 * GIB, "parts": slabs(("xfs_inode", 18 * GIB, 960))},
        sick={
            "ram": 64 * GIB,
            "su": 700,
            "sr": 38 * GIB,
            "available": 4 * GIB,
            "free": GIB,
            "parts": slabs(("xfs_inode", 36 * GIB, 960)),
        },
        dimension="slab_reclaimable",
    ),
    LookAlike(
        "balloon",
        "memory in no counter, and a balloon that does not say what it holds",
        "a balloon that counts itself and is empty",
        {"ram": 16 * GIB, "su": 200, "unaccounted": 60, "signs": (*VM, "module:vmw_balloon")},
        15,
    ),
    LookAlike(
        "zfs_arc",
        "memory in no counter, and ZFS without statistics",
        "ZFS with 40 % of RAM in its cache",
        {"ram": 64 * GIB, "su": 700, "unaccounted": 24 * GIB, "signs": (*PHYSICAL, "module:zfs")},
        sick={
            "ram": 64 * GIB,
            "su": 700,
            "unaccounted": 48 * GIB,
            "available": 2 * GIB,
            "free": GIB,
            "signs": (*PHYSICAL, "module:zfs"),
        },
        dimension="unaccounted",
    ),
    LookAlike(
        "memory_of_processes",
        "pinned memory, or pipes: 40 % of what no counter names; or 100 packet sockets",
        "a virtual machine with 1 GiB of pinned memory",
        {"ram": 64 * GIB, "su": 700, "unaccounted": GIB, "parts": processes(("qemu", GIB), what="pinned")},
        sick={
            "ram": 64 * GIB,
            "su": 700,
            "unaccounted": 16 * GIB,
            "parts": processes(("dpdk", 15 * GIB), what="pinned"),
        },
        dimension="unaccounted",
    ),
    LookAlike(
        "driver_page_leak",
        "only memory in no counter, and nothing that holds it by design",
        "a host with large receive rings: 900 MiB",
        {"ram": 64 * GIB, "su": 700, "unaccounted": 900, "signs": (*PHYSICAL, "module:mlx5_core")},
        14,
    ),
)
