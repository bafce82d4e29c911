# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel memory that is mostly on one NUMA node, or one node that is full while others are not."""

from __future__ import annotations

from collections.abc import Sequence

from ..dimensions.dimension import Words
from ..model.attribution_parts import Node
from ..model.subject import Subject
from ..text.units import GIB, distinct_bytes, percent_text
from .check import Answer, Check, Seen, missing, need_of, share

KERNEL_WORDS = Words(
    "Kernel memory on one NUMA node",
    "See which node the busiest interrupts and services are bound to.",
    "grep -E 'MemTotal|MemFree|SUnreclaim|PageTables' /sys/devices/system/node/node*/meminfo",
)
FULL_WORDS = Words(
    "The used share of one NUMA node",
    "See which programs are bound to that node, and whether they need to be.",
    "numastat -m 2>/dev/null || grep -E 'MemTotal|MemFree' /sys/devices/system/node/node*/meminfo",
)


def answer(subject: Subject) -> Answer:
    """Compare the nodes with each other."""
    numa = subject.attribution.numa_nodes
    if numa is None or not numa.has_data:
        return missing(subject, "numa_nodes", "numa")
    known = [node for node in numa.nodes if node.memory_total_bytes]
    if len(known) < 2:
        return []
    seen = _kernel_on_one_node(known)
    return [seen] if seen else _one_node_full(subject, known)


def _kernel_bytes(node: Node) -> int:
    parts = (
        node.slab_unreclaimable_bytes,
        node.page_tables_bytes,
        node.secondary_page_tables_bytes,
        node.kernel_stack_bytes,
    )
    return sum([part or 0 for part in parts])


def _total(node: Node) -> int:
    return node.memory_total_bytes or 0


def _kernel_on_one_node(nodes: Sequence[Node]) -> Seen | None:
    most = max(nodes, key=lambda node: _kernel_bytes(node) / _total(node))
    kernel, total = _kernel_bytes(most), _total(most)
    limit = share(total, 10, GIB, 32 * GIB)
    if kernel <= limit:
        return None
    rest = sum(map(_total, nodes)) - total
    rest_kernel = sum(map(_kernel_bytes, nodes)) - kernel
    rest_free = sum(node.memory_free_bytes or 0 for node in nodes) - (most.memory_free_bytes or 0)
    limit = max(limit, 3 * rest_kernel * total // rest)
    if kernel <= limit:
        return None
    free = most.memory_free_bytes
    hard = free is not None and free * 20 < total and rest_free * 5 >= rest
    remarks = [f"on the other nodes it is {percent_text(rest_kernel, rest)}"]
    if free is not None:
        there = percent_text(rest_free, rest)
        remarks.append(f"{percent_text(free, total)} of this node is free and {there} of the others")
    size, allowed = distinct_bytes(kernel, limit)
    return Seen(
        "warning" if hard else "info",
        kernel,
        limit,
        "bytes",
        KERNEL_WORDS,
        measure=f"{size}, {percent_text(kernel, total)} of node {most.node}",
        allowed=allowed,
        rule="10 % of the node, and three times the share on the others",
        remarks=tuple(remarks),
        evidence={"node": most.node},
    )


def _one_node_full(subject: Subject, nodes: Sequence[Node]) -> list[Seen]:
    shares = [
        (node.memory_free_bytes / _total(node), node.node) for node in nodes if node.memory_free_bytes is not None
    ]
    if len(shares) < 2 or min(shares)[0] >= 0.02 or max(shares)[0] < 0.2:
        return []
    need = need_of(subject)
    if not need:
        return []
    (least, fullest), (most, emptiest) = min(shares), max(shares)
    used = round(100 * (1 - least), 1)
    return [
        Seen(
            "info",
            used,
            98,
            "percent",
            FULL_WORDS,
            measure=f"{used:.1f} % of node {fullest}",
            allowed="98 %",
            rule="on a host that is short of memory",
            remarks=(f"{100 * most:.1f} % of node {emptiest} is free", need),
            evidence={"node": fullest},
        )
    ]


NUMA_BALANCE = Check(
    "numa_balance",
    "Kernel memory on one NUMA node",
    "One NUMA node carries the kernel's memory, or is full while another is empty.",
    (KERNEL_WORDS, FULL_WORDS),
    answer,
)
