# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account against an arithmetic of its own on the same text: no code is shared, and a dimension that is judged has
to be equal to the byte.
"""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import CASES, MIB, SAMPLES

TREES = [
    os.path.join(folder, name)
    for folder in (SAMPLES, CASES)
    for name in sorted(os.listdir(folder))
    if os.path.exists(os.path.join(folder, name, "proc", "meminfo"))
]


def lines_of(tree, name):
    """{first word: second word as a number} of a file of names and numbers; what is no number is left out."""
    path = os.path.join(tree, "proc", name)
    if not os.path.exists(path):
        return {}
    with open(path) as lines:
        words = [line.replace(":", " ").split() for line in lines]
    return {row[0]: int(row[1]) for row in words if len(row) in (2, 3) and row[1].isdigit()}


def free_on_cpu_lists(tree):
    """Pages on the lists of the CPUs, in KiB."""
    path = os.path.join(tree, "proc", "zoneinfo")
    if not os.path.exists(path):
        return 0
    with open(path) as lines:
        return 4 * sum(int(line.split()[1]) for line in lines if line.split()[:1] == ["count:"])


def in_sockets(tree):
    """What waits in TCP and UDP sockets, in KiB."""
    path = os.path.join(tree, "proc", "net", "sockstat")
    if not os.path.exists(path):
        return None
    with open(path) as lines:
        words = [line.split() for line in lines]
    return 4 * sum(int(row[-1]) for row in words if row[0] in ("TCP:", "UDP:") and "mem" in row)


def by_hand(tree):
    """Dimensions in KiB, as somebody with a calculator would do it."""
    of = lines_of(tree, "meminfo")
    stack = of.get("KernelStack", 0)
    return {
        "slab_reclaimable": of.get("SReclaimable"),
        "slab_unreclaimable": of.get("SUnreclaim"),
        "vmalloc": of.get("VmallocUsed", 0) - stack,
        "kernel_stack": stack,
        "page_tables": of.get("PageTables"),
        "secondary_page_tables": of.get("SecPageTables", 0),
        "percpu": of.get("Percpu"),
        "socket_buffers": in_sockets(tree),
        "misc": max(of.get("KReclaimable", 0) - of.get("SReclaimable", 0), 0),
    }


def remainder_by_hand(tree):
    """What is left of MemTotal, in KiB, by the page lists or, where these are more than RAM, by the caches."""
    of, known = lines_of(tree, "meminfo"), by_hand(tree)
    lists = sum(of.get(name, 0) for name in ("Active", "Inactive", "Unevictable"))
    caches = sum(of.get(name, 0) for name in ("AnonPages", "Cached", "Buffers", "SwapCached"))
    pages = caches if lists > of["MemTotal"] else lists
    kernel = sum(known[name] or 0 for name in known if name != "vmalloc") - known["kernel_stack"]
    kernel += max(known["vmalloc"] + known["kernel_stack"] if not of.get("VmallocChunk") else 0, known["kernel_stack"])
    return of["MemTotal"] - of["MemFree"] - free_on_cpu_lists(tree) - pages - kernel - of.get("Hugetlb", 0)


@pytest.mark.parametrize("tree", TREES, ids=os.path.basename)
def test_every_dimension_that_is_judged_is_what_a_calculator_says(tree):
    facts = build_facts(read(os.path.join(tree, "proc"), os.path.join(tree, "sys")))
    expected = by_hand(tree)
    for name, kib in expected.items():
        value = facts["dimensions"][name + "_bytes"]
        assert value is None or value == kib * 1024, name
    if facts["kernel_total_bytes"] is not None and None not in (
        facts["dimensions"][name + "_bytes"] for name in expected
    ):
        assert facts["kernel_total_bytes"] == sum(expected.values()) * 1024


@pytest.mark.parametrize("tree", TREES, ids=os.path.basename)
def test_what_is_unaccounted_is_what_a_calculator_leaves(tree):
    """Within 2 MiB and what other counters name (the cache of ZFS, balloons)."""
    facts = build_facts(read(os.path.join(tree, "proc"), os.path.join(tree, "sys")))
    value = facts["dimensions"]["unaccounted_bytes"]
    if value is None:
        assert facts["unavailable_class"]["unaccounted"] in ("damaged", "contradictory", "not_readable")
        return
    named = sum(
        facts["accounting"]["terms"].get(name, 0) for name in ("zfs_arc_scatter_bytes", "balloon_bytes", "memmap_bytes")
    )
    assert abs(value + named - remainder_by_hand(tree) * 1024) <= 2 * MIB
