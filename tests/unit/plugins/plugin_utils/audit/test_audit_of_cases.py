# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trees of tests/cases, each with the verdict that it must have; tests/cases/README.md says why.

An audit and the filter ``classify`` are asked about each, and about every saved kernel: they must say the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, case, sample

SLAB, REST = "slab_unreclaimable", "unaccounted"
MUST: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "bpf-jit-limit-full": ("warning", {("object_limits", "warning")}),
    "cache-named-after-module": ("critical", {(SLAB, "critical")}),
    "cluster-file-system-node": ("warning", {(SLAB, "warning")}),
    "container-meminfo-of-2016": ("unknown", set()),
    "damaged-2-to-63": ("unknown", set()),
    "damaged-decimals": ("unknown", set()),
    "damaged-memtotal-1-kb": ("unknown", set()),
    "damaged-not-a-number": ("unknown", set()),
    "database-500-sessions": ("critical", {("page_tables", "critical")}),
    "lru-counter-leak-hides-driver-leak": ("critical", {(REST, "critical"), ("counters", "warning")}),
    "lru-counter-leak-small": ("warning", {("counters", "warning")}),
    "memcg-cache-descriptors": ("critical", {(SLAB, "critical")}),
    "out-of-tree-suspect-in-unaccounted": ("critical", {(REST, "critical")}),
    "page-size-of-x86": ("critical", {(SLAB, "critical")}),
    "percpu-excused-by-dead-cgroups": ("critical", {("percpu", "critical")}),
    "saved-sample-stamped-now": ("critical", {(SLAB, "critical")}),
    "small-vm": ("critical", {(SLAB, "critical")}),
    "stranded-huge-pages": ("ok", {("huge_pages", "info")}),
    "udp-memory-at-its-limit": ("critical", {(REST, "critical"), ("object_limits", "warning")}),
    "unaccounted-behind-balloon-driver": ("critical", {(REST, "critical")}),
    "unaccounted-behind-gpu-driver": ("critical", {(REST, "critical")}),
    "unaccounted-without-balloon-driver": ("critical", {(REST, "critical")}),
    "vmallocinfo-not-used-for-dimension": ("critical", {("vmalloc", "critical")}),
    "zfs-slab-healthy-nas": ("ok", set()),
    "zfs-slab-metadata": ("critical", {(SLAB, "critical")}),
}
CAUSES: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    "cache-named-after-module": (SLAB, "module_cache", ("jool_joold_nodes", "module jool")),
    "cluster-file-system-node": (SLAB, "kmalloc_leak", ("mmfs26", "mmfslinux", "tracedev", "mlx5_core", "GPFS")),
    "database-500-sessions": ("page_tables", "database_without_huge_pages", ("oracle", "such processes")),
    "lru-counter-leak-hides-driver-leak": (REST, "driver_page_leak", ("mlx5_core",)),
    "memcg-cache-descriptors": (SLAB, "cgroup_leak", ("kmem_cache", "a set for each control group")),
    "out-of-tree-suspect-in-unaccounted": (REST, "driver_page_leak", ("first suspects", "vendor_reset")),
    "page-size-of-x86": (SLAB, "kmalloc_leak", ("largest cache is kmalloc-512",)),
    "percpu-excused-by-dead-cgroups": ("percpu", "cgroup_leak", ("control groups",)),
    "udp-memory-at-its-limit": (REST, "driver_page_leak", ("12.3 GiB",)),
    "unaccounted-behind-balloon-driver": (REST, "balloon", ("vmw_balloon", "or memory that a driver has lost")),
    "unaccounted-behind-gpu-driver": (REST, "gpu_driver", ("nvidia", "or memory that a driver has lost")),
    "unaccounted-without-balloon-driver": (REST, "driver_page_leak", ("Processes can hold such memory",)),
    "vmallocinfo-not-used-for-dimension": ("vmalloc", None, ("[mydrv]",)),
    "zfs-slab-metadata": (SLAB, "zfs_slab", ("zfs_znode_cache", "objects of ZFS")),
}
"""{case: (dimension, pattern, words of the explanation)}"""
POLICY = policy_of(None)


def audited(facts: dict[str, Any]) -> dict[str, Any]:
    """What an audit of one host without a history says of it."""
    records = {"web1": synthetic.record("web1", facts={**facts, "transport": "lean"})}
    audit = built(synthetic.run(("web1",)), records, POLICY)
    host: dict[str, Any] = audit["hosts"][0]
    return host


@pytest.mark.parametrize("name", sorted(MUST))
def test_a_case_has_its_verdict(name: str) -> None:
    """Each stands for a kind of fault that was once passed over, or for a healthy host that was once blamed."""
    verdict, findings = MUST[name]
    host = audited(build_facts(case(name)))
    said = {(one["dimension"], one["severity"]) for one in host["findings"]}
    assert (host["verdict"], findings - said) == (verdict, set()), host["no_data"] or host["findings"]


@pytest.mark.parametrize("name", sorted(CAUSES))
def test_a_case_has_its_cause(name: str) -> None:
    """A verdict without the right cause sends people to the wrong place."""
    dimension, pattern, words = CAUSES[name]
    host = audited(build_facts(case(name)))
    (found,) = [one for one in host["findings"] if (one["dimension"], one["kind"]) == (dimension, "limit")]
    assert found["pattern"] == pattern, found["explanation"]
    assert [word for word in words if word not in found["explanation"]] == [], found["explanation"]


def test_zfs_is_told_by_the_limits_to_set() -> None:
    """Who reads of ZFS must not have to look for the three settings that bound it."""
    (found,) = [one for one in audited(build_facts(case("zfs-slab-metadata")))["findings"] if one["dimension"] == SLAB]
    for setting in ("zfs_arc_max", "zfs_arc_dnode_limit", "zfs_arc_meta_limit"):
        assert setting in found["next_step"], found["next_step"]


@pytest.mark.parametrize("name", [*sorted(MUST), *KERNELS])
def test_an_audit_and_classify_say_the_same(name: str) -> None:
    """Whoever asks the filter about a host's facts must not hear something else than the report says."""
    facts = build_facts(case(name) if name in MUST else sample(name))
    host, alone = audited(facts), classify(checked_facts(facts), POLICY, "production", name="web1")
    assert alone.verdict == host["verdict"]
    said = [(one["dimension"], one["kind"], one["severity"], one["explanation"]) for one in host["findings"]]
    assert [(one.dimension, one.kind, one.severity, one.explanation) for one in alone.findings] == said


@pytest.mark.parametrize("name", KERNELS)
def test_an_untouched_kernel_is_well(name: str) -> None:
    """What is said of the sick must not be said of the well."""
    host = audited(build_facts(sample(name)))
    assert (host["verdict"], host["findings"]) == ("ok", [])
