# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches that are given back are told from those that are not, by their names."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.reclaimable import (
    is_of_a_group,
    is_reclaimable,
    without_group,
)


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
