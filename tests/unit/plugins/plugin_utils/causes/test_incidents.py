# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known incidents, with the numbers that were made public: each is recognised, or it is said why the numbers of a host
can't show it.

What a report does not say (RAM, the size of what was quiet) is chosen so that the incident hurts, as it did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import NOT_RECOGNISED, PATTERNS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes import (
    CONTAINER_HOST,
    GIB,
    KUBERNETES,
    PHYSICAL,
    VM,
    callers,
    judged,
    machine,
    processes,
    slabs,
)

MIB = 1024**2
DOCUMENT = (Path(__file__).parents[5] / "docs" / "patterns.md").read_text(encoding="utf-8")
RHEL_6 = {
    "VmallocUsed": 400_000,
    "VmallocChunk": 34_350_000_000,
    "KReclaimable": None,
    "SecPageTables": None,
    "Hugetlb": None,
    "Percpu": None,
}
RHEL_7 = {name: value for name, value in RHEL_6.items() if name != "Percpu"}
TAINTED = {"proc/sys/kernel/tainted": "4096\n"}


def growth(dimension: str, mib_a_day: float, severity: str = "warning") -> Finding:
    """Return a finding of growth, as the rule over history makes it."""
    grown = int(14 * mib_a_day * MIB)
    return Finding(
        dimension,
        "growth",
        severity,
        status="confirmed",
        value=grown,
        limit=grown // 2,
        unit="bytes",
        expected="",
        explanation="It grows.",
        next_step="Look.",
        command="true",
        evidence={"slope_bytes_per_day": mib_a_day * MIB},
    )


def growing(**mib_a_day: float) -> dict[str, float]:
    """Return the bytes a day of dimensions."""
    return {dimension: slope * MIB for dimension, slope in mib_a_day.items()}


@dataclass(frozen=True)
class Incident:
    """One row: its number and public reference, the host, what is found, and the pattern (or why there is none)."""

    number: int
    reference: str
    host: dict[str, Any]
    verdict: str
    found: dict[str, str | None] = field(default_factory=dict)
    """{dimension: pattern} of the findings that count for the verdict."""
    more: tuple[Finding, ...] = ()
    growing: dict[str, float] = field(default_factory=dict)
    not_recognised: str = ""


INCIDENTS = (
    Incident(
        1,
        "LWN 894432, RHBZ 1720479",
        {
            "ram": 64 * GIB,
            "su": 700,
            "sr": 38 * GIB,
            "vmalloc": 0,
            "percpu": 0,
            "release": "2.6.32-754.el6.x86_64",
            "available": 5 * GIB,
            "free": GIB,
            "fields": RHEL_6,
            "parts": slabs(("dentry", 36 * GIB, 192), whole=38 * GIB),
            "files": {"proc/sys/fs/dentry-state": "200000000\t199000000\t45\t0\t0\t0\n"},
        },
        "warning",
        {"slab_reclaimable": "negative_dentries"},
    ),
    Incident(
        2,
        "newbetuts: Unusually high dentry cache usage",
        {
            "ram": 128 * GIB,
            "su": 900,
            "sr": 90 * GIB,
            "vmalloc": 0,
            "percpu": 0,
            "release": "2.6.32-504.el6.x86_64",
            "available": 8 * GIB,
            "free": GIB,
            "fields": RHEL_6,
            "parts": slabs(("dentry", 88 * GIB, 192), whole=91 * GIB),
            "files": {"proc/sys/fs/dentry-state": "480000000\t479000000\t45\t0\t0\t0\n"},
        },
        "warning",
        {"slab_reclaimable": "negative_dentries"},
    ),
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
        4,
        "coreos/bugs #2637",
        {
            "ram": 64 * GIB,
            "su": 46_000,
            "parts": slabs(("ebitmap_node", 44_830, 64), ("kmalloc-64", 300, 64), whole=46_000),
            "release": "4.19.123-coreos",
        },
        "critical",
        {"slab_unreclaimable": "selinux_policy_leak", "kernel_unreclaimable": "selinux_policy_leak"},
    ),
    Incident(
        5,
        "coreos/bugs #1927",
        {
            "ram": 16 * GIB,
            "su": 5200,
            "signs": CONTAINER_HOST,
            "parts": slabs(("kernfs_node_cache", 4690, 136), ("kmalloc-1024", 100, 1024), whole=5200),
        },
        "critical",
        {"slab_unreclaimable": "kernfs_leak", "kernel_unreclaimable": "kernfs_leak"},
    ),
    Incident(
        6,
        "runc #1725, kubernetes #61937, moby #37722, RHBZ 1507149, deploy-ibm-cloud-private #181",
        {
            "ram": 128 * GIB,
            "su": 118 * GIB,
            "sr": 6 * GIB,
            "vmalloc": 0,
            "available": 2 * GIB,
            "free": GIB,
            "release": "3.10.0-957.el7.ppc64le",
            "arch": "ppc64le",
            "signs": KUBERNETES,
            "fields": RHEL_7,
            "parts": slabs(
                ("kmalloc-8192(991:pod7)", 60 * GIB, 8192), ("dentry(991:pod7)", 4 * GIB, 192), whole=110 * GIB
            ),
        },
        "critical",
        {"slab_unreclaimable": "kmem_accounting_old_kernel", "kernel_unreclaimable": "kmem_accounting_old_kernel"},
    ),
    Incident(
        7,
        "homeworld #458, deckhouse #2152, kubernetes #123766",
        {
            "ram": 64 * GIB,
            "su": 20 * GIB,
            "percpu": 2 * GIB,
            "cgroups": 300,
            "dying": 60_000,
            "cpus": 16,
            "release": "5.3.0-51-generic",
            "signs": KUBERNETES,
            "parts": slabs(
                ("kmalloc-4k", 5 * GIB, 4096), ("kmalloc-192", 3 * GIB, 192), ("cred_jar", GIB, 192), whole=20 * GIB
            ),
        },
        "critical",
        {"slab_unreclaimable": "cgroup_leak", "kernel_unreclaimable": "cgroup_leak", "dying_cgroups": "cgroup_leak"},
    ),
    Incident(
        8,
        "Kong/kubernetes-ingress-controller #4051",
        {
            "ram": 128 * GIB,
            "su": 52 * GIB,
            "release": "5.4.241-150.347.amzn2.x86_64",
            "signs": KUBERNETES,
            "parts": slabs(
                ("kmalloc-512", int(49.8 * GIB), 512), whole=52 * GIB, aliases={"kmalloc-512": ["pool_workqueue"]}
            ),
        },
        "critical",
        {"slab_unreclaimable": "kmalloc_leak", "kernel_unreclaimable": "kmalloc_leak"},
    ),
    Incident(
        9,
        "Open-CAS/open-cas-linux #892",
        {
            "ram": 64 * GIB,
            "su": 4 * GIB,
            "files": TAINTED,
            "signs": PHYSICAL,
            "parts": slabs(("kmalloc-2048", 3 * GIB, 2048), whole=4 * GIB),
        },
        "warning",
        {"slab_unreclaimable": "kmalloc_leak"},
        (growth("slab_unreclaimable", 200),),
        growing(slab_unreclaimable=200),
    ),
    Incident(
        10,
        "anholt/linux #156",
        {"ram": 16 * GIB, "su": GIB, "release": "5.10.47", "parts": slabs(("kmalloc-128", 700, 128), whole=GIB)},
        "warning",
        {"slab_unreclaimable": "kmalloc_leak"},
        (growth("slab_unreclaimable", 90),),
        growing(slab_unreclaimable=90),
    ),
    Incident(
        11,
        "omarchy #5989",
        {
            "ram": 64 * GIB,
            "su": 31 * GIB,
            "release": "7.0.0-generic",
            "parts": slabs(("skbuff_small_head", 22 * GIB, 704), ("skbuff_head_cache", 8 * GIB, 256), whole=31 * GIB),
        },
        "critical",
        {"slab_unreclaimable": "skbuff", "kernel_unreclaimable": "skbuff"},
    ),
    Incident(
        12,
        "canonical/lxd #5405",
        {
            "ram": 240 * GIB,
            "su": 20 * GIB,
            "unaccounted": 150 * GIB,
            "release": "4.18.0-24-generic",
            "signs": (*PHYSICAL, "path:var/snap/lxd/common/lxd/unix.socket"),
        },
        "critical",
        {"slab_unreclaimable": "container_unexplained", "unaccounted": "container_unexplained"},
    ),
    Incident(
        13,
        "ROCm/legacy-rocm-build #176",
        {"ram": 32 * GIB, "su": GIB, "signs": (*PHYSICAL, "module:amdgpu")},
        "warning",
        {"slab_unreclaimable": "gpu_driver"},
        (growth("slab_unreclaimable", 0.4 * 1440),),
        growing(slab_unreclaimable=0.4 * 1440),
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
        17,
        "kubernetes #123275, rancher #22050",
        {
            "ram": 16 * GIB,
            "su": 900,
            "threads": 20_000,
            "signs": KUBERNETES,
            "parts": processes(("kubelet", 1350), ("containerd", 900), what="threads", threads=20_000),
        },
        "warning",
        {"kernel_stack": "thread_leak", "slab_unreclaimable": "thread_leak"},
        (growth("kernel_stack", 40), growth("slab_unreclaimable", 15.5)),
        growing(kernel_stack=40, slab_unreclaimable=15.5),
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
        25,
        "ntop/PF_RING #1003",
        {
            "ram": 64 * GIB,
            "su": 4 * GIB,
            "files": TAINTED,
            "signs": (*PHYSICAL, "module:ice"),
            "parts": slabs(("kmalloc-4k", 3 * GIB, 4096), whole=4 * GIB),
        },
        "warning",
        {"slab_unreclaimable": "nic_zero_copy_driver"},
        (growth("slab_unreclaimable", 300),),
        growing(slab_unreclaimable=300),
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
    Incident(
        27,
        "xmm7360-pci #131, hardkernel/linux #360",
        {
            "ram": 32 * GIB,
            "su": 4 * GIB,
            "signs": PHYSICAL,
            "parts": slabs(("kmalloc-2k", 3 * GIB, 2048), ("skbuff_head_cache", 384, 256), whole=4 * GIB),
        },
        "warning",
        {"slab_unreclaimable": "skbuff"},
        (growth("slab_unreclaimable", 200),),
        growing(slab_unreclaimable=200),
    ),
)
IDS = [f"{one.number} {one.reference}" for one in INCIDENTS]


@pytest.mark.parametrize("incident", INCIDENTS, ids=IDS)
def test_an_incident_is_found_and_its_cause_named(incident):
    verdict, findings = judged(machine(**incident.host), incident.more, incident.growing)
    counting = {one.dimension: one.pattern for one in findings if one.severity != "info"}
    assert (verdict, counting) == (incident.verdict, incident.found)
    for one in findings:
        assert one.explanation.isprintable() and one.explanation.endswith("."), one.explanation


@pytest.mark.parametrize("incident", INCIDENTS, ids=IDS)
def test_the_documents_say_where_an_incident_was_seen(incident):
    for reference in incident.reference.split(", "):
        assert reference in " ".join(DOCUMENT.split()), reference


def test_every_incident_has_a_row():
    assert {one.number for one in INCIDENTS} == set(range(1, 28))


def test_what_the_numbers_can_not_show_is_named_with_its_reason():
    silent = {one.not_recognised for one in INCIDENTS if one.not_recognised}
    assert silent <= {*NOT_RECOGNISED}
    for name in silent:
        assert re.search(rf"^##+ .*`{name}`$", DOCUMENT, re.MULTILINE), name
    for name, reason in NOT_RECOGNISED.items():
        assert reason in DOCUMENT, name


def test_information_on_a_healthy_host_names_its_cause_too():
    """Incidents 15 and 23 are no defects: a balloon, and a hypervisor that could add CPUs."""
    _verdict, (only,) = judged(machine(**next(one for one in INCIDENTS if one.number == 15).host))
    assert (only.dimension, only.severity, only.pattern) == ("unaccounted", "info", "balloon")
    beside = Finding(
        "percpu",
        "disproportion",
        "info",
        status="current",
        value=840 * 1024,
        limit=400 * 1024,
        unit="bytes_per_cpu",
        expected="",
        explanation="It is high.",
        next_step="",
        command="",
        evidence={},
    )
    _verdict, (only,) = judged(machine(**next(one for one in INCIDENTS if one.number == 23).host), [beside])
    assert only.pattern == "percpu_by_possible_cpus"
    assert "prepared for 128 CPUs, 1 are online" in only.explanation


def test_reclaimable_slab_alone_is_no_incident_while_memory_is_available():
    """The first incident on the day before it hurt."""
    host = dict(next(one for one in INCIDENTS if one.number == 1).host, available=20 * GIB)
    assert judged(machine(**host)) == ("ok", [])


def test_every_pattern_is_seen_in_an_incident_or_has_a_test_of_its_own():
    seen = {pattern for one in INCIDENTS for pattern in one.found.values()}
    assert {pattern.name for pattern in PATTERNS} - seen == {"balloon", "zfs_arc", "percpu_by_possible_cpus"}
