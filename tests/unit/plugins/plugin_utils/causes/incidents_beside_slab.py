# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents in stacks, page tables, vmalloc, per-CPU memory and what no counter names, and those that hurt nobody."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import (
    CONTAINER_HOST,
    GIB,
    KUBERNETES,
    PHYSICAL,
    VM,
    callers,
    processes,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes.incident import (
    MIB,
    RHEL_7,
    Incident,
    growing,
    growth,
)

INCIDENTS = (
    Incident(
        3,
        "prometheus-community/ipmi_exporter #329",
        {
            "ram": 64 * GIB,
            "su": 1500,
            "sr": 3 * GIB,
            "signs": KUBERNETES,
            "parts": {
                "cgroups": {
                    "version": 2,
                    "rows": [["/kubepods.slice", {"slab_reclaimable": 192 * MIB}]],
                    "seen": 80,
                    "dying": 10,
                }
            },
        },
        "ok",
        not_recognised="pod_kernel_memory",
    ),
    Incident(
        14,
        "moby #41384",
        {
            "ram": 94 * GIB,
            "su": 500,
            "sr": 800,
            "unaccounted": 80 * GIB,
            "available": 8 * GIB,
            "free": 4 * GIB,
            "signs": PHYSICAL,
        },
        "critical",
        {"unaccounted": "driver_page_leak"},
    ),
    Incident(
        14,
        "acooks/tn40xx-driver #75, openwrt #19702, lwfinger/rtl8192ee #9",
        {"ram": 32 * GIB, "su": 400, "unaccounted": GIB, "signs": (*PHYSICAL, "module:tn40xx")},
        "warning",
        {"unaccounted": "driver_page_leak"},
        (growth("unaccounted", 300),),
        growing(unaccounted=300),
    ),
    Incident(
        15,
        "sos report of RHCOS on Hyper-V, iopenv: VMware balloon",
        {"ram": 8 * GIB, "su": 120, "unaccounted": 5546, "free": 600, "signs": (*VM, "module:hv_balloon")},
        "ok",
    ),
    Incident(
        16,
        "Oracle Exadata documentation, USE_LARGE_PAGES",
        {
            "ram": 512 * GIB,
            "su": 2 * GIB,
            "page_tables": 195 * GIB,
            "available": 40 * GIB,
            "free": 4 * GIB,
            "threads": 2500,
            "signs": PHYSICAL,
            "parts": processes(
                ("oracle_11_prod", 200),
                ("oracle_12_prod", 199),
                ("oracle_13_prod", 199),
                ("oracle_14_prod", 198),
                ("ora_dbw0_prod", 197),
            ),
        },
        "critical",
        {"page_tables": "database_without_huge_pages", "kernel_unreclaimable": "database_without_huge_pages"},
    ),
    Incident(
        18,
        "nDPI #49, openmptcprouter #1256, openwrt-develop/ndpi-netfilter #5",
        {
            "ram": GIB,
            "su": 40,
            "vmalloc": 200,
            "arch": "armv7l",
            "release": "5.4.132",
            "fields": {"VmallocTotal": 240 * 1024},
        },
        "warning",
        {"object_limits": "vmalloc_exhaustion_32bit"},
    ),
    Incident(
        19,
        "openzfs #9814",
        {"ram": 16 * GIB, "su": 300, "arch": "aarch64", "release": "4.4.131"},
        "ok",
        not_recognised="module_area",
    ),
    Incident(
        20,
        "concourse #3127",
        {
            "ram": 16 * GIB,
            "su": 300,
            "vmalloc": 900,
            "signs": CONTAINER_HOST,
            "parts": callers(("xt_alloc_table_info [x_tables]", 700), ("load_module", 40)),
        },
        "warning",
        {"vmalloc": "iptables_vmalloc"},
    ),
    Incident(
        21,
        "kubernetes #72472",
        {
            "ram": 384 * GIB,
            "su": 5 * GIB,
            "cpus": 96,
            "signs": KUBERNETES,
            "files": {
                "proc/sys/net/netfilter/nf_conntrack_count": "3000000\n",
                "proc/sys/net/netfilter/nf_conntrack_max": "3145728\n",
            },
        },
        "warning",
        {"object_limits": "conntrack"},
    ),
    Incident(
        22,
        "cilium #37935",
        {
            "ram": 64 * GIB,
            "su": 900,
            "vmalloc": 3789,
            "signs": KUBERNETES,
            "parts": callers(("bpf_map_area_alloc", 3500), ("load_module [mlx5_core]", 60)),
        },
        "warning",
        {"vmalloc": "bpf_maps"},
    ),
    Incident(
        22,
        "tetragon #4394",
        {"ram": 64 * GIB, "su": 900, "percpu": 84_008 * 96 * 300 // MIB, "cpus": 96, "signs": KUBERNETES},
        "critical",
        {"percpu": "bpf_maps"},
    ),
    Incident(
        23, "jc's samples of a VMware guest", {"ram": 3900, "su": 80, "percpu": 105, "cpus": 128, "online": 1}, "ok"
    ),
    Incident(
        24,
        "hwloc's sample 32em64t-2n8c+1mic",
        {
            "ram": 32 * GIB,
            "su": 300,
            "vmalloc": 0,
            "release": "3.10.0-229.el7.x86_64",
            "signs": PHYSICAL,
            "fields": {**RHEL_7, "VmallocUsed": 9_180_332},
        },
        "ok",
        not_recognised="ioremap_counted",
    ),
    Incident(
        26,
        "kubernetes/dns #621",
        {
            "ram": 32 * GIB,
            "su": 900,
            "signs": KUBERNETES,
            "parts": {
                "cgroups": {"version": 2, "rows": [["/kubepods.slice", {"kernel": 60 * MIB}]], "seen": 80, "dying": 10}
            },
        },
        "ok",
        not_recognised="pod_kernel_memory",
    ),
)
