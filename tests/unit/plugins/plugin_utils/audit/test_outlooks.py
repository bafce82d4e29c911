# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes: hosts of one dimension and one holder are one, and the order is that in which they strike."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import in_order
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entries_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import GIB


def host(name: str, *findings: dict[str, Any], available: int = 10 * GIB) -> dict[str, Any]:
    """A host of an audit with these findings."""
    known = next(one for one in audits.audit(20)["hosts"] if one["verdict"] == "ok")
    machine = {**known["host"], "memory_total_bytes": 100 * GIB, "memory_available_bytes": available}
    return {**known, "name": name, "verdict": "critical", "host": machine, "findings": list(findings)}


def growing(days: float) -> dict[str, Any]:
    """A growth that reaches its limit in so many days."""
    evidence = {"time_to_limit_days": {"estimate": days, "limit_bytes": 4 * GIB}}
    return synthetic.growth("slab_unreclaimable", "critical", evidence=evidence)


def test_days_left_and_available_memory_come_before_the_size_of_the_excess() -> None:
    """A host with nine days and little memory is worse off than one that is far over a small limit and steady."""
    over = synthetic.finding("percpu", "critical", value=30 * GIB, limit=GIB)
    given = [
        host("a-over", over),
        host("b-nine-days", growing(9.0)),
        host("c-nine-days-less-memory", growing(9.0), available=GIB),
        host("d-two-days", growing(2.0)),
    ]
    names = [one.name for one in in_order(entries_of(given))]
    assert names == ["d-two-days", "c-nine-days-less-memory", "b-nine-days", "a-over"]


def test_hosts_of_one_cause_are_one_and_the_first_to_run_out_stands_for_them() -> None:
    """Twenty hosts of one cause are one line of the screen and one card of the page."""
    hosts = [host(f"h{number}", growing(20.0 - number)) for number in range(5)]
    hosts.append(host("other", synthetic.finding("percpu", "critical")))
    causes = causes_of(Hosts(entries_of(hosts)))
    assert [(cause.first.host.name, len(cause.members)) for cause in causes] == [("other", 1), ("h4", 5)]
    slab = causes[1]
    assert [one.host.name for one in slab.members] == ["h4", "h3", "h2", "h1", "h0"]
    assert slab.first.outlook.left == "16 days"


def test_hosts_of_one_pattern_with_other_caches_are_other_causes() -> None:
    """A leak of one cache does not explain another host's, though both are leaks of the kernel."""
    cache = {"objects": 1, "objects_active": 1, "use_percent": 100.0, "object_bytes": 64, "aliases": []}
    hosts = []
    for name, held in (("a", "kmalloc-512"), ("b", "kmalloc-4k"), ("c", "kmalloc-512")):
        one = host(name, {**synthetic.finding("slab_unreclaimable", "critical"), "pattern": "kmalloc_leak"})
        caches = [{"name": held, "bytes": 90 * GIB, **cache}]
        one["attribution"] = {"slab_caches": {"caches": caches, "complete": True, "reason": None, "duration_ms": 1}}
        hosts.append(one)
    assert [[one.host.name for one in cause.members] for cause in causes_of(Hosts(entries_of(hosts)))] == [
        ["a", "c"],
        ["b"],
    ]


def test_a_cache_that_is_given_back_does_not_hold_what_is_not() -> None:
    """However large it is beside the others."""
    unlike = host("h", synthetic.finding("slab_unreclaimable", "critical"))
    cache = {"objects": 1, "objects_active": 1, "use_percent": 100.0, "object_bytes": 64, "aliases": []}
    caches = [{"name": "dentry", "bytes": 90 * GIB, **cache}, {"name": "kmalloc-64", "bytes": 80 * GIB, **cache}]
    unlike["attribution"] = {"slab_caches": {"caches": caches, "complete": True, "reason": None, "duration_ms": 1}}
    (cause,) = causes_of(Hosts(entries_of([unlike])))
    assert cause.first.outlook.holder == "kmalloc-64"
