# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which slab caches the kernel gives back, by their names, and which are copies for control groups."""

from __future__ import annotations

import re

# Caches that the kernel counts as reclaimable. slabinfo does not say which ones are; these have reclaim_account = 1 in
# /sys/kernel/slab, which only root may read. A cache is never merged with one of the other kind.
_RECLAIMABLE = re.compile(
    r"dentry|buffer_head|radix_tree_node|(ext4_)?extent_status|kmalloc-rcl-\w+|xfs_(buf|ili)|mb_cache_entry|dquot|jbd2_journal_head|bdev_cache"
    r"|(bcachefs|btrfs|erofs|fat|fuse|gfs2|ovl|xfs)_inode|(\w+_)?inode_cache|ceph_inode_info|ubifs_inode_slab|jfs_ip"
)
_NOT_RECLAIMABLE = ("shmem_inode_cache", "hugetlbfs_inode_cache", "mqueue_inode_cache", "lsm_inode_cache")
# Kernels before 5.9 have a copy of a cache for each control group: dentry(1234:session-1.scope).
_OF_A_GROUP = re.compile(r"\(\d+:")


def without_group(name: str) -> str:
    """Return the name of a cache without that of the control group whose copy it is."""
    return _OF_A_GROUP.split(name, maxsplit=1)[0]


def is_of_a_group(name: str) -> bool:
    """Return whether a cache is the copy for one control group."""
    return _OF_A_GROUP.search(name) is not None


def is_reclaimable(name: str) -> bool:
    """Return whether the kernel counts a slab cache as reclaimable."""
    name = without_group(name)
    return name not in _NOT_RECLAIMABLE and _RECLAIMABLE.fullmatch(name) is not None
