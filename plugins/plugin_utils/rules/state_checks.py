# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each check on a host's state looks at, and from where on it is unusual. All thresholds are judgement, and
generous.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..words.text import one_line
from ..words.units import distinct_bytes, human_bytes, number_text, percent_text
from .amounts import PERCPU_CGROUP_BYTES, size_limit
from .limit_words import Words
from .state_words import (
    ADDRESS_SPACE,
    BOUNDED,
    INODES,
    NEED_FULL_PERCENT,
    NEED_SOME_PERCENT,
    NEGATIVE_DENTRIES,
    need_of,
)

MIB = 1024**2
GIB = 1024**3

FULL_PERCENT = 80
DENTRY_BYTES = 192
INODE_BYTES = 1024
SMALL_BLOCKS_PERCENT = 95
ORDER_OF_BUFFERS = 3
COST_OF_GROUP = 256 * 1024
MOST_GROUPS = 40_000
"""Many kernels have room for 65,535 control groups, ended ones included; then no container can start."""
PRESSURE_AVAILABLE_PERCENT = 25
ADDRESS_SPACE_PERCENT = 75
SMALL_ADDRESS_SPACE = 2 * GIB

# What kernel memory of a host is never in, and the first 16 MiB of a PC.
_NOT_KERNEL_ZONES = frozenset(("DMA", "Movable", "HighMem", "Device"))
_NODE_KERNEL = ("slab_unreclaimable_bytes", "page_tables_bytes", "secondary_page_tables_bytes", "kernel_stack_bytes")


@dataclass(frozen=True)
class Seen:
    """What a check found unusual."""

    severity: str
    value: float
    limit: float
    unit: str
    measure: str
    allowed: str
    rule: str
    remarks: list[str] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)
    words: Words | None = None


# A check's answer: what is unusual (mostly nothing), or why it can't be said.
Answer = list[Seen] | str
Check = Callable[[Mapping[str, Any], Mapping[str, Any]], Answer]


def _missing(facts: Mapping[str, Any], part: str, subset: str) -> str:
    """Return why a part of the attribution can't be used."""
    reason = facts["attribution"].get(part, {}).get("reason")
    return one_line(reason) if reason else f"It was not gathered; add {subset} to gather_subset."


def _share(memory: float, percent: float, low: float, high: float) -> int:
    return int(max(min(memory * percent / 100, high), low))


def _fragmentation(facts: Mapping[str, Any], _settings: Mapping[str, Any]) -> Answer:
    zones = facts["attribution"].get("fragmentation", {}).get("zones")
    if zones is None:
        return _missing(facts, "fragmentation", "pressure")
    free, small, largest = 0, 0.0, -1
    for zone in zones:
        size, share = zone["free_bytes"], zone["unusable_percent"]
        if size and share is not None and zone["zone"] not in _NOT_KERNEL_ZONES:
            free += size
            small += size * share
            largest = max(largest, zone["largest_free_order"] or 0)
    # Free memory in small pieces is usual where the page cache fills the host, and harms nobody until memory is needed.
    if not free or small <= SMALL_BLOCKS_PERCENT * free:
        return []
    need = need_of(facts)
    if not need:
        return []
    stalled = (facts["attribution"].get("pressure", {}).get("full_avg60") or 0) >= NEED_FULL_PERCENT
    percent = round(small / free, 1)
    remarks = (
        [need] if largest >= ORDER_OF_BUFFERS else [need, "no block is large enough for network buffers of 32 KiB"]
    )
    return [
        Seen(
            "warning" if stalled and largest < ORDER_OF_BUFFERS else "info",
            percent,
            SMALL_BLOCKS_PERCENT,
            "percent",
            f"{percent:.1f} % of {human_bytes(free)}",
            f"{SMALL_BLOCKS_PERCENT} %",
            "on a host that is short of memory",
            remarks,
            {"free_bytes": free, "largest_free_order": largest},
        )
    ]


@dataclass(frozen=True)
class Ended:
    """How many control groups there are beyond those that are in use, and from where on that is unusual."""

    ended: int
    limit: int
    warning: int
    measure: str
    rule: str
    warning_rule: str


def ended_cgroups(facts: Mapping[str, Any]) -> Ended | None:
    """Return the ended control groups of a host, or None where it does not say how many there are."""
    cgroups, threads = facts["host"]["cgroups"], facts["host"]["threads"]
    dying = facts["attribution"].get("cgroups", {}).get("dying")
    if dying is not None:
        visible = max(int((cgroups or dying) - dying), 1)
        limit, warning = _share(visible, 1000, 2_000, 20_000), _share(visible, 2500, 5_000, 40_000)
        rule, warning_rule = "10 times those that exist, 2,000 to 20,000", "25 times those that exist, 5,000 to 40,000"
        return Ended(dying, limit, warning, f"{dying:,} beside {visible:,} that exist", rule, warning_rule)
    if cgroups is None or threads is None:
        return None
    # Version 1 does not count them, but each group in use has a process or holds groups that have one.
    excess = max(int(cgroups) - int(threads), 0)
    measure = f"at least {excess:,}: there are {int(cgroups):,} groups and only {int(threads):,} threads"
    return Ended(excess, 2_000, 10_000, measure, "2,000 groups more than threads", "10,000 groups more than threads")


def _dying_cgroups(facts: Mapping[str, Any], _settings: Mapping[str, Any]) -> Answer:
    ended = ended_cgroups(facts)
    if ended is None:
        return _missing(facts, "cgroups", "cgroups")
    if ended.ended <= ended.limit:
        return []
    host = facts["host"]
    cost = ended.ended * (int(host["cpus_possible"]) * PERCPU_CGROUP_BYTES if host["cpus_possible"] else COST_OF_GROUP)
    dear = cost > _share(host["memory_total_bytes"] or 0, 2, 512 * MIB, 16 * GIB)
    hard = ended.ended > ended.warning and (dear or ended.ended > MOST_GROUPS)
    limit, rule = (ended.warning, ended.warning_rule) if hard else (ended.limit, ended.rule)
    evidence = {"cgroups": host["cgroups"], "ended": ended.ended, "estimated_bytes": cost}
    remarks = [f"they may hold up to {human_bytes(cost)}"]
    return [
        Seen(
            "warning" if hard else "info",
            ended.ended,
            limit,
            "count",
            ended.measure,
            f"{limit:,}",
            rule,
            remarks,
            evidence,
        )
    ]


def _numa_balance(facts: Mapping[str, Any], _settings: Mapping[str, Any]) -> Answer:
    nodes = facts["attribution"].get("numa_nodes", {}).get("nodes")
    if nodes is None:
        return _missing(facts, "numa_nodes", "numa")
    known = [node for node in nodes if node["memory_total_bytes"]]
    if len(known) < 2:
        return []
    kernel = [sum([node[name] or 0 for name in _NODE_KERNEL]) for node in known]
    place = max(range(len(known)), key=lambda one: kernel[one] / known[one]["memory_total_bytes"])
    answer = _kernel_on_one_node(known, kernel, place)
    return [answer] if answer else _one_node_full(facts, known)


def _kernel_on_one_node(nodes: list[dict[str, Any]], kernel: list[int], place: int) -> Seen | None:
    node, total = nodes[place], nodes[place]["memory_total_bytes"]
    limit = _share(total, 10, GIB, 32 * GIB)
    if kernel[place] <= limit:
        return None
    rest = sum(one["memory_total_bytes"] for one in nodes) - total
    rest_kernel, rest_free = (
        sum(kernel) - kernel[place],
        sum(one["memory_free_bytes"] or 0 for one in nodes) - (node["memory_free_bytes"] or 0),
    )
    limit = max(limit, 3 * rest_kernel * total // rest)
    if kernel[place] <= limit:
        return None
    free = node["memory_free_bytes"]
    hard = free is not None and free * 20 < total and rest_free * 5 >= rest
    remarks = [f"on the other nodes it is {percent_text(rest_kernel, rest)}"]
    if free is not None:
        remarks.append(
            f"{percent_text(free, total)} of this node is free and {percent_text(rest_free, rest)} of the others"
        )
    size, allowed = distinct_bytes(kernel[place], limit)
    return Seen(
        "warning" if hard else "info",
        kernel[place],
        limit,
        "bytes",
        f"{size}, {percent_text(kernel[place], total)} of node {node['node']}",
        allowed,
        "10 % of the node, and three times the share on the others",
        remarks,
        {"node": node["node"]},
    )


def _one_node_full(facts: Mapping[str, Any], nodes: list[dict[str, Any]]) -> list[Seen]:
    shares = [
        (node["memory_free_bytes"] / node["memory_total_bytes"], node["node"])
        for node in nodes
        if node["memory_free_bytes"] is not None
    ]
    if len(shares) < 2 or min(shares)[0] >= 0.02 or max(shares)[0] < 0.2:
        return []
    need = need_of(facts)
    if not need:
        return []
    used, free = round(100 * (1 - min(shares)[0]), 1), max(shares)
    return [
        Seen(
            "info",
            used,
            98,
            "percent",
            f"{used:.1f} % of node {min(shares)[1]}",
            "98 %",
            "on a host that is short of memory",
            [f"{100 * free[0]:.1f} % of node {free[1]} is free", need],
            {"node": min(shares)[1]},
        )
    ]


def _slab_use(facts: Mapping[str, Any], _settings: Mapping[str, Any]) -> Answer:
    memory, sizes = facts["host"]["memory_total_bytes"], facts["dimensions"]
    slab = (sizes["slab_unreclaimable_bytes"] or 0) + (sizes["slab_reclaimable_bytes"] or 0)
    if not memory:
        return "The host's RAM is not known."
    limit = _share(memory, 5, GIB, 16 * GIB)
    if 0 < slab <= limit:
        return []
    caches = facts["attribution"].get("slab_caches", {}).get("caches")
    if caches is None:
        return _missing(facts, "slab_caches", "slab")
    room = [
        (int(one["bytes"] * (100 - one["use_percent"]) / 100), one)
        for one in caches
        if one["bytes"] and one["use_percent"] is not None
    ]
    empty = sum(size for size, _one in room)
    if empty <= limit:
        return []
    available = facts["host"]["memory_available_bytes"]
    hard = empty > 2 * limit and available is not None and available * 5 < memory
    size, most = max(room, key=lambda one: one[0])
    value, allowed = distinct_bytes(empty, limit)
    name = one_line(most["name"] or "", 64) or "(no name)"
    return [
        Seen(
            "warning" if hard else "info",
            empty,
            limit,
            "bytes",
            f"{value}, {percent_text(empty, memory)} of RAM",
            allowed,
            "5 % of RAM, 1 to 16 GiB",
            [
                f"{name} alone has {human_bytes(size)} of it, with {number_text(most['use_percent'])} % of its "
                "objects in use"
            ],
            {"slab_bytes": slab},
        )
    ]


def _object_limits(facts: Mapping[str, Any], _settings: Mapping[str, Any]) -> Answer:
    objects = facts["attribution"].get("objects", {})
    if "files" not in objects:
        return _missing(facts, "objects", "objects")
    found = []
    for bounded in BOUNDED:
        held, allowed = objects[bounded.held], objects[bounded.allowed]
        if held and allowed and held * 100 > FULL_PERCENT * allowed:
            found.append(_near_its_limit(bounded.name, held, allowed, FULL_PERCENT, bounded.unit, bounded.words))
    space, used = facts["host"].get("vmalloc_total_bytes"), facts["dimensions"]["vmalloc_bytes"]
    if space and used and space < SMALL_ADDRESS_SPACE and used * 100 > ADDRESS_SPACE_PERCENT * space:
        found.append(_near_its_limit("address_space", used, space, ADDRESS_SPACE_PERCENT, "bytes", ADDRESS_SPACE))
    memory, dentries, negative, inodes = (
        facts["host"]["memory_total_bytes"],
        objects["dentries"],
        objects["dentries_negative"],
        objects["inodes"],
    )
    # 512 MiB of dentries and 2 GiB of inodes are the least that is worth a word.
    if memory and negative and dentries and negative * DENTRY_BYTES > 512 * MIB:
        limit = _share(memory, 2, 512 * MIB, 8 * GIB) // DENTRY_BYTES
        if negative > limit and negative * 2 >= dentries:
            measure = f"{negative:,} of {dentries:,} dentries, about {human_bytes(negative * DENTRY_BYTES)}"
            found.append(
                Seen(
                    "info",
                    negative,
                    limit,
                    "count",
                    measure,
                    f"{limit:,}",
                    "2 % of RAM, 512 MiB to 8 GiB",
                    [],
                    {"object": "negative_dentries"},
                    NEGATIVE_DENTRIES,
                )
            )
    if memory and inodes and inodes * INODE_BYTES > 2 * GIB:
        limit = _share(memory, 10, 2 * GIB, 64 * GIB) // INODE_BYTES
        if inodes > limit:
            measure = f"{inodes:,}, at least {human_bytes(inodes * INODE_BYTES)}"
            found.append(
                Seen(
                    "info",
                    inodes,
                    limit,
                    "count",
                    measure,
                    f"{limit:,}",
                    "10 % of RAM, 2 to 64 GiB",
                    [],
                    {"object": "inodes"},
                    INODES,
                )
            )
    return found


def _near_its_limit(name: str, held: int, allowed: int, percent: int, unit: str, cell: Words) -> Seen:
    limit = allowed * percent // 100
    texts = distinct_bytes(held, limit) if unit == "bytes" else (f"{held:,}", f"{limit:,}")
    whole = human_bytes(allowed) if unit == "bytes" else f"{allowed:,}"
    measure = f"{texts[0]}, {percent_text(held, allowed)} of the {whole} that the kernel allows"
    return Seen(
        "warning",
        held,
        limit,
        unit,
        measure,
        texts[1],
        f"{percent} % of that",
        [],
        {"object": name, "allowed": allowed},
        cell,
    )


def _memory_pressure(facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Answer:
    pressure = facts["attribution"].get("pressure", {})
    some, full = pressure.get("some_avg300"), pressure.get("full_avg300")
    if some is None or full is None:
        return _missing(facts, "pressure", "pressure")
    if some < NEED_SOME_PERCENT and full < NEED_FULL_PERCENT:
        return []
    evidence: dict[str, Any] = {"some_avg300": some, "full_avg300": full, "oom_kills": pressure["oom_kills"]}
    remarks = [f"in {full:.1f} % all of them waited at once"]
    if pressure["oom_kills"]:
        remarks.append(f"the kernel has killed {pressure['oom_kills']:,} processes for lack of memory since boot")
    # Reclaimable slab is a matter for the verdict where memory is short: by MemAvailable (the limits say so), or by
    # this.
    level, memory = settings["limits"]["slab_reclaimable"]["warning"], facts["host"]["memory_total_bytes"]
    slab, available, severity = (
        facts["dimensions"]["slab_reclaimable_bytes"],
        facts["host"]["memory_available_bytes"],
        "info",
    )
    if memory and available is not None and available * 100 >= PRESSURE_AVAILABLE_PERCENT * memory:
        remarks.append(
            f"{human_bytes(int(available))} is available, so it is rather a control group that waits at its own limit"
        )
    elif slab and memory and level and level["percent_of_ram"] is not None and slab > size_limit(level, memory):
        severity = "warning"
        evidence["slab_reclaimable_bytes"] = slab
        remarks.append(
            f"reclaimable slab is {human_bytes(slab)}, {percent_text(slab, memory)} of RAM, and should have been "
            "given back"
        )
    value, limit = (some, NEED_SOME_PERCENT) if some >= NEED_SOME_PERCENT else (full, NEED_FULL_PERCENT)
    measure = f"{some:.1f} % of the last 5 minutes"
    return [
        Seen(
            severity,
            value,
            limit,
            "percent",
            measure,
            f"{NEED_SOME_PERCENT} %",
            f"{NEED_FULL_PERCENT} % for all tasks",
            remarks,
            evidence,
        )
    ]


CHECKS: dict[str, Check] = {
    "fragmentation": _fragmentation,
    "dying_cgroups": _dying_cgroups,
    "numa_balance": _numa_balance,
    "slab_use": _slab_use,
    "object_limits": _object_limits,
    "memory_pressure": _memory_pressure,
}
"""The checks by the name that their findings have as dimension."""
