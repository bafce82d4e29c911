# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that look odd and are healthy, as seen on real machines, each with a sick twin."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, KIB, MIB, healthy_facts

POLICY = resolve_policy(None)
BALLOON = {"name": "hv_balloon", "kind": "balloon", "bytes": None, "explanation": "The guest gives memory back."}


def judge(environment="production", policy=None, **changes):
    return classify(healthy_facts(**changes), policy or POLICY, environment)


def only_finding(verdict):
    (finding,) = verdict["findings"]
    return finding


def found(verdict):
    return {finding["dimension"]: finding["severity"] for finding in verdict["findings"]}


def test_a_small_vm_with_many_possible_cpus_is_healthy():
    """4 GiB, 128 possible CPUs, 840 KiB for each of them: 2.7 % of RAM."""
    shape = {
        "memory_total_bytes": 4 * GIB, "memory_available_bytes": 3 * GIB, "cpus_possible": 128, "unaccounted_bytes": 0,
        "kernel_unreclaimable_bytes": 700 * MIB,
    }  # fmt: skip
    assert judge(percpu_bytes=128 * 840 * KIB, **shape)["verdict"] == "ok"
    # 3 x 128 x (1 MiB + 8 KiB x 100) = 684 MiB
    assert found(judge(percpu_bytes=690 * MIB, **shape)) == {"percpu": "warning"}


def test_a_1_gib_vm_that_idles_is_healthy():
    """3.4 % of RAM in unreclaimable slab is what such a VM idles at."""
    shape = {
        "memory_total_bytes": 960 * MIB, "memory_available_bytes": 500 * MIB, "slab_reclaimable_bytes": 40 * MIB,
        "vmalloc_bytes": 20 * MIB, "page_tables_bytes": 5 * MIB, "percpu_bytes": MIB, "threads": 120,
        "kernel_stack_bytes": 120 * 16 * KIB, "unaccounted_bytes": 30 * MIB, "kernel_unreclaimable_bytes": 60 * MIB,
    }  # fmt: skip
    assert judge(slab_unreclaimable_bytes=33 * MIB, **shape)["verdict"] == "ok"
    assert judge(slab_unreclaimable_bytes=600 * MIB, **shape)["verdict"] == "warning"
    assert judge(slab_unreclaimable_bytes=800 * MIB, **shape)["verdict"] == "critical"


def test_a_build_host_with_large_file_caches_is_healthy():
    assert judge(slab_reclaimable_bytes=30 * GIB, memory_available_bytes=40 * GIB)["verdict"] == "ok"
    assert judge(slab_reclaimable_bytes=5 * GIB, memory_available_bytes=5 * GIB)["verdict"] == "warning"


def test_address_space_of_old_kernels_is_not_memory():
    """A 32 GB host with an accelerator shows 28 % in VmallocUsed, all of it mapped device memory."""
    shape = {"memory_total_bytes": 32 * GIB, "memory_available_bytes": 20 * GIB, "vmalloc_bytes": 9 * GIB}
    verdict = judge(vmalloc_meaning="area", **shape)
    assert verdict["verdict"] == "ok"
    assert "does not count pages" in verdict["coverage"]["not_judged"]["vmalloc"]
    absent = judge(vmalloc_meaning="area", vmalloc_bytes=None, unavailable={"vmalloc": "It is address space."})
    assert absent["coverage"]["not_judged"] == {"vmalloc": "It is address space."}
    assert found(judge(vmalloc_meaning="pages", **shape)) == {"vmalloc": "critical"}


def test_a_2_tib_host_with_256_cpus_is_healthy():
    shape = {
        "memory_total_bytes": 2048 * GIB, "memory_available_bytes": 1500 * GIB, "cpus_possible": 256, "cgroups": 1500,
        "slab_reclaimable_bytes": 100 * GIB, "slab_unreclaimable_bytes": 20 * GIB, "vmalloc_bytes": 6 * GIB,
        "page_tables_bytes": 30 * GIB, "percpu_bytes": 4 * GIB, "threads": 40_000,
        "kernel_stack_bytes": 40_000 * 16 * KIB,
        "unaccounted_bytes": 25 * GIB, "unaccounted_band_bytes": 10 * GIB, "kernel_unreclaimable_bytes": 61 * GIB,
    }  # fmt: skip
    assert judge(**shape)["verdict"] == "ok"
    assert found(judge(**{**shape, "slab_unreclaimable_bytes": 65 * GIB})) == {"slab_unreclaimable": "critical"}
    # 3 x 256 x (1 MiB + 8 KiB x 1,500) is 9.5 GiB.
    assert found(judge(**{**shape, "percpu_bytes": 11 * GIB})) == {"percpu": "warning"}


def test_a_balloon_makes_unaccounted_memory_information():
    """An 8 GiB Hyper-V guest with 67.7 % unaccounted; without the balloon it is a finding."""
    shape = {"memory_total_bytes": 8 * GIB, "memory_available_bytes": 2 * GIB}
    shape["unaccounted_bytes"] = int(0.677 * 8 * GIB)
    verdict = judge(holders=[BALLOON], **shape)
    assert (verdict["verdict"], found(verdict)) == ("ok", {"unaccounted": "info"})
    assert "67.7 % of 8 GiB RAM" in only_finding(verdict)["explanation"]
    assert "hv_balloon may hold it and can't be measured" in only_finding(verdict)["explanation"]
    assert "hv_balloon" in verdict["coverage"]["not_judged"]["unaccounted"]
    assert verdict["coverage"]["text"] == "6 of 7 dimensions judged"
    assert judge(**shape)["verdict"] == "critical"
