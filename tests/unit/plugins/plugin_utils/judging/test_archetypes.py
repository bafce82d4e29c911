# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that look odd and are healthy, as seen on real machines, each with a sick twin."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes import ARCHETYPES, healthy, sick
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes_of_machines import ANY_PATTERN
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB, KIB, MIB, facts_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import judged

BALLOON = {"name": "hv_balloon", "kind": "balloon", "bytes": None, "explanation": "It gives memory back."}
BALLOON |= {"plausible_bytes": 7 * GIB}


def judge(environment="production", policy=None, **changes):
    return classify(facts_of(**changes), policy or BUILT_IN, environment)


def only_finding(verdict):
    (finding,) = verdict.findings
    return finding


def found(verdict):
    return {finding.dimension: finding.severity for finding in verdict.findings}


def test_a_small_vm_with_many_possible_cpus_is_healthy():
    """4 GiB, 128 possible CPUs, 840 KiB for each of them: 2.7 % of RAM."""
    shape = {
        "memory_total_bytes": 4 * GIB,
        "memory_available_bytes": 3 * GIB,
        "cpus_possible": 128,
        "unaccounted_bytes": 0,
        "kernel_unreclaimable_bytes": 700 * MIB,
    }
    assert judge(percpu_bytes=128 * 840 * KIB, **shape).verdict == "ok"
    # 3 x 128 x (1 MiB + 8 KiB x 100) = 684 MiB
    assert found(judge(percpu_bytes=690 * MIB, **shape)) == {"percpu": "warning"}


def test_a_1_gib_vm_that_idles_is_healthy():
    """3.4 % of RAM in unreclaimable slab is what such a VM idles at."""
    shape = {
        "memory_total_bytes": 960 * MIB,
        "memory_available_bytes": 500 * MIB,
        "slab_reclaimable_bytes": 40 * MIB,
        "vmalloc_bytes": 20 * MIB,
        "page_tables_bytes": 5 * MIB,
        "percpu_bytes": MIB,
        "threads": 120,
        "kernel_stack_bytes": 120 * 16 * KIB,
        "unaccounted_bytes": 30 * MIB,
        "kernel_unreclaimable_bytes": 60 * MIB,
    }
    assert judge(slab_unreclaimable_bytes=33 * MIB, **shape).verdict == "ok"
    # 16 and 24 % of 960 MiB are 154 and 230 MiB: half a GiB, which is no limit for so small a host, is not asked for.
    assert judge(slab_unreclaimable_bytes=150 * MIB, **shape).verdict == "ok"
    assert judge(slab_unreclaimable_bytes=160 * MIB, **shape).verdict == "warning"
    assert judge(slab_unreclaimable_bytes=240 * MIB, **shape).verdict == "critical"


def test_a_build_host_with_large_file_caches_is_healthy():
    assert judge(slab_reclaimable_bytes=30 * GIB, memory_available_bytes=40 * GIB).verdict == "ok"
    assert judge(slab_reclaimable_bytes=5 * GIB, memory_available_bytes=5 * GIB).verdict == "warning"


def test_address_space_of_old_kernels_is_not_memory():
    """A 32 GB host with an accelerator shows 28 % in VmallocUsed, all of it mapped device memory."""
    shape = {"memory_total_bytes": 32 * GIB, "memory_available_bytes": 20 * GIB, "vmalloc_bytes": 9 * GIB}
    verdict = judge(vmalloc_meaning="area", **shape)
    assert verdict.verdict == "ok"
    assert "does not count pages" in verdict.coverage.not_judged["vmalloc"]
    absent = judge(vmalloc_meaning="area", vmalloc_bytes=None, unavailable={"vmalloc": "It is address space."})
    assert absent.coverage.not_judged == {"vmalloc": "It is address space."}
    assert found(judge(vmalloc_meaning="pages", **shape)) == {"vmalloc": "critical"}


def test_a_2_tib_host_with_256_cpus_is_healthy():
    shape = {
        "memory_total_bytes": 2048 * GIB,
        "memory_available_bytes": 1500 * GIB,
        "cpus_possible": 256,
        "cgroups": 1500,
        "slab_reclaimable_bytes": 100 * GIB,
        "slab_unreclaimable_bytes": 20 * GIB,
        "vmalloc_bytes": 6 * GIB,
        "page_tables_bytes": 30 * GIB,
        "percpu_bytes": 4 * GIB,
        "threads": 40_000,
        "kernel_stack_bytes": 40_000 * 16 * KIB,
        "unaccounted_bytes": 25 * GIB,
        "unaccounted_band_bytes": 10 * GIB,
        "kernel_unreclaimable_bytes": 61 * GIB,
    }
    assert judge(**shape).verdict == "ok"
    assert found(judge(**{**shape, "slab_unreclaimable_bytes": 65 * GIB})) == {"slab_unreclaimable": "critical"}
    # 3 x 256 x (1 MiB + 8 KiB x 1,500) is 9.5 GiB.
    assert found(judge(**{**shape, "percpu_bytes": 11 * GIB})) == {"percpu": "warning"}


def test_a_balloon_makes_unaccounted_memory_information():
    """An 8 GiB Hyper-V guest with 67.7 % unaccounted; without the balloon it is a finding."""
    shape = {"memory_total_bytes": 8 * GIB, "memory_available_bytes": 2 * GIB}
    shape["unaccounted_bytes"] = int(0.677 * 8 * GIB)
    verdict = judge(holders=[BALLOON], **shape)
    assert (verdict.verdict, found(verdict)) == ("ok", {"unaccounted": "info"})
    assert "67.7 % of 8 GiB RAM" in only_finding(verdict).explanation
    assert "hv_balloon may hold it and can't be measured" in only_finding(verdict).explanation
    assert verdict.coverage.text == f"{len(JUDGED)} of {len(JUDGED)} dimensions judged"
    assert judge(**shape).verdict == "critical"


@pytest.mark.parametrize("name", ARCHETYPES)
@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_a_healthy_archetype_is_ok_and_accounted_for(name, environment):
    """Made as readings: what no counter names comes out as it was put in, and neither limits nor checks say more
    than information.
    """
    facts = healthy(name)
    shape = ARCHETYPES[name][0]
    expected = shape.get("unaccounted", 50) * MIB
    expected -= facts.account.terms.get("zfs_arc_scatter_bytes", 0)
    assert abs(facts.amounts["unaccounted"] - expected) < MIB
    verdict, findings = judged(facts, environment=environment)
    assert verdict == "ok", [finding.explanation for finding in findings]
    assert classify(facts, BUILT_IN, environment).verdict == "ok"


@pytest.mark.parametrize("name", ARCHETYPES)
def test_the_sick_twin_of_an_archetype_is_found(name):
    _shape, _changes, expected, pattern = ARCHETYPES[name]
    verdict, findings = judged(sick(name))
    counting = [finding for finding in findings if finding.severity != "info"]
    assert {finding.dimension: finding.severity for finding in counting} == expected
    assert verdict == ("critical" if "critical" in expected.values() else "warning")
    assert pattern == ANY_PATTERN or {finding.pattern for finding in counting} == {pattern}
    assert classify(sick(name), BUILT_IN, "production").verdict == verdict


def test_information_explains_archetypes_that_look_odd():
    """The largest numbers of healthy hosts are named: a graphics card's buffers, a balloon, a build host's files."""
    odd = {name: [(finding.dimension, finding.pattern) for finding in judged(healthy(name))[1]] for name in ARCHETYPES}
    assert {name: found for name, found in odd.items() if found} == {
        "GPU node": [("unaccounted", "gpu_driver")],
        "GPU node with large pinned buffers": [("unaccounted", "gpu_driver")],
        "ballooned VM": [("unaccounted", "balloon")],
        "build host with millions of dentries": [("object_limits", None)],
    }


def test_the_cache_of_zfs_is_named_and_taken_out():
    facts = healthy("ZFS host")
    (holder,) = facts.account.holders
    assert (holder.kind, holder.bytes) == ("zfs", 200 * GIB)
    assert facts.amounts["unaccounted"] < 2 * GIB
