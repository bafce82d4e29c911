# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks on a host's state: quiet where a healthy host may be, loud where it hurts, and honest about what was
not gathered.
"""

from __future__ import annotations

import copy
import importlib
import os
import time
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import GROUPS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import FINDING_FIELDS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import CHECKS as POLICY_CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import CHECKS, judge_state
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state_words import BOUNDED, STATE_WORDS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, healthy_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES

ROOMS = "ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect."

SETTINGS = resolve_policy(None)["environments"]["production"]
BUSY = {
    "some_avg10": 30.0,
    "some_avg60": 30.0,
    "some_avg300": 30.0,
    "full_avg10": 9.0,
    "full_avg60": 9.0,
    "full_avg300": 9.0,
    "oom_kills": 3,
}
IDLE = dict.fromkeys(BUSY, 0)


def state(parts: dict[str, Any] | None = None, settings: Any = SETTINGS, **changes: Any) -> Any:
    """Return the judgement on a healthy 64 GiB host with these parts of the attribution and changes."""
    whole = {name: {"complete": True, **part} for name, part in (parts or {}).items()}
    return judge_state(checked_facts(healthy_facts(attribution=whole, **changes)), settings)


def found(judgement: Any) -> list[tuple[str, str]]:
    return [(one.dimension, one.severity) for one in judgement.findings]


def zone(free: int, unusable: float, largest: int, name: str = "Normal") -> dict[str, Any]:
    return {"node": 0, "zone": name, "free_bytes": free, "largest_free_order": largest, "unusable_percent": unusable}


def node(number: int, total: int, free: int, slab: int) -> dict[str, Any]:
    return {
        "node": number,
        "memory_total_bytes": total,
        "memory_free_bytes": free,
        "slab_unreclaimable_bytes": slab,
        "page_tables_bytes": 0,
    }


def cache(name: str, size: int, use: float | None) -> dict[str, Any]:
    return {"name": name, "bytes": size, "use_percent": use, "aliases": []}


def groups(dying: int | None) -> dict[str, Any]:
    return {"cgroups": {"dying": dying, "cgroups": []}}


def objects(**changes: int | None) -> dict[str, Any]:
    return {"objects": {"files": 1000, "files_limit": 1_000_000, "dentries": 10_000, **changes}}


SMALL_PIECES = {"fragmentation": {"zones": [zone(GIB, 98.0, 5), zone(15 * MIB, 0.0, 10, "DMA")]}}
NO_PIECES = {"fragmentation": {"zones": [zone(GIB, 100.0, 2)]}}


@pytest.mark.parametrize(
    ("parts", "changes", "expected"),
    [
        # Free memory in small pieces is usual on a host full of page cache; only need makes it worth a word.
        (SMALL_PIECES, {}, []),
        ({**SMALL_PIECES, "pressure": BUSY}, {}, [("fragmentation", "info"), ("memory_pressure", "info")]),
        (SMALL_PIECES, {"memory_available_bytes": 5 * GIB}, [("fragmentation", "info")]),
        ({**NO_PIECES, "pressure": BUSY}, {}, [("fragmentation", "warning"), ("memory_pressure", "info")]),
        ({"fragmentation": {"zones": [zone(GIB, 90.0, 10)]}, "pressure": BUSY}, {}, [("memory_pressure", "info")]),
        # What kernel memory is never in does not count.
        (
            {"fragmentation": {"zones": [zone(GIB, 100.0, 1, "Movable"), zone(GIB, 10.0, 10)]}, "pressure": BUSY},
            {},
            [("memory_pressure", "info")],
        ),
        # 10 times 100 groups is below the floor of 2,000; 25 times is below that of 5,000.
        (groups(2000), {"cgroups": 2101}, []),
        (groups(2001), {"cgroups": 2102}, [("dying_cgroups", "info")]),
        # 5,001 x 16 possible CPUs x 8 KiB are 0.6 GiB, below 2 % of RAM; with 64 CPUs it is 2.4 GiB.
        (groups(5001), {"cgroups": 5102}, [("dying_cgroups", "info")]),
        (groups(5001), {"cgroups": 5102, "cpus_possible": 64}, [("dying_cgroups", "warning")]),
        # Near the number of groups that a kernel can have, memory does not matter.
        (groups(41_000), {"cgroups": 41_100, "cpus_possible": 1}, [("dying_cgroups", "warning")]),
        # A node with 1,000 pods' worth of groups may have ten times as many ended ones.
        (groups(9000), {"cgroups": 10_001}, []),
        # Version 1 does not count them; groups without threads are no good sign either.
        (groups(None), {"cgroups": 3000, "threads": 1000}, []),
        (groups(None), {"cgroups": 60_000, "threads": 1000}, [("dying_cgroups", "warning")]),
        ({"numa_nodes": {"nodes": [node(0, 32 * GIB, 16 * GIB, 2 * GIB), node(1, 32 * GIB, 16 * GIB, 0)]}}, {}, []),
        (
            {"numa_nodes": {"nodes": [node(0, 32 * GIB, 16 * GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, 3 * GIB)]}},
            {},
            [],
        ),
        (
            {"numa_nodes": {"nodes": [node(0, 32 * GIB, 16 * GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, GIB)]}},
            {},
            [("numa_balance", "info")],
        ),
        (
            {"numa_nodes": {"nodes": [node(0, 32 * GIB, GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, GIB)]}},
            {},
            [("numa_balance", "warning")],
        ),
        # A full page cache on one node is usual; it is information where tasks wait.
        ({"numa_nodes": {"nodes": [node(0, 32 * GIB, 0, 0), node(1, 32 * GIB, 16 * GIB, 0)]}}, {}, []),
        (
            {"numa_nodes": {"nodes": [node(0, 32 * GIB, 0, 0), node(1, 32 * GIB, 16 * GIB, 0)]}, "pressure": BUSY},
            {},
            [("numa_balance", "info"), ("memory_pressure", "info")],
        ),
        ({"numa_nodes": {"nodes": [node(0, 32 * GIB, 0, 9 * GIB)]}}, {}, []),
        # 5 % of 64 GiB is 3.2 GiB.
        ({"slab_caches": {"caches": [cache("dentry", 10 * GIB, 70.0)]}}, {"slab_reclaimable_bytes": 11 * GIB}, []),
        (
            {"slab_caches": {"caches": [cache("dentry", 10 * GIB, 60.0)]}},
            {"slab_reclaimable_bytes": 11 * GIB},
            [("slab_use", "info")],
        ),
        (
            {"slab_caches": {"caches": [cache("dentry", 10 * GIB, 30.0)]}},
            {"slab_reclaimable_bytes": 11 * GIB},
            [("slab_use", "info")],
        ),
        (
            {"slab_caches": {"caches": [cache("dentry", 10 * GIB, 30.0)]}},
            {"slab_reclaimable_bytes": 11 * GIB, "memory_available_bytes": 12 * GIB},
            [("slab_use", "warning")],
        ),
        (objects(conntrack=200_000, conntrack_limit=262_144), {}, []),
        (objects(conntrack=250_000, conntrack_limit=262_144), {}, [("object_limits", "warning")]),
        (objects(files=900_000), {}, [("object_limits", "warning")]),
        (objects(tcp_bytes=900 * MIB, tcp_limit_bytes=1000 * MIB), {}, [("object_limits", "warning")]),
        (objects(dentries=9_000_000, dentries_negative=8_000_000), {}, [("object_limits", "info")]),
        (objects(dentries=90_000_000, dentries_negative=8_000_000), {}, []),
        (objects(inodes=6_000_000), {}, []),
        (objects(inodes=7_000_000), {}, [("object_limits", "info")]),
        ({"pressure": IDLE}, {}, []),
        ({"pressure": BUSY}, {}, [("memory_pressure", "info")]),
        # 5 % of RAM in reclaimable slab, and tasks wait all the same.
        (
            {"pressure": BUSY},
            {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": 15 * GIB},
            [("memory_pressure", "warning")],
        ),
        (
            {"pressure": BUSY},
            {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": None},
            [("memory_pressure", "warning")],
        ),
        # With a quarter of RAM available it is a control group that waits at its own limit.
        (
            {"pressure": BUSY},
            {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": 16 * GIB},
            [("memory_pressure", "info")],
        ),
    ],
)
def test_each_check_is_quiet_until_it_hurts(parts, changes, expected):
    assert found(state(parts, **changes)) == expected


@pytest.mark.parametrize("kernel", KERNELS)
def test_real_kernels_are_judged_and_quiet(kernel):
    root = os.path.join(SAMPLES, kernel)
    reading = read(
        f"{root}/proc", f"{root}/sys", 60.0, GROUPS["all"], lambda name: importlib.import_module(ROOMS + name)
    )
    judgement = judge_state(checked_facts(build_facts(reading)), SETTINGS)
    assert judgement.findings == []
    # One sample was taken without its control groups.
    assert set(judgement.not_judged) <= {"dying_cgroups"} and (not judgement.not_judged or kernel == "6.18-host")


def test_a_32_bit_kernel_has_little_address_space():
    facts = checked_facts(
        healthy_facts(vmalloc_bytes=200 * MIB, attribution={"objects": {"complete": True, "files": 1}})
    )
    assert judge_state(facts, SETTINGS).findings == []
    facts["host"]["vmalloc_total_bytes"] = 240 * MIB
    (only,) = judge_state(facts, SETTINGS).findings
    apply_patterns(facts, [only], {})
    assert (only.severity, only.pattern, only.evidence["object"]) == (
        "warning",
        "vmalloc_exhaustion_32bit",
        "address_space",
    )
    facts["host"]["vmalloc_total_bytes"] = 32 * 1024 * GIB
    assert judge_state(facts, SETTINGS).findings == []


def test_what_was_not_gathered_is_not_judged_and_says_what_to_do():
    judgement = state(cgroups=None, slab_unreclaimable_bytes=5 * GIB)
    assert judgement.judged == [] and list(judgement.not_judged) == list(CHECKS)
    assert judgement.not_judged["memory_pressure"] == "It was not gathered; add pressure to gather_subset."
    refused = {"slab_caches": {"complete": False, "reason": "slabinfo is readable\nby root only (EACCES)."}}
    assert (
        state(refused, slab_unreclaimable_bytes=5 * GIB).not_judged["slab_use"]
        == "slabinfo is readable by root only (EACCES)."
    )


def test_little_slab_needs_no_look_at_its_caches():
    """slabinfo is gathered only where slab is large; a host where it is small is judged all the same."""
    skipped = {"slab_caches": {"complete": False, "reason": "Not gathered, since slab is small (1.2 % of RAM)."}}
    assert "slab_use" in state(skipped).judged


def test_a_finding_is_complete_and_its_sentence_can_be_checked_by_hand():
    (only,) = state(groups(6000), cgroups=6101, cpus_possible=64).findings
    assert tuple(only) == FINDING_FIELDS
    assert (only.kind, only.status, only.value, only.limit, only.unit) == ("limit", "current", 6000, 5000, "count")
    assert only.explanation == (
        "The number of ended control groups that still hold memory is 6,000 beside 101 that exist; more than 5,000 "
        "(25 times those that exist, 5,000 to 40,000) is unusual; they may hold up to 2.9 GiB."
    )
    (only,) = state({"pressure": BUSY}, slab_reclaimable_bytes=4 * GIB, memory_available_bytes=9 * GIB).findings
    assert only.explanation == (
        "The share of time in which tasks waited for memory is 30.0 % of the last 5 minutes; more than 10 % (5 % for "
        "all tasks) is unusual; in 9.0 % all "
        "of them waited at once; the kernel has killed 3 processes for lack of memory since boot; reclaimable slab "
        "is 4 GiB, 6.2 % of RAM, and should "
        "have been given back."
    )
    assert only.evidence == {"some_avg300": 30.0, "full_avg300": 9.0, "oom_kills": 3, "slab_reclaimable_bytes": 4 * GIB}


def test_without_a_limit_of_reclaimable_slab_pressure_is_information():
    limits = {**SETTINGS["limits"], "slab_reclaimable": {"warning": None, "critical": None}}
    short = {"slab_reclaimable_bytes": 9 * GIB, "memory_available_bytes": 9 * GIB}
    assert found(state({"pressure": BUSY}, settings={**SETTINGS, "limits": limits}, **short)) == [
        ("memory_pressure", "info")
    ]


def test_policies_know_the_checks_by_the_same_names():
    assert tuple(CHECKS) == POLICY_CHECKS


def test_every_cell_has_words():
    for (check, kind, unit), words in STATE_WORDS.items():
        assert check in CHECKS and kind == "limit" and unit in ("bytes", "percent", "count")
        assert words.subject and words.next_step.endswith(".") and words.command
    assert {check for check, _kind, _unit in STATE_WORDS} == set(CHECKS)
    assert all(bounded.words.next_step.endswith(".") for bounded in BOUNDED)


@pytest.mark.parametrize("hostile", ["x\nVERDICT ok", "\x1b[2J\u202e", "n" * 3000])
def test_names_from_the_host_stay_on_one_line(hostile):
    caches = {"slab_caches": {"caches": [cache(hostile, 10 * GIB, 10.0)]}}
    (only,) = state(caches, slab_unreclaimable_bytes=11 * GIB).findings
    assert only.explanation.isprintable() and len(only.explanation) < 500


def test_numbers_that_are_null_do_not_stop_the_verdict():
    whole = attribution()
    for name, part in whole.items():
        for key, value in part.items():
            if isinstance(value, list):
                part[key] = [{field: [] if field == "aliases" else None for field in row} for row in value]
            elif key not in ("complete", "reason", "duration_ms"):
                part[key] = None
        for changes in ({}, {"memory_total_bytes": None}, {"cgroups": None, "threads": None}):
            judge_state(checked_facts(healthy_facts(attribution={name: part}, **changes)), SETTINGS)


def test_a_healthy_host_costs_little():
    """The goal is 50 microseconds on an idle core; the bound allows for a busy one."""
    facts = checked_facts(healthy_facts(attribution=copy.deepcopy(attribution())))
    best = 1.0
    for _round in range(20):
        began = time.perf_counter()
        for _host in range(50):
            apply_patterns(facts, judge_state(facts, SETTINGS).findings, {})
        best = min(best, (time.perf_counter() - began) / 50)
    assert best < 0.0005
