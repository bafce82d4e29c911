# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups are told from maps of eBPF programs on hosts of any size, with and without their number."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, machine
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes.incident import (
    MIB,
    growing,
    growth,
)

CPUS = (2, 16, 64, 256)


def cause(dimension: str, slab: float, percpu: float, **host: Any) -> Finding:
    """Return a finding of growth with its cause, where slab and per-CPU memory grow by so many MiB a day."""
    facts = machine(**{"ram": 512 * GIB, "su": 8 * GIB, "percpu": 128 * host["cpus"], **host})
    slopes = growing(**{name: mib for name, mib in (("slab_unreclaimable", slab), ("percpu", percpu)) if mib})
    (found,) = apply_patterns(subject_of(facts), [growth(dimension, percpu)], slopes)
    return found


@pytest.mark.parametrize("cpus", CPUS)
@pytest.mark.parametrize("dimension", ["percpu", "slab_unreclaimable"])
def test_control_groups_have_their_proportion_on_any_number_of_cpus(cpus: int, dimension: str) -> None:
    """Measured on two CPUs: 24 MiB of per-CPU memory with 133 MiB of slab. Per-CPU memory is paid for each CPU."""
    assert cause(dimension, 133, 12 * cpus, cpus=cpus, cgroups=90_000).pattern == "cgroup_leak"


@pytest.mark.parametrize("cpus", CPUS)
def test_namespaces_have_theirs(cpus: int) -> None:
    """Measured on two CPUs: 64 MiB with 2,163 MiB; nobody counts namespaces, and there are few groups."""
    assert cause("percpu", 2163, 32 * cpus, cpus=cpus, cgroups=80).pattern == "cgroup_leak"


@pytest.mark.parametrize("cpus", CPUS)
def test_maps_come_without_slab(cpus: int) -> None:
    """Only per-CPU memory grows."""
    assert cause("percpu", 0, 12 * cpus, cpus=cpus).pattern == "bpf_maps"
    # With the slab of somebody else beside it, which the few groups of this host can't be.
    assert cause("percpu", 40, 12 * cpus, cpus=cpus, cgroups=80).pattern == "bpf_maps"


@pytest.mark.parametrize("cpus", CPUS)
def test_both_are_named_where_nobody_counts_the_groups(cpus: int) -> None:
    """What can't be told apart is said as that."""
    uncounted = {"sys/fs/cgroup/cgroup.stat": ""}
    parts = {"cgroups": {"version": 2, "rows": [], "seen": 0}}
    found = cause("percpu", 133, 12 * cpus, cpus=cpus, files=uncounted, parts=parts)
    assert found.pattern == "cgroup_leak"
    assert "maps of eBPF programs as well" in found.explanation, found.explanation


def test_living_groups_are_named_with_their_number() -> None:
    """Groups that somebody makes and does not remove are not ended ones: nothing but their number is odd."""
    facts = machine(ram=16 * GIB, su=2 * GIB, cgroups=60_000, threads=900)
    finding = Finding(
        "slab_unreclaimable",
        "limit",
        "warning",
        "current",
        2 * GIB * MIB,
        GIB * MIB,
        "bytes",
        "",
        "It is high.",
        "",
        "",
    )
    (found,) = apply_patterns(subject_of(facts), [finding], {})
    assert found.pattern == "cgroup_leak"
    assert "60,001 control groups exist, about 1.1 GiB of it." in found.explanation
    few = machine(ram=16 * GIB, su=2 * GIB, cgroups=900)
    assert apply_patterns(subject_of(few), [finding], {})[0].pattern is None
