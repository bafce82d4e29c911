# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signs of what costs memory in several dimensions at once: control groups, threads, and maps of eBPF programs."""

from __future__ import annotations

import re

from ..checks.dying_cgroups import ended_cgroups
from ..dimensions.kernel_stack import stack_per_thread
from ..dimensions.table import TOTAL
from ..model.finding import Finding
from ..model.owners import OwnerKind
from ..text.safe import one_line, one_name
from ..text.units import KIB, MIB, human_bytes, percent_text
from .families import DESCRIPTORS, OF_DESCRIPTORS
from .scene import Scene

SLAB_PER_THREAD = 6.2 * KIB
"""What each idle thread costs in slab beside its stack, measured on x86_64 with Linux 6.18 (page tables 0.2 KiB
more).
"""
SLAB_PER_GROUP = 20 * KIB
"""What each living control group costs in slab, measured with Linux 6.12: 133.4 MiB for 6,720 groups."""
PERCPU_PER_GROUP = 1.8 * KIB
"""And in per-CPU memory, for each possible CPU: 24.0 MiB on two CPUs."""
_OF_GROUPS, _OF_NAMESPACES = 0.25, 0.06
"""The most per-CPU memory for each possible CPU, as a part of slab. Measured: 0.09 of control groups, 0.015 of network
namespaces. Maps of eBPF programs have hardly any slab.
"""
_MOST_PERCPU_PER_GROUP = 16 * KIB
"""For each possible CPU; where there are too few groups for that, it is a matter of namespaces or maps."""
_ONE_CACHE_PERCENT = 60
_MOST_PER_GROUP = MIB
_USUAL_SLAB_PERCENT = 2
_DESCRIPTORS_PERCENT = 25
_MANY_GROUPS = 1000
_MAIN_PERCENT = 25

_BPF = re.compile(
    r"_*bpf_(map|prog|jit|ringbuf)\w*|htab_map_alloc|array_map_alloc|pcpu_create_chunk|pcpu_mem_zalloc|prealloc_init"
)
_WITH_DESCRIPTORS = re.compile(r"(3\.1\d|4\.\d+|5\.[0-8])\.")


def living_groups(scene: Scene, finding: Finding) -> str:
    """Whether control groups that are in use were made in such numbers that they explain it."""
    living, kind = scene.number(finding, "cgroups_living"), finding.kind
    if finding.dimension not in ("slab_unreclaimable", "percpu", TOTAL):
        return ""
    if living is not None:
        more = living.amount
        words = f"{max(more, 0):,} more control groups than then exist now ({living.now:,})"
    elif kind == "limit":
        more = scene.subject.living_cgroups or 0
        words = f"{more:,} control groups exist"
    else:
        return ""
    each = PERCPU_PER_GROUP * (scene.sample.cpus_possible or 1)
    each = {"slab_unreclaimable": SLAB_PER_GROUP, "percpu": each}.get(finding.dimension, each + SLAB_PER_GROUP)
    if more < _MANY_GROUPS or more * each * 100 < _MAIN_PERCENT * finding.value or finding.unit != "bytes":
        return ""
    return f"{words}, about {human_bytes(int(more * each))} of it.{_group(scene, finding)}"


def ended_groups(scene: Scene, finding: Finding) -> str:
    """Whether control groups that are no longer in use, or namespaces, keep memory."""
    ended, about_slab = ended_cgroups(scene.subject), finding.dimension in ("slab_unreclaimable", TOTAL)
    held = scene.holdings(finding)
    if about_slab and _WITH_DESCRIPTORS.match(scene.sample.kernel_release or ""):
        clause = held.clause(OF_DESCRIPTORS, _DESCRIPTORS_PERCENT)
        if clause and held.clause(DESCRIPTORS, _DESCRIPTORS_PERCENT):
            return f"{clause} They describe slab caches, of which this kernel makes a set for each control group."
    # Control groups spread over many caches.
    if about_slab and held.largest_percent >= _ONE_CACHE_PERCENT:
        return ""
    if (
        ended is not None
        and ended.ended > ended.limit
        and not (about_slab and ended.ended * _MOST_PER_GROUP * 4 < scene.size("slab_unreclaimable"))
    ):
        return f"Ended control groups that still hold memory: {ended.measure}."
    return _grow_together(scene) or _high_together(scene)


def _grow_together(scene: Scene) -> str:
    slab, percpu = scene.slope("slab_unreclaimable"), scene.slope("percpu")
    if percpu <= 0 or not _are_of_groups(scene, slab, percpu):
        return ""
    return (
        f"Unreclaimable slab and per-CPU memory grow together, by {per_day(slab)} and {per_day(percpu)}, in the "
        f"proportion of control groups or namespaces{_on_cpus(scene)}.{_or_maps(scene)}"
    )


def _high_together(scene: Scene) -> str:
    slab, percpu = scene.size("slab_unreclaimable"), scene.size("percpu")
    grows = scene.slope("percpu") > 0 and not _are_of_groups(
        scene, scene.slope("slab_unreclaimable"), scene.slope("percpu")
    )
    if not {"slab_unreclaimable", "percpu"} <= scene.alarmed or grows or not _are_of_groups(scene, slab, percpu):
        return ""
    return (
        f"Unreclaimable slab ({human_bytes(slab)}) and per-CPU memory ({human_bytes(percpu)}) are high together, in "
        f"the proportion of control groups or namespaces{_on_cpus(scene)}.{_or_maps(scene)}"
    )


def _are_of_groups(scene: Scene, slab: float, percpu: float) -> bool:
    """Whether slab and per-CPU memory have the proportion of control groups or namespaces, which is that of the
    possible CPUs.
    """
    cpus, groups = max(scene.sample.cpus_possible or 2, 2), scene.sample.cgroups
    few = groups is not None and groups * cpus * _MOST_PERCPU_PER_GROUP < scene.size("percpu")
    return slab > 0 and percpu <= (_OF_NAMESPACES if few else _OF_GROUPS) * cpus * slab


def _on_cpus(scene: Scene) -> str:
    cpus = scene.sample.cpus_possible
    return f" on {cpus:,} possible CPUs" if cpus else ""


def _or_maps(scene: Scene) -> str:
    """Return what else it may be where nobody counts the groups, and many CPUs make any proportion possible."""
    if scene.sample.cgroups is not None:
        return ""
    return (
        " How many control groups there are is not known, so it may be maps of eBPF programs as well: compare "
        "/sys/fs/cgroup/cgroup.stat with bpftool map."
    )


def _group(scene: Scene, finding: Finding) -> str:
    """Return the control group that has grown most, or else that has most groups within it."""
    grown = scene.grown(finding, OwnerKind.CGROUP)
    # The root and the slices hold all others.
    most = next((one for one in grown.owners if one.key.name.count("/") > 1), None) if grown else None
    if most is not None:
        return f" The group that has grown most is {one_line(most.key.name, 64)}, by {human_bytes(most.amount)}."
    part = scene.attribution.cgroups
    rows = [one for one in (part.cgroups if part else ()) if one.descendants and one.path]
    parent = max(rows, key=lambda one: one.descendants or 0, default=None)
    if parent is None:
        return ""
    return f" {one_line(parent.path or '', 64)} has {parent.descendants or 0:,} groups within it."


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
        beside = f" and slab by {per_day(slab)}" if slab > 0 else ""
        return (
            f"Stacks grow by {per_day(stack)}{beside}, which is about {stack / each:,.0f} threads a day; there "
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


def _owner_of_threads(scene: Scene) -> str:
    processes, commands = scene.thread_processes, scene.commands
    largest = processes[0].threads or 0 if processes else 0
    most = max(commands, key=lambda one: one.threads or 0, default=None)
    if most is not None and (most.processes or 0) > 1 and (most.threads or 0) > 2 * largest:
        name = one_name(most.command, 40)
        return f" {most.processes or 0:,} processes {name} have {most.threads or 0:,} of them together."
    if not largest:
        return ""
    return f" {one_name(processes[0].command, 40)} (pid {processes[0].pid or 0}) has {largest:,} of them."


def programs_in_the_kernel(scene: Scene, finding: Finding) -> str:
    """Whether maps of eBPF programs explain it: their functions in vmalloc, per-CPU memory without slab beside it."""
    if finding.dimension == "vmalloc":
        return scene.allocated_by(finding, _BPF, 25)
    cpus, percpu = scene.sample.cpus_possible, scene.size("percpu")
    # Control groups and namespaces take slab in a fixed proportion to per-CPU memory; maps take hardly any.
    if finding.kind == "growth":
        slab, beside = scene.slope("slab_unreclaimable"), scene.slope("percpu")
    else:
        usual = (scene.sample.memory_total_bytes or 0) * _USUAL_SLAB_PERCENT / 100
        slab, beside = scene.size("slab_unreclaimable") - usual, float(percpu)
    if not cpus or percpu < 2 * MIB * cpus or _are_of_groups(scene, slab, beside):
        return ""
    return (
        f"It is {human_bytes(percpu // cpus)} for each of {cpus:,} possible CPUs, without the slab that "
        f"control groups would bring ({percent_text(max(slab, 0), max(beside, 1))} of it).{_or_maps_known(scene)}"
    )


def _or_maps_known(scene: Scene) -> str:
    return "" if scene.sample.cgroups is not None else " How many control groups there are is not known."


def possible_cpus(scene: Scene, _finding: Finding) -> str:
    possible, online, percpu = scene.sample.cpus_possible, scene.cpus_online, scene.size("percpu")
    if not possible or not online or possible < 4 * online or percpu > 2 * MIB * possible:
        return ""
    return (
        f"The kernel is prepared for {possible:,} CPUs, {online:,} are online, and "
        f"{human_bytes(percpu // possible)} for each is usual."
    )


def per_day(slope: float) -> str:
    """Return a growth in words."""
    return f"{human_bytes(int(slope))} a day"
