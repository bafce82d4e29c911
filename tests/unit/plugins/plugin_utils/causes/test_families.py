# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of families: a cache and a module belong to one of them, and each says what it is and where it is made."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.families import (
    FAMILIES,
    Family,
    family_of_module,
    module_of_cache,
)

CACHES = {
    "ebitmap_node": "selinux_policy_leak",
    "zio_buf_comb_131072": "zfs_slab",
    "dnode_t": "zfs_slab",
    "arc_buf_hdr_t_full": "zfs_slab",
    "ldlm_locks": "lustre",
    "ptlrpc_cache": "lustre",
    "ceph_cap": "ceph",
    "rbd_img_request": "ceph",
    "nfsd4_delegations": "nfs",
    "nfs_write_data": "nfs",
    "rpc_tasks": "nfs",
    "btrfs_delayed_ref_head": "btrfs",
    "extent_buffer": "btrfs",
    "xfs_buf_item": "xfs",
    "skbuff_head_cache": "skbuff",
    "TCPv6": "skbuff",
    "nf_conntrack": "conntrack",
    "xfrm_state": "routes",
    "filp": "open_files",
    "key_jar": "kernel_keys",
    "msg_msg-8k": "sysv_messages",
    "inotify_inode_mark": "watches",
    "anon_vma_chain": "many_mappings",
    "iommu_iova": "iommu_mappings",
    "Acpi-State": "acpi_objects",
    "kvm_vcpu": "kvm_guests",
    "bio-248": "block_requests",
    "dm_rq_target_io": "block_requests",
    "kernfs_node_cache": "kernfs_leak",
}


@pytest.mark.parametrize("cache", CACHES)
def test_a_cache_belongs_to_one_family(cache: str) -> None:
    """Two families that claim one cache would name a cause by the order of a list."""
    assert [one.name for one in FAMILIES if one.caches.fullmatch(cache)] == [CACHES[cache]]


@pytest.mark.parametrize(
    "cache", ["kmalloc-512", "task_struct", "dentry", "signal_cache", "pool_workqueue", "xa_node", ""]
)
def test_what_belongs_to_all_belongs_to_none(cache: str) -> None:
    """General caches tell no owner."""
    assert not [one for one in FAMILIES if one.caches.fullmatch(cache)]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.called)
def test_a_family_says_where_it_is_made(family: Family) -> None:
    """What is named must be possible to look up."""
    assert family.called and family.source
    if family.name:
        assert family.meaning.endswith(".") and family.next_step.endswith(".") and family.command


@pytest.mark.parametrize(
    ("module", "called"),
    [
        ("mmfs26", "GPFS (IBM Storage Scale)"),
        ("tracedev", "GPFS (IBM Storage Scale)"),
        ("pf_ring", "packet capture without copies"),
        ("ice_zc", "packet capture without copies"),
        ("spl", "ZFS"),
        ("ptlrpc", "Lustre"),
        ("nvidia_uvm", "NVIDIA graphics"),
        ("vendor_reset", None),
    ],
)
def test_a_module_belongs_to_its_family(module: str, called: str | None) -> None:
    """A list of modules reads better with what they are."""
    family = family_of_module(module)
    assert (family.called if family else None) == called


@pytest.mark.parametrize(
    ("cache", "modules", "module"),
    [
        ("jool_joold_nodes", ["jool"], "jool"),
        ("jool_joold_nodes", ["jool", "jool_joold"], "jool_joold"),
        ("my-drv_objects", ["my_drv"], "my_drv"),
        ("jool", ["jool"], "jool"),
        ("joolery_nodes", ["jool"], None),
        ("kmalloc-64", ["jool"], None),
    ],
)
def test_a_cache_is_of_the_module_whose_name_it_begins_with(cache: str, modules: list[str], module: str | None) -> None:
    """Whole words only: a name that merely begins with the same letters says nothing."""
    assert module_of_cache(cache, modules) == module
