# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts worked by hand: at each limit and just above it."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import (
    BUILT_IN,
    GIB,
    KIB,
    MIB,
    facts_of,
    healthy_facts,
)

BALLOON = {"name": "hv_balloon", "kind": "balloon", "bytes": None, "explanation": "It gives memory back."}
BALLOON |= {"plausible_bytes": 57 * GIB}


def judge(environment="production", policy=None, **changes):
    return classify(facts_of(**changes), policy or BUILT_IN, environment)


def only_finding(verdict):
    (finding,) = verdict.findings
    return finding


def found(verdict):
    return {finding.dimension: finding.severity for finding in verdict.findings}


def test_a_quiet_host_is_ok_with_full_coverage():
    verdict = judge().as_plain()
    checks = verdict["coverage"].pop("checks")
    assert checks["judged"] or checks["not_judged"]
    assert verdict == {
        "verdict": "ok",
        "environment": "production",
        "profiles": [],
        "findings": [],
        "waived": [],
        "doubts": [],
        "coverage": {
            "judged": [*JUDGED, "kernel_unreclaimable"],
            "not_judged": {},
            "history": None,
            "similar_hosts": None,
            "similar_hosts_reason": None,
            "text": f"{len(JUDGED)} of {len(JUDGED)} dimensions judged",
        },
    }


# Limits of production on 64 GiB RAM, by hand: share x 64 GiB, none of them touched by a floor or a cap.
SHARES = {
    "slab_unreclaimable_bytes": (8, 16),
    "vmalloc_bytes": (4, 8),
    "page_tables_bytes": (4, 16),
    "kernel_unreclaimable_bytes": (20, 35),
}


@pytest.mark.parametrize("key", SHARES)
@pytest.mark.parametrize(("level", "below"), [(0, "ok"), (1, "warning")])
def test_a_limit_is_exceeded_one_byte_above_it(key, level, below):
    limit = 64 * GIB * SHARES[key][level] // 100
    severity = ("warning", "critical")[level]
    little = {"memory_available_bytes": 4 * GIB, "slab_reclaimable_bytes": GIB}
    for value, expected in ((limit - 1, below), (limit, below), (limit + 1, severity)):
        verdict = judge(**{key: value}, **little)
        assert verdict.verdict == expected, value
    assert only_finding(verdict).limit == limit
    assert only_finding(verdict).value == limit + 1


def test_the_sentence_can_be_checked_by_hand():
    """9.2 / 64 is 14.4 %, and 8 % of 64 GiB is 5.12 GiB."""
    finding = only_finding(judge(slab_unreclaimable_bytes=int(9.2 * GIB)))
    assert finding.as_plain() == {
        "dimension": "slab_unreclaimable",
        "kind": "limit",
        "severity": "warning",
        "status": "current",
        "value": int(9.2 * GIB),
        "limit": 5497558138,
        "unit": "bytes",
        "expected": "8 % of RAM, at least 512 MiB, at most 32 GiB",
        "explanation": "Slab that can't be reclaimed is 9.2 GiB, 14.4 % of 64 GiB RAM; the production warning limit is "
        "5.1 GiB (8 % of RAM, at least 512 MiB, at most 32 GiB).",
        "next_step": "List the largest slab caches and compare them with a healthy host of the same kernel.",
        "command": "sudo slabtop -o -s c | head -20",
        "meaning": "So much of RAM is rarely in use at once: mostly one cache holds it, and its name points to the "
        "owner. Usual on physical servers: 1 to 2 % of RAM; storage and network servers have more, since each device "
        "and connection has its structures.",
        "pattern": None,
        "evidence": {},
    }


@pytest.mark.parametrize(("ram", "limit"), [(4 * GIB, 512 * MIB), (2048 * GIB, 32 * GIB)])
def test_small_hosts_have_a_floor_and_large_hosts_a_cap(ram, limit):
    changes = {"memory_total_bytes": ram, "memory_available_bytes": ram // 2, "unaccounted_bytes": 0}
    changes["kernel_unreclaimable_bytes"] = limit if ram > GIB else 0
    assert judge(slab_unreclaimable_bytes=limit, **changes).verdict == "ok"
    assert judge(slab_unreclaimable_bytes=limit + 1, **changes).verdict == "warning"


def test_environments_tolerate_different_amounts():
    """10 GiB of 64 GiB is 15.6 %: above 8, 12 and below 16 %. 11 GiB is 17.2 %: above 16 % critical in production."""
    at_ten = {name: judge(name, slab_unreclaimable_bytes=10 * GIB).verdict for name in BUILT_IN.environments}
    assert at_ten == {"production": "warning", "staging": "warning", "development": "ok"}
    assert judge(slab_unreclaimable_bytes=11 * GIB).verdict == "critical"


def test_development_gets_a_warning_where_it_is_above_the_critical_limit():
    """32 % of 64 GiB is 20.48 GiB."""
    finding = only_finding(judge("development", slab_unreclaimable_bytes=21 * GIB))
    assert finding.severity == "warning"
    assert "the development critical limit is 20.5 GiB" in finding.explanation
    assert finding.explanation.endswith("; development hosts get a warning at most.")


def test_a_warning_is_critical_where_hardly_any_memory_is_available():
    """10 GiB of 64 GiB is 15.6 %, above 4 and below 16 %; 5 % of 64 GiB is 3.2 GiB available."""
    enough, little = int(3.2 * GIB) + 1, int(3.2 * GIB) - 1
    for available, severity in ((enough, "warning"), (None, "warning"), (little, "critical")):
        verdict = judge(page_tables_bytes=10 * GIB, slab_reclaimable_bytes=0, memory_available_bytes=available)
        assert found(verdict) == {"page_tables": severity}
    assert only_finding(verdict).explanation.endswith("; 5.0 % of RAM is available, so this is critical.")


def test_where_hardly_any_memory_is_available_healthy_amounts_stay_healthy():
    """Most of the memory is then in the hands of programs."""
    assert judge(slab_reclaimable_bytes=0, memory_available_bytes=GIB).findings == ()


def test_reclaimable_slab_counts_only_where_little_memory_is_available():
    """6.4 GiB is 10 % of 64 GiB; 5 % is 3.2 GiB."""
    assert judge(slab_reclaimable_bytes=40 * GIB, memory_available_bytes=int(6.4 * GIB) + 1).verdict == "ok"
    assert judge(slab_reclaimable_bytes=3 * GIB, memory_available_bytes=6 * GIB).verdict == "ok"
    short = judge(slab_reclaimable_bytes=4 * GIB, memory_available_bytes=6 * GIB)
    assert found(short) == {"slab_reclaimable": "warning"}
    unknown = judge(slab_reclaimable_bytes=4 * GIB, memory_available_bytes=None)
    assert "slab_reclaimable" in unknown.coverage.not_judged
    assert unknown.coverage.text == f"{len(JUDGED) - 1} of {len(JUDGED)} dimensions judged"


def test_exactly_the_share_available_is_enough():
    """Below 10 % is the condition: 10 GiB of 100 GiB is not below."""
    shape = {"memory_total_bytes": 100 * GIB, "slab_reclaimable_bytes": 8 * GIB}
    assert judge(memory_available_bytes=10 * GIB, **shape).verdict == "ok"
    assert judge(memory_available_bytes=10 * GIB - 1, **shape).verdict == "warning"


def test_percpu_must_exceed_all_three_conditions():
    """16 CPUs x (1 MiB + 8 KiB x 100) = 28.5 MiB expected; 3 times 85.5 MiB; 1 % of 64 GiB is 655.36 MiB."""
    assert judge(percpu_bytes=655 * MIB).verdict == "ok"
    assert found(judge(percpu_bytes=656 * MIB)) == {"percpu": "critical"}
    # With 1,000 cgroups 141 MiB are expected: 3 times is 423 MiB, 8 times 1,128 MiB.
    assert found(judge(percpu_bytes=1127 * MIB, cgroups=1000, cgroups_living=1000)) == {"percpu": "warning"}
    finding = only_finding(judge(percpu_bytes=1129 * MIB, cgroups=1000, cgroups_living=1000))
    assert (finding.severity, finding.limit) == ("critical", 1128 * MIB)
    assert (
        "8 times the 141 MiB expected of 16 possible CPUs x (1 MiB + 8 KiB x 1,000 control groups)" in finding.expected
    )


def test_percpu_without_the_number_of_cgroups_is_judged_by_cpus_alone():
    """16 CPUs x 4 MiB are 64 MiB; 1 % of 64 GiB is more than 8 times that."""
    few = {"cgroups": None, "cgroups_living": None}
    assert judge(percpu_bytes=600 * MIB, **few).coverage.not_judged == {}
    finding = only_finding(judge(percpu_bytes=700 * MIB, **few))
    assert finding.severity == "critical" and "the number of control groups is not known" in finding.expected


def test_control_groups_that_were_removed_excuse_no_percpu_memory():
    """A thousand groups, of which ten are in use."""
    assert judge(percpu_bytes=1127 * MIB, cgroups=1000, cgroups_living=1000).verdict == "warning"
    assert judge(percpu_bytes=1127 * MIB, cgroups=1000, cgroups_living=10).verdict == "critical"


@pytest.mark.parametrize(("threads", "verdict"), [(500, "ok"), (501, "warning"), (800, "warning"), (801, "critical")])
def test_threads_are_judged_by_the_limit_of_the_kernel(threads, verdict):
    result = judge(threads=threads, threads_limit=1000, kernel_stack_bytes=threads * 16 * KIB)
    assert result.verdict == verdict
    if verdict == "critical":
        assert only_finding(result).unit == "threads"
        assert only_finding(result).explanation.startswith(
            "The number of threads is 801, 80.1 % of the 1,000 that this kernel allows; the production critical limit "
            "is 800 (80 % of the lower of threads-max and pid_max)."
        )


def test_stack_per_thread_is_judged_by_the_architecture():
    """1.5 times 16 KiB is 24 KiB a thread."""
    assert judge(kernel_stack_bytes=1000 * 24 * KIB).verdict == "ok"
    finding = only_finding(judge(kernel_stack_bytes=1000 * 24 * KIB + 1000))
    assert (finding.unit, finding.value, finding.limit) == ("bytes_per_thread", 24577, 24576)
    assert finding.severity == "warning"
    assert judge(kernel_stack_bytes=1000 * 32 * KIB, architecture="ppc64le").verdict == "ok"
    assert judge(kernel_stack_bytes=400 * 64 * KIB, threads=400).verdict == "ok"


def test_parts_of_the_stack_rule_that_lack_a_number_are_named():
    verdict = judge(threads_limit=None)
    assert verdict.coverage.not_judged == {"kernel_stack.percent_of_thread_limit": "The limit of threads is not known."}
    assert "kernel_stack" in verdict.coverage.judged
    neither = judge(threads=None)
    assert set(neither.coverage.not_judged.values()) == {"The number of threads is not known."}
    assert "kernel_stack" in neither.coverage.judged
    other = judge(architecture="vax").coverage.not_judged
    assert "'vax'" in other["kernel_stack.times_stack_per_thread"]


def test_unaccounted_memory_must_exceed_its_limit_by_more_than_its_band():
    """10 % of 64 GiB is 6.4 GiB; the band is 64 MiB."""
    limit = 64 * GIB * 10 // 100
    assert judge(unaccounted_bytes=limit + 64 * MIB).verdict == "ok"
    finding = only_finding(judge(unaccounted_bytes=limit + 64 * MIB + 1))
    assert finding.severity == "warning"
    assert "give or take 64 MiB" in finding.explanation
    assert judge(unaccounted_bytes=-30 * MIB).verdict == "ok"
    assert "unaccounted" in judge(unaccounted_band_bytes=None).coverage.not_judged


def test_a_measured_holder_does_not_excuse_what_is_left():
    """What a holder is known to hold is already taken out."""
    holders = [{**BALLOON, "bytes": GIB}]
    assert judge(unaccounted_bytes=20 * GIB, holders=holders).verdict == "critical"


def test_what_a_holder_plausibly_takes_is_information():
    """12.5 % of RAM is above 10 % and below 20 %."""
    verdict = judge(unaccounted_bytes=8 * GIB, holders=[BALLOON])
    assert found(verdict) == {"unaccounted": "info"}
    assert "unaccounted" in verdict.coverage.judged
    beyond = [{**BALLOON, "plausible_bytes": 7 * GIB}]
    assert found(judge(unaccounted_bytes=8 * GIB, holders=beyond)) == {"unaccounted": "warning"}
    assert found(judge(unaccounted_bytes=8 * GIB, holders=[BALLOON], memory_available_bytes=6 * GIB)) == {
        "unaccounted": "warning"
    }


def test_the_total_is_at_least_its_sum_where_counters_are_missing():
    finding = only_finding(judge(kernel_unreclaimable_bytes=16 * GIB, bound="lower"))
    assert finding.explanation.startswith("Kernel memory that can't be reclaimed is at least 16 GiB, 25.0 % of")
    assert finding.explanation.endswith("; its largest part is slab_unreclaimable with 512 MiB.")


def test_the_largest_part_of_the_total_need_not_be_judged_by_itself():
    """Packets that wait in sockets have no limit of their own."""
    finding = only_finding(judge(kernel_unreclaimable_bytes=16 * GIB, socket_buffers_bytes=14 * GIB))
    assert finding.explanation.endswith("; its largest part is socket_buffers with 14 GiB.")


def test_the_worst_finding_comes_first():
    verdict = judge(vmalloc_bytes=20 * GIB, slab_unreclaimable_bytes=6 * GIB, page_tables_bytes=4 * GIB)
    assert [(f.severity, f.dimension) for f in verdict.findings] == [
        ("critical", "vmalloc"),
        ("warning", "page_tables"),
        ("warning", "slab_unreclaimable"),
    ]


def test_what_is_not_known_is_not_judged_and_says_why():
    changes = {"percpu_bytes": None, "unavailable": {"percpu_bytes": "This kernel has no Percpu line."}}
    verdict = judge(**changes)
    assert verdict.verdict == "ok"
    assert verdict.coverage.not_judged == {"percpu": "This kernel has no Percpu line."}
    assert verdict.coverage.text == f"{len(JUDGED) - 1} of {len(JUDGED)} dimensions judged"


def test_a_host_that_is_not_auditable_is_unknown():
    verdict = judge(platform={"kind": "container", "auditable": False, "reason": "It shares\nits host's kernel."})
    assert verdict.verdict == "unknown"
    assert verdict.findings == ()
    assert set(verdict.coverage.not_judged.values()) == {"It shares its host's kernel."}
    assert verdict.coverage.text == f"0 of {len(JUDGED)} dimensions judged"


def test_a_host_of_which_nothing_is_known_is_unknown():
    nothing = dict.fromkeys(healthy_facts()["dimensions"])
    verdict = judge(dimensions=nothing, kernel_unreclaimable_bytes=None, threads=None)
    assert verdict.verdict == "unknown"
    assert verdict.coverage.judged == ()


def test_a_dimension_that_is_switched_off_is_not_judged():
    off = policy_of({"environments": {"production": {"limits": {"vmalloc": "none"}}}})
    verdict = judge(policy=off, vmalloc_bytes=60 * GIB)
    assert verdict.verdict == "ok"
    assert verdict.coverage.not_judged == {"vmalloc": "The policy has no limit for it in production."}


def test_an_environment_that_is_not_in_the_policy_is_refused():
    with pytest.raises(ValueError, match="did you mean staging"):
        judge("stageing")
