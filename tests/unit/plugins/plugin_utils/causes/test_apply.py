# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named patterns: they explain findings and never make one, each is told apart from its neighbours, and each is in
the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import NOT_RECOGNISED, PATTERNS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import KINDS_OF_FINDING, Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import (
    CONTAINER_HOST,
    GIB,
    PHYSICAL,
    VM,
    callers,
    machine,
    processes,
    slabs,
)

DOCUMENT = (Path(__file__).parents[5] / "docs" / "patterns.md").read_text(encoding="utf-8")
MIB = 1024**2


def one(
    dimension: str, kind: str = "limit", severity: str = "warning", unit: str = "bytes", **evidence: Any
) -> Finding:
    """Return a finding."""
    return Finding(
        dimension,
        kind,
        severity,
        status="current",
        value=2,
        limit=1,
        unit=unit,
        expected="",
        explanation="It is high.",
        next_step="Look.",
        command="true",
        evidence=evidence,
    )


def explained(host: Mapping[str, Any], *findings: Finding, **slopes: float) -> list[Finding]:
    """Return findings on a machine with their patterns, with growing dimensions in MiB a day."""
    growing = {dimension: slope * MIB for dimension, slope in slopes.items()}
    return apply_patterns(subject_of(machine(**host)), findings, growing)


def named(host: Mapping[str, Any], *findings: Finding, **slopes: float) -> list[str | None]:
    """Return the patterns alone."""
    return [found.pattern for found in explained(host, *findings, **slopes)]


ODD = {
    "ram": 64 * GIB,
    "su": 9 * GIB,
    "sr": 20 * GIB,
    "dying": 50_000,
    "percpu": 3 * GIB,
    "threads": 90_000,
    "unaccounted": 9 * GIB,
    "signs": (*CONTAINER_HOST, "module:hv_balloon", "module:nvidia"),
    "parts": slabs(("ebitmap_node", 8 * GIB, 64)),
}


def test_a_host_without_findings_gets_none():
    assert explained(ODD) == []


def test_a_pattern_explains_and_changes_nothing_else():
    before = one("slab_unreclaimable", marker=1)
    (found,) = explained(ODD, before)
    assert found.pattern == "selinux_policy_leak"
    assert found.explanation.startswith(
        "It is high. ebitmap_node holds 8 GiB, 88.9 % of the unreclaimable slab, in 134,217,728 objects. These are "
        "nodes of"
    )
    selinux = next(pattern for pattern in PATTERNS if pattern.name == "selinux_policy_leak")
    assert (found.next_step, found.command) == (selinux.next_step, selinux.command)
    unchanged = set(before.as_plain()) - {"pattern", "explanation", "next_step", "command"}
    assert {name: getattr(found, name) for name in unchanged} == {name: getattr(before, name) for name in unchanged}
    assert before == one("slab_unreclaimable", marker=1)


def test_a_drop_has_no_cause_to_repair():
    assert named(ODD, one("slab_unreclaimable", "drop")) == [None]


def test_a_finding_of_an_older_rule_gets_the_field():
    """The rule of limits makes findings without pattern and evidence."""
    bare = Finding("page_tables", "limit", "warning", "current", 2, 1, "bytes", "", "It is high.", "Look.", "true")
    (found,) = explained({"ram": 64 * GIB, "su": 900}, bare)
    assert found.pattern is None and found.next_step == "Look."


@pytest.mark.parametrize(
    ("host", "found", "slopes", "expected"),
    [
        # A cache of its own beats the general ones; a general one needs to dominate.
        (
            {"su": 9 * GIB, "parts": slabs(("kmalloc-512", 4 * GIB, 512), ("kernfs_node_cache", 3 * GIB, 136))},
            one("slab_unreclaimable"),
            {},
            "kernfs_leak",
        ),
        (
            {
                "su": 9 * GIB,
                "parts": slabs(("kmalloc-512", 3 * GIB, 512), ("proc_inode_cache", GIB, 700), whole=9 * GIB),
            },
            one("slab_unreclaimable"),
            {},
            None,
        ),
        (
            {"su": 9 * GIB, "parts": slabs(("kmalloc-rnd-05-2k", 5 * GIB, 2048))},
            one("slab_unreclaimable"),
            {},
            "kmalloc_leak",
        ),
        # kmalloc-rcl is reclaimable and explains nothing here.
        (
            {"su": 9 * GIB, "sr": 9 * GIB, "parts": slabs(("kmalloc-rcl-2k", 8 * GIB, 2048), whole=18 * GIB)},
            one("slab_unreclaimable"),
            {},
            None,
        ),
        (
            {"su": 9 * GIB, "parts": slabs(("vm_area_struct", GIB, 200), outside=0, whole=3 * GIB)},
            one("slab_unreclaimable"),
            {},
            "kmalloc_leak",
        ),
        # One cache that holds most of it is no matter of control groups, however many have ended.
        (
            {"su": 9 * GIB, "dying": 9000, "parts": slabs(("kmalloc-512", 7 * GIB, 512))},
            one("slab_unreclaimable"),
            {},
            "kmalloc_leak",
        ),
        (
            {"su": 9 * GIB, "dying": 9000, "parts": slabs(("kmalloc-512", 4 * GIB, 512))},
            one("slab_unreclaimable"),
            {},
            "cgroup_leak",
        ),
        # 3,000 ended groups can't hold 40 GiB.
        ({"su": 40 * GIB, "dying": 3000, "parts": {}}, one("slab_unreclaimable"), {}, None),
        # Slab and per-CPU memory at the ratio of control groups; per-CPU memory alone is a matter of maps.
        ({"su": 2 * GIB}, one("percpu", "growth"), {"percpu": 24, "slab_unreclaimable": 133}, "cgroup_leak"),
        ({"su": 2 * GIB, "percpu": 700, "cpus": 16}, one("percpu", "growth"), {"percpu": 64}, "bpf_maps"),
        ({"su": 2 * GIB, "percpu": 16, "cpus": 16}, one("percpu", "growth"), {"percpu": 2}, None),
        # Threads: slab grows at 6.2 / 16 of the stacks' rate; at another ratio something else grows.
        (
            {"su": 2 * GIB},
            one("slab_unreclaimable", "growth"),
            {"kernel_stack": 100, "slab_unreclaimable": 40},
            "thread_leak",
        ),
        ({"su": 2 * GIB}, one("slab_unreclaimable", "growth"), {"kernel_stack": 100, "slab_unreclaimable": 400}, None),
        (
            {"su": 2 * GIB},
            one("kernel_unreclaimable", "growth"),
            {"kernel_stack": 100, "slab_unreclaimable": 40, "kernel_unreclaimable": 145},
            "thread_leak",
        ),
        (
            {"su": 2 * GIB},
            one("kernel_unreclaimable", "growth"),
            {"page_tables": 100, "kernel_stack": 20, "kernel_unreclaimable": 145},
            None,
        ),
        ({"su": 2 * GIB, "threads": 260_000}, one("kernel_stack", unit="threads"), {}, "thread_leak"),
        ({"su": 2 * GIB, "threads": 260_000}, one("kernel_stack", unit="bytes_per_thread"), {}, None),
        # Graphics cards: slab alone grows.
        (
            {"su": 2 * GIB, "signs": (*VM, "module:amdgpu")},
            one("slab_unreclaimable", "growth"),
            {"slab_unreclaimable": 90},
            "gpu_driver",
        ),
        (
            {"su": 2 * GIB, "signs": (*VM, "module:amdgpu")},
            one("slab_unreclaimable", "growth"),
            {"slab_unreclaimable": 90, "vmalloc": 9},
            None,
        ),
        # Kernel 3.10 with and without containers, and the build that ended it.
        (
            {"su": 9 * GIB, "release": "3.10.0-957.el7", "signs": CONTAINER_HOST},
            one("slab_unreclaimable"),
            {},
            "kmem_accounting_old_kernel",
        ),
        ({"su": 9 * GIB, "release": "3.10.0-1160.el7", "signs": CONTAINER_HOST}, one("slab_unreclaimable"), {}, None),
        ({"su": 9 * GIB, "release": "3.10.0-957.el7"}, one("slab_unreclaimable"), {}, None),
        # vmalloc needs its callers.
        ({"su": 900, "vmalloc": 4 * GIB}, one("vmalloc"), {}, None),
        (
            {"su": 900, "vmalloc": 4 * GIB, "parts": callers(("bpf_prog_alloc_no_stats", 2 * GIB))},
            one("vmalloc"),
            {},
            "bpf_maps",
        ),
        (
            {
                "su": 900,
                "vmalloc": 4 * GIB,
                "parts": callers(("bpf_map_area_alloc", 512), ("load_module [x]", 3 * GIB)),
            },
            one("vmalloc"),
            {},
            None,
        ),
        # Page tables: equal processes without huge pages, not one large process.
        (
            {"su": 900, "page_tables": 4 * GIB, "parts": processes(("pg", 90), ("pg", 80), ("pg", 70))},
            one("page_tables"),
            {},
            "database_without_huge_pages",
        ),
        (
            {"su": 900, "page_tables": 4 * GIB, "parts": processes(("java", 3000), ("pg", 80), ("pg", 70))},
            one("page_tables"),
            {},
            None,
        ),
        (
            {
                "su": 900,
                "page_tables": 4 * GIB,
                "hugetlb": 9 * GIB,
                "parts": processes(("pg", 90), ("pg", 80), ("pg", 70)),
            },
            one("page_tables"),
            {},
            None,
        ),
        # Dentries: negative ones, or those of files that are there.
        (
            {"su": 900, "sr": 9 * GIB, "files": {"proc/sys/fs/dentry-state": "9000 8000 45 0 8000 0\n"}},
            one("slab_reclaimable"),
            {},
            "negative_dentries",
        ),
        (
            {"su": 900, "sr": 9 * GIB, "parts": slabs(("dentry", 8 * GIB, 192))},
            one("slab_reclaimable"),
            {},
            "cached_files",
        ),
        # What no counter names.
        (
            {"su": 900, "unaccounted": 9 * GIB, "signs": (*VM, "module:zfs")},
            one("unaccounted", severity="info"),
            {},
            "zfs_arc",
        ),
        (
            {"su": 900, "unaccounted": 9 * GIB, "signs": (*VM, "module:nvidia")},
            one("unaccounted", severity="info"),
            {},
            "gpu_driver",
        ),
        (
            {"su": 900, "unaccounted": 9 * GIB, "signs": (*PHYSICAL, "module:ena")},
            one("unaccounted"),
            {},
            "driver_page_leak",
        ),
        (
            {"su": 900, "unaccounted": 9 * GIB},
            one("unaccounted", "growth"),
            {"unaccounted": 90, "page_tables": 9},
            None,
        ),
        # A guest that could be given CPUs.
        (
            {"su": 900, "percpu": 200, "cpus": 240, "online": 8},
            one("percpu", "disproportion"),
            {},
            "percpu_by_possible_cpus",
        ),
        ({"su": 900, "percpu": 200, "cpus": 8}, one("percpu", "disproportion"), {}, "bpf_maps"),
        ({"su": 900}, one("object_limits", object="conntrack"), {}, "conntrack"),
        ({"su": 900}, one("object_limits", object="files"), {}, None),
        ({"su": 900}, one("memory_pressure"), {}, None),
        ({"su": 900}, one("fragmentation"), {}, None),
    ],
)
def test_patterns_are_told_apart(host, found, slopes, expected):
    assert named({"ram": 64 * GIB, **host}, found, **slopes) == [expected], found.explanation


def test_two_dimensions_that_are_high_together():
    host = {"ram": 64 * GIB, "su": 9 * GIB, "unaccounted": 9 * GIB, "signs": CONTAINER_HOST}
    assert named(host, one("slab_unreclaimable"), one("unaccounted")) == ["container_unexplained"] * 2
    assert named({**host, "signs": VM}, one("slab_unreclaimable"), one("unaccounted")) == [None, None]
    # Reclaimable slab and pressure are what a leak of pages leads to, not what explains it.
    assert named(host, one("unaccounted"), one("slab_reclaimable"), one("memory_pressure"))[0] == "driver_page_leak"
    host = {"ram": 64 * GIB, "su": 9 * GIB, "percpu": 2 * GIB}
    assert named(host, one("slab_unreclaimable"), one("percpu")) == ["cgroup_leak"] * 2


def test_threads_name_their_owner():
    (found,) = explained(
        {
            "ram": 64 * GIB,
            "su": 900,
            "threads": 9000,
            "parts": processes(("kubelet", 1350), what="threads", threads=9000),
        },
        one("kernel_stack", "growth"),
        kernel_stack=16,
    )
    assert found.explanation == (
        "It is high. Stacks grow by 16 MiB a day, which is about 1,024 threads a day; there are 9,000 now. kubelet "
        "(pid 1000) has 1,350 of them. "
        + next(pattern.meaning for pattern in PATTERNS if pattern.name == "thread_leak")
    )


def test_slopes_are_bytes_a_day():
    subject = subject_of(machine(ram=64 * GIB, su=900))
    (found,) = apply_patterns(subject, [one("kernel_stack", "growth")], {"kernel_stack": 16.0 * MIB})
    assert "16 MiB a day" in found.explanation


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.name}-{pattern.dimensions[0]}")
def test_a_pattern_has_its_words_and_its_place_in_the_documents(pattern):
    assert set(pattern.dimensions) <= {*LIMITED, *CHECKS}
    assert pattern.meaning.endswith(".") and pattern.next_step.endswith(".") and "\n" not in pattern.command
    heading, _line, section = DOCUMENT.partition(f"`{pattern.name}`\n")
    assert heading.rsplit("\n", 1)[-1].startswith("## ")
    section = section.partition("\n## ")[0]
    for text in (pattern.meaning, pattern.next_step, pattern.command, "**What the numbers show.**", "**Known from.**"):
        assert text in section, text


def test_the_documents_name_only_patterns_that_there_are():
    names = {line.rsplit("`", 2)[1] for line in DOCUMENT.splitlines() if line.startswith("##") and "`" in line}
    assert names == {pattern.name for pattern in PATTERNS} | set(NOT_RECOGNISED)


def test_every_kind_of_finding_is_safe():
    for dimension in (*LIMITED, *CHECKS):
        for kind in KINDS_OF_FINDING:
            assert len(named(ODD, one(dimension, kind))) == 1
