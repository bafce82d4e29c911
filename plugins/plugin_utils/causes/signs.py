# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signs of named patterns: functions that say in one sentence what in the numbers shows a pattern, or give an
empty text.
"""

from __future__ import annotations

import re

from ..checks.dying_cgroups import ended_cgroups
from ..dimensions.kernel_stack import stack_per_thread
from ..dimensions.table import PARTS, TOTAL
from ..model.finding import Finding
from ..text.safe import one_line
from ..text.units import KIB, MIB, human_bytes
from .scene import Scene

SLAB_PER_THREAD = 6.2 * KIB
"""What each idle thread costs in slab beside its stack, measured on x86_64 with Linux 6.18 (page tables 0.2 KiB
more).
"""
_FIRST_FIXED_BUILD = 1075
_ONE_CACHE_PERCENT = 60
_MOST_PER_GROUP = MIB
_USUAL_SLAB_PERCENT = 2

_SELINUX = re.compile(r"ebitmap_node|avtab_node|avtab_extended_perms|hashtab_node")
_KERNFS = re.compile(r"kernfs_node_cache|kernfs_iattrs_cache|sysfs_dir_cache")
_NETWORK = re.compile(
    r"skbuff_\w+|(request_sock_|tw_sock_)?(TCP|UDP|MPTCP)(v6|Lite)?|tcp_bind2?_bucket|PING(v6)?|UNIX(-STREAM)?"
)
_CONNTRACK = re.compile(r"nf_conntrack\w*|ip_conntrack\w*")
_KMALLOC = re.compile(r"(dma-)?kmalloc-(cg-|rnd-\d+-)?\d+[kM]?|size-\d+(\(DMA\))?")
_ACCOUNTED = re.compile(r"(dma-)?kmalloc-\d+|dentry|cred_jar|inode_cache|shmem_inode_cache|\w+_inode_cache|taskstats")
_DENTRY = re.compile(r"dentry(_cache)?")
_BPF = re.compile(
    r"_*bpf_(map|prog|jit|ringbuf)\w*|htab_map_alloc|array_map_alloc|pcpu_create_chunk|pcpu_mem_zalloc|prealloc_init"
)
_IPTABLES = re.compile(
    r"xt_alloc_table_info|xt_alloc_entry_offsets|xt_\w+|ip6?t_\w+|ebt_\w+|do_replace\w*|translate_table"
)
_RELEASE_3_10 = re.compile(r"3\.10\.0-(\d+)")


def selinux_policy(scene: Scene, _finding: Finding) -> str:
    return scene.held_by(_SELINUX, 25)


def kernfs(scene: Scene, _finding: Finding) -> str:
    return scene.held_by(_KERNFS, 25)


def network_buffers(scene: Scene, _finding: Finding) -> str:
    # Each buffer has a head here and its data in kmalloc: as many heads as objects of the largest kmalloc cache is the
    # same sign.
    heads = sum(row.objects or 0 for name, _size, _gives_back, row in scene.caches if name.startswith("skbuff_"))
    data = max(
        (row.objects or 0 for name, _size, _gives_back, row in scene.caches if _KMALLOC.fullmatch(name)), default=0
    )
    return scene.held_by(_NETWORK, 5 if data and heads * 2 >= data else 25)


def connection_tracking(scene: Scene, finding: Finding) -> str:
    if finding.dimension == "object_limits":
        return "Connection tracking is nearly full." if _object(finding) == "conntrack" else ""
    return scene.held_by(_CONNTRACK, 20)


def old_kmem_accounting(scene: Scene, _finding: Finding) -> str:
    release = scene.sample.kernel_release or ""
    build = _RELEASE_3_10.match(release)
    if not release.startswith("3.10.") or (build and int(build.group(1)) >= _FIRST_FIXED_BUILD):
        return ""
    platform, cgroups = scene.subject.platform, scene.sample.cgroups or 0
    if not (platform.container_host or platform.kubernetes_node or scene.has_group_caches or cgroups >= 2000):
        return ""
    held = scene.held_by(_ACCOUNTED, 25)
    if scene.caches and not held and not scene.has_group_caches:
        return ""
    return f"The kernel is {one_line(release, 60)} and runs containers. {held}".strip()


def ended_groups(scene: Scene, finding: Finding) -> str:
    ended, about_slab = ended_cgroups(scene.subject), finding.dimension in ("slab_unreclaimable", TOTAL)
    # Control groups spread over many caches.
    if about_slab and scene.largest_share >= _ONE_CACHE_PERCENT:
        return ""
    if (
        ended is not None
        and ended.ended > ended.limit
        and not (about_slab and ended.ended * _MOST_PER_GROUP * 4 < scene.size("slab_unreclaimable"))
    ):
        return f"Ended control groups that still hold memory: {ended.measure}."
    slab, percpu = scene.slope("slab_unreclaimable"), scene.slope("percpu")
    if percpu > 0 and slab >= 2 * percpu:
        return f"Unreclaimable slab and per-CPU memory grow together, by {_per_day(slab)} and {_per_day(percpu)}."
    slab, percpu = scene.size("slab_unreclaimable"), scene.size("percpu")
    if {"slab_unreclaimable", "percpu"} <= scene.alarmed and slab >= 2 * percpu:
        return (
            f"Unreclaimable slab ({human_bytes(int(slab))}) and per-CPU memory ({human_bytes(int(percpu))}) are "
            "high together."
        )
    return ""


def many_threads(scene: Scene, finding: Finding) -> str:
    threads, unit = scene.sample.threads, finding.unit
    if threads is None or unit == "bytes_per_thread":
        return ""
    owner = _owner_of_threads(scene)
    stack, slab = scene.slope("kernel_stack"), scene.slope("slab_unreclaimable")
    each = stack_per_thread(scene.sample.architecture, scene.page_size) or 16 * KIB
    ratio = SLAB_PER_THREAD / each
    if (
        finding.kind == "growth"
        and stack > 0
        and (finding.dimension == "kernel_stack" or 0.5 * ratio * stack <= slab <= 2 * ratio * stack)
    ):
        beside = f" and slab by {_per_day(slab)}" if slab > 0 else ""
        return (
            f"Stacks grow by {_per_day(stack)}{beside}, which is about {stack / each:,.0f} threads a day; there "
            f"are {threads:,} now.{owner}"
        )
    if finding.dimension == "kernel_stack":
        return (
            f"There are {threads:,} threads, about {human_bytes(int(threads * (each + SLAB_PER_THREAD)))} of "
            f"kernel memory.{owner}"
        )
    cost = threads * (SLAB_PER_THREAD if finding.dimension == "slab_unreclaimable" else each + SLAB_PER_THREAD)
    if finding.kind != "growth" and cost * 5 >= 2 * scene.size(finding.dimension) > 0:
        return f"The {threads:,} threads explain about {human_bytes(int(cost))} of it.{owner}"
    return ""


def graphics_slab(scene: Scene, finding: Finding) -> str:
    drivers = scene.holders("gpu")
    if finding.kind != "growth" or not drivers or scene.growing.keys() - {"slab_unreclaimable", TOTAL}:
        return ""
    return f"Only unreclaimable slab grows, and the graphics driver {drivers[0]} is loaded."


def zero_copy_driver(scene: Scene, _finding: Finding) -> str:
    drivers = scene.holders("driver")
    held = scene.held_by(_KMALLOC, 40)
    if not (drivers and held and scene.out_of_tree):
        return ""
    return (
        f"{held} A module from outside the kernel's sources has been loaded, and {', '.join(drivers[:3])} drives "
        "the network."
    )


def kmalloc(scene: Scene, _finding: Finding) -> str:
    held = scene.held_by(_KMALLOC, 40)
    if held and scene.out_of_tree:
        held += " A module from outside the kernel's sources has been loaded since boot."
    outside = scene.outside_caches
    if not held and outside * 5 >= 2 * scene.size("slab_unreclaimable") > 0:
        held = f"{human_bytes(outside)} of slab are in no cache: they were allocated in pieces of more than 8 KiB."
    return held


def containers_unexplained(scene: Scene, _finding: Finding) -> str:
    if not ({"slab_unreclaimable", "unaccounted"} <= scene.alarmed and scene.subject.platform.container_host):
        return ""
    slab, rest = human_bytes(scene.size("slab_unreclaimable")), human_bytes(scene.size("unaccounted"))
    return f"On this container host unreclaimable slab ({slab}) and memory in no counter ({rest}) are high together."


def programs_in_the_kernel(scene: Scene, finding: Finding) -> str:
    if finding.dimension == "vmalloc":
        return scene.allocated_by(_BPF, 25)
    cpus, percpu = scene.sample.cpus_possible, scene.size("percpu")
    # Control groups and namespaces take several times as much slab as per-CPU memory; maps take hardly any.
    if finding.kind == "growth":
        slab, beside = scene.slope("slab_unreclaimable"), scene.slope("percpu")
    else:
        usual = (scene.sample.memory_total_bytes or 0) * _USUAL_SLAB_PERCENT / 100
        slab, beside = scene.size("slab_unreclaimable") - usual, float(percpu)
    if not cpus or percpu < 2 * MIB * cpus or slab >= 2 * beside:
        return ""
    return (
        f"It is {human_bytes(percpu // cpus)} for each of {cpus:,} possible CPUs, without the slab that "
        "control groups would bring."
    )


def packet_filter_tables(scene: Scene, _finding: Finding) -> str:
    return scene.allocated_by(_IPTABLES, 25)


def address_space_32_bit(_scene: Scene, finding: Finding) -> str:
    return "The kernel is a 32-bit one." if _object(finding) == "address_space" else ""


def possible_cpus(scene: Scene, _finding: Finding) -> str:
    possible, online, percpu = scene.sample.cpus_possible, scene.cpus_online, scene.size("percpu")
    if not possible or not online or possible < 4 * online or percpu > 2 * MIB * possible:
        return ""
    return (
        f"The kernel is prepared for {possible:,} CPUs, {online:,} are online, and "
        f"{human_bytes(percpu // possible)} for each is usual."
    )


def sessions_without_huge_pages(scene: Scene, _finding: Finding) -> str:
    processes = scene.page_table_processes
    huge = scene.term("hugetlb_bytes")
    if len(processes) < 3 or huge is None or huge * 100 > (scene.sample.memory_total_bytes or 0):
        return ""
    largest, third = processes[0].bytes or 0, processes[2].bytes or 0
    if third < 32 * MIB or third * 10 < largest * 6:
        return ""
    name = one_line(processes[0].command or "", 40) or "(no name)"
    share = "no huge pages are set aside" if not huge else f"only {human_bytes(huge)} of huge pages are set aside"
    return (
        f"The largest processes, {name} first, have nearly equal page tables of {human_bytes(third)} and more, "
        f"and {share}."
    )


def names_of_no_files(scene: Scene, finding: Finding) -> str:
    if finding.dimension == "object_limits":
        return "Most dentries are names of files that do not exist." if _object(finding) == "negative_dentries" else ""
    if finding.dimension == "memory_pressure" and "slab_reclaimable_bytes" not in finding.evidence:
        return ""
    objects = scene.subject.attribution.objects
    dentries, negative = (objects.dentries or 0, objects.dentries_negative) if objects else (0, None)
    if negative and negative * 2 >= dentries:
        return f"{negative:,} of {dentries:,} dentries are names of files that do not exist."
    held = scene.held_by(_DENTRY, 50, reclaimable=True)
    return f"{held} This kernel does not count those of files that do not exist." if held and negative is None else ""


def balloon(scene: Scene, _finding: Finding) -> str:
    names = scene.holders("balloon")
    return f"The balloon driver {names[0]} is loaded and does not say how much it holds." if names else ""


def file_cache_of_zfs(scene: Scene, _finding: Finding) -> str:
    return "ZFS is loaded, and the size of its cache could not be read." if scene.holders("zfs") else ""


def graphics_memory(scene: Scene, _finding: Finding) -> str:
    names = scene.holders("gpu")
    return f"The graphics driver {names[0]} is loaded." if names else ""


def only_unaccounted(scene: Scene, finding: Finding) -> str:
    # Where memory is short because of it, reclaimable slab may be above its limit, too.
    moving = frozenset(PARTS) & (scene.growing.keys() if finding.kind == "growth" else scene.alarmed)
    if moving or any(scene.holders(kind) for kind in ("balloon", "zfs", "gpu", "zram")):
        return ""
    suspects = scene.holders("driver")
    named = f" Drivers that take such pages are loaded: {', '.join(suspects[:4])}." if suspects else ""
    verb = "grows" if finding.kind == "growth" else "is high"
    return f"Only memory in no counter {verb}; all other dimensions are quiet.{named}"


def _object(finding: Finding) -> str:
    return str(finding.evidence.get("object") or "")


def _per_day(slope: float) -> str:
    return f"{human_bytes(int(slope))} a day"


def _owner_of_threads(scene: Scene) -> str:
    processes = scene.thread_processes
    if not processes or not processes[0].threads:
        return ""
    name = one_line(processes[0].command or "", 40) or "(no name)"
    return f" {name} (pid {processes[0].pid or 0}) has {processes[0].threads:,} of them."
