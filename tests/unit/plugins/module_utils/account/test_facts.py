# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts have one shape, bounded texts and a reason for every null; what is no reading is a sentence."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    FILES,
    KERNELS,
    full,
    sample,
)


def test_the_facts_have_the_promised_names():
    facts = build_facts(full())
    assert sorted(facts) == sorted(
        [
            "schema_version",
            "collected_at",
            "duration_ms",
            "transport",
            "transport_reason",
            "run_id",
            "host",
            "platform",
            "dimensions",
            "kernel_total_bytes",
            "kernel_unreclaimable_bytes",
            "accounting",
            "unavailable",
            "unavailable_class",
            "saved",
            "contradictions",
            "limits",
            "modules",
            "huge_pages",
            "owners",
            "attribution",
        ]
    )
    assert sorted(facts["platform"]) == sorted(
        ["kind", "auditable", "reason", "container_host", "kubernetes_node", "evidence"]
    )
    assert sorted(facts["accounting"]) == sorted(
        [
            "bound",
            "reasons",
            "vmalloc_meaning",
            "stacks_in_vmalloc",
            "unaccounted_band_bytes",
            "sockets_in_slab_bytes",
            "terms",
            "holders",
            "unknown_fields",
        ]
    )
    assert (
        facts["schema_version"] == 2 and facts["collected_at"] == "2025-11-24T16:00:00Z" and facts["duration_ms"] == 7
    )
    assert facts["transport"] is None and facts["run_id"] is None and facts["unavailable"] == {}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_null_with_a_reason_and_never_a_failure(name):
    whole = full()
    del whole["files"][name]
    facts = build_facts(whole)
    for field, value in facts["host"].items():
        if value is None and field not in ("memory_low_total_bytes", "vmalloc_total_bytes"):
            assert facts["unavailable"][field].endswith(".")


def test_a_cut_reading_says_so():
    reasons = build_facts(full(cut=["proc/zoneinfo"]))["accounting"]["reasons"]
    assert "The reading was cut by its deadline, so some files are missing." in reasons


@pytest.mark.parametrize("when", [None, "now", True, -1, 1e300, float("nan"), float("inf"), 10**400])
def test_an_impossible_time_is_null(when):
    assert build_facts(full(collected_at=when))["collected_at"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "reading",
        {},
        {"format": 1, "files": None},
        {"format": 2, "files": {"proc/meminfo": "MemTotal: 1 kB\n"}},
        {"format": 1, "files": {}, "system": "FreeBSD"},
        {"format": 1, "files": {}, "system": "Linux", "errors": {"proc/meminfo": "ENOENT"}},
        {"format": 1, "files": {"proc/meminfo": "nothing"}},
        {"format": 1, "files": {"proc/meminfo": "Slab: 1 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": "MemTotal: 0 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": "MemTotal: 8999999999999999 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": 5}},
    ],
)
def test_what_is_no_reading_is_one_complete_sentence(wrong):
    with pytest.raises(ValueError, match=r"^[A-Za-z].*[.?]$"):
        build_facts(wrong)


def test_another_system_is_named():
    with pytest.raises(ValueError, match="FreeBSD"):
        build_facts({"format": 1, "files": {}, "system": "FreeBSD"})


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_same_reading_gives_the_same_facts_and_stays_as_it_was(kernel):
    first = sample(kernel)
    second = dict(first, files=dict(first["files"]))
    assert build_facts(first) == build_facts(second) and first == second


def test_a_saved_copy_says_so_and_when_it_was_made():
    """Its sample belongs to the time of the copy, whatever brought it."""
    assert build_facts(full())["saved"] is False
    facts = build_facts(full(live=False))
    assert facts["saved"] is True and facts["collected_at"] == "2025-11-24T16:00:00Z"
    assert build_facts(full(live="yes"))["saved"] is True
