# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One leak is one finding, as bad as the worse of the two, and nothing is lost where the policy has its word."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.grown import OwnersPast
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.one_leak import as_one, without_told
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import Attribution
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import OwnersSample
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB, facts_of

TOTAL = "kernel_unreclaimable"
NOBODY = OwnersPast(OwnersSample("web1", 0, {}, frozenset()))


def finding(dimension: str, mib: int, severity: str, pattern: str | None = None, kind: str = "growth") -> Finding:
    """Return a finding about so many MiB."""
    status = "suspected" if severity == "info" else "confirmed"
    return Finding(
        dimension, kind, severity, status, mib * MIB, MIB, "bytes", "", "It grows.", "Look.", "true", pattern=pattern
    )


def callers(**mib: int) -> Attribution:
    """Return the callers of vmalloc with their sizes."""
    rows = [{"caller": name, "bytes": size * MIB, "areas": 1} for name, size in mib.items()]
    part = {"complete": True, "callers": rows}
    return facts_of(attribution={"vmalloc_callers": part}).attribution


def told(*findings: Finding, known: Attribution | None = None) -> list[tuple[str, str, Any]]:
    """Return what is left: dimension, severity, status."""
    left = without_told(as_one(findings, known or Attribution(), NOBODY))
    return [(one.dimension, one.severity, one.status) for one in left]


def test_the_part_that_explains_the_total_takes_its_grade() -> None:
    """Stacks and slab of one thread leak: neither is critical alone, and the cause must not stand below as a remark."""
    findings = (
        finding(TOTAL, 124, "critical"),
        finding("slab_unreclaimable", 50, "info", "thread_leak"),
        finding("kernel_stack", 72, "info", "thread_leak"),
    )
    assert told(*findings) == [("slab_unreclaimable", "info", "suspected"), ("kernel_stack", "critical", "confirmed")]
    (stack,) = [one for one in as_one(findings, Attribution(), NOBODY) if one.dimension == "kernel_stack"]
    assert stack.explanation == (
        "It grows. It is 58.1 % of the growth of all kernel memory that can't be reclaimed, 124 MiB, and so it is "
        "critical."
    )


def test_the_total_stays_where_no_part_explains_it() -> None:
    """A third of it is no explanation, nor is a rise beside a limit."""
    assert len(told(finding(TOTAL, 124, "critical"), finding("kernel_stack", 40, "info"))) == 2
    limit = finding("kernel_stack", 100, "info", kind="limit")
    assert len(told(finding(TOTAL, 124, "critical"), limit)) == 2


@pytest.mark.parametrize("severity", ["info", "warning"])
def test_who_lowers_or_waives_the_part_still_hears_of_the_whole(severity: str) -> None:
    """A waiver for stacks must not silence memory that is going."""
    whole, part = as_one((finding(TOTAL, 124, "critical"), finding("kernel_stack", 100, "info")), Attribution(), NOBODY)
    assert without_told([whole, part]) == [part]
    assert without_told([whole]) == [whole]
    assert without_told([whole, part.replaced(severity=severity)])[0] == whole


def test_chunks_of_per_cpu_memory_are_no_second_leak() -> None:
    """The functions say it; where they are not known, the same amount does."""
    pair = finding("vmalloc", 415, "critical"), finding("percpu", 400, "warning", "bpf_maps")
    assert told(*pair) == [("percpu", "critical", "confirmed")]
    limits = finding("vmalloc", 415, "critical", kind="limit"), finding("percpu", 400, "critical", kind="limit")
    chunks = callers(pcpu_create_chunk=400, load_module=15)
    assert told(*limits, known=chunks) == [("percpu", "critical", "confirmed")]
    (said,) = without_told(as_one(limits, chunks, NOBODY))
    assert said.explanation == "It grows. 415 MiB of vmalloc memory (pcpu_create_chunk) belong to it: it is one leak."


def test_other_vmalloc_memory_is_a_leak_of_its_own() -> None:
    """A driver's areas are not those of per-CPU memory, whatever grows beside them."""
    limits = finding("vmalloc", 415, "critical", kind="limit"), finding("percpu", 400, "critical", kind="limit")
    assert len(told(*limits, known=callers(mydrv_open=400))) == 2
    assert len(told(*limits)) == 2
    assert len(told(finding("vmalloc", 1415, "critical"), finding("percpu", 400, "warning"))) == 2


def test_what_control_groups_leave_behind_is_one_leak() -> None:
    """Each keeps slab and per-CPU memory: the larger tells of both, as bad as the worse."""
    slab = finding("slab_unreclaimable", 120, "critical", "cgroup_leak")
    percpu = finding("percpu", 690, "warning", "cgroup_leak")
    assert told(slab, percpu) == [("percpu", "critical", "confirmed")]
    assert told(finding("slab_unreclaimable", 900, "warning", "cgroup_leak"), percpu) == [
        ("slab_unreclaimable", "warning", "confirmed")
    ]
    (one,) = without_told(as_one((slab, percpu), Attribution(), NOBODY))
    assert "Another 120 MiB of unreclaimable slab came with it: it is one leak" in one.explanation


def test_two_leaks_of_two_causes_stay_two() -> None:
    """Only the same cause joins slab and per-CPU memory."""
    slab = finding("slab_unreclaimable", 120, "warning", "kmalloc_leak")
    assert len(told(slab, finding("percpu", 690, "warning", "cgroup_leak"))) == 2
