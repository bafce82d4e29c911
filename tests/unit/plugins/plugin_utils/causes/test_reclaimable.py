# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches that are given back are told from those that are not, by their names."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.owners import owner_sentence
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.reclaimable import (
    CacheKinds,
    is_of_a_group,
    is_reclaimable,
    kinds_of,
    told_by_account,
    without_group,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, MIB, facts_of, subject_of


@pytest.mark.parametrize("name", ["dentry", "ext4_inode_cache", "ceph_inode_info", "gfs2_inode", "dentry(12:a.scope)"])
def test_what_is_given_back(name: str) -> None:
    """A leak is not looked for among these."""
    assert is_reclaimable(name)


@pytest.mark.parametrize("name", ["shmem_inode_cache", "kmalloc-64", "zfs_znode_cache", "ceph_cap", "mydentry", ""])
def test_what_stays(name: str) -> None:
    """Objects of files that are memory themselves stay."""
    assert not is_reclaimable(name)


def test_a_copy_for_a_control_group_is_the_cache() -> None:
    """Kernels before 5.9 have hundreds of copies of one cache."""
    assert without_group("kmalloc-192(991:pod7)") == "kmalloc-192" and is_of_a_group("kmalloc-192(991:pod7)")
    assert without_group("size-64(DMA)") == "size-64(DMA)" and not is_of_a_group("size-64(DMA)")


@pytest.mark.parametrize(
    ("sizes", "reclaimable", "unreclaimable", "against"),
    [
        ({"vxfs_inode_cache": 4100, "dentry": 30}, 60, 4300, {"vxfs_inode_cache"}),
        ({"vxfs_inode_cache": 2400, "dentry": 2200}, 2500, 2600, {"vxfs_inode_cache"}),
        ({"vxfs_inode_cache": 2000, "panfs_inode_cache": 1500}, 60, 3600, {"vxfs_inode_cache", "panfs_inode_cache"}),
        ({"vxfs_inode_cache(12:pod)": 2000, "vxfs_inode_cache": 1500}, 60, 3600, {"vxfs_inode_cache"}),
        ({"dentry": 4000}, 60, 4300, {"dentry"}),
        ({"mystery_objects": 4000, "kmalloc-64": 30}, 4100, 60, {"mystery_objects"}),
        ({"vxfs_inode_cache": 4100, "dentry": 30}, 4200, 60, set()),
        ({"vxfs_inode_cache": 70, "dentry": 5}, 60, 900, set()),
        ({"ext4_inode_cache": 3000, "dentry": 2000}, 4800, 900, set()),
        ({"vxfs_inode_cache": 4100}, None, 4300, set()),
        ({"vxfs_inode_cache": 4100}, 60, None, set()),
        ({"vxfs_inode_cache": 4100}, 60, 70, set()),
        ({}, 60, 70, set()),
    ],
)
def test_the_account_decides_what_a_name_may_say(
    sizes: dict[str, int], reclaimable: int | None, unreclaimable: int | None, against: set[str]
) -> None:
    """A cache can't be larger than the counter that it stands in; where the counters fit, or aren't known, names do."""
    amounts = (None if one is None else one * MIB for one in (reclaimable, unreclaimable))
    kinds = told_by_account([(name, size * MIB) for name, size in sizes.items()], *amounts)
    assert kinds == CacheKinds(frozenset(against))
    assert all(kinds.gives_back(name) is not is_reclaimable(name) for name in against)


@pytest.mark.parametrize("dimension", ["slab_unreclaimable", "slab_reclaimable"])
def test_a_cache_of_a_reclaimable_name_is_named_where_the_counter_has_it(dimension: str) -> None:
    """8.2 GiB of inodes of a file system from outside are the unreclaimable slab, whatever they are called."""
    sizes = {"slab_unreclaimable": 60 * MIB, "slab_reclaimable": 60 * MIB, dimension: 8400 * MIB}
    part = {"complete": True, "reason": None, "duration_ms": 1, "caches_total": 1, "outside_table_bytes": 0}
    cache = {
        "name": "vxfs_inode_cache",
        "aliases": [],
        "bytes": 8200 * MIB,
        "active_bytes": 8100 * MIB,
        "objects": 9_000_000,
        "object_bytes": 480,
    }
    facts = facts_of(
        **{f"{name}_bytes": size for name, size in sizes.items()},
        attribution={"slab_caches": {**part, "table_bytes": 8200 * MIB, "caches": [cache]}},
    )
    subject = subject_of(facts)
    sentence = owner_sentence(
        subject.attribution, dimension, "bytes", 8400 * MIB, kinds_of(subject.attribution, subject.sample.amounts)
    )
    assert "vxfs_inode_cache with 8.0 GiB" in sentence
    if dimension == "slab_unreclaimable":
        found = classify(facts, BUILT_IN, "production").findings
        (slab,) = [one for one in found if one.dimension == dimension]
        assert "The largest cache is vxfs_inode_cache" in slab.explanation
