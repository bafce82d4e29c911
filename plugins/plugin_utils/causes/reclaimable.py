# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which slab caches the kernel gives back, by their names and by the account of the host, and which are copies for
control groups.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model.attribution import Attribution
from ..text.units import MIB

# Caches that the kernel counts as reclaimable. slabinfo does not say which ones are; these have reclaim_account = 1 in
# /sys/kernel/slab, which only root may read. A cache is never merged with one of the other kind.
_RECLAIMABLE = re.compile(
    r"dentry|buffer_head|radix_tree_node|(ext4_)?extent_status|kmalloc-rcl-\w+|xfs_(buf|ili)|mb_cache_entry|dquot|jbd2_journal_head|bdev_cache"
    r"|(bcachefs|btrfs|erofs|fat|fuse|gfs2|ovl|xfs)_inode|(\w+_)?inode_cache|ceph_inode_info|ubifs_inode_slab|jfs_ip"
)
# Of these that is only likely: a file system from outside of the kernel's sources need not count its inodes so.
_LIKELY = re.compile(r"\w+_inode_cache")
_KNOWN_INODES = re.compile(
    r"(ext[234]|nfs|proc|sock|isofs|udf|squashfs|fat|ntfs|cifs|reiser|ocfs2|affs|minix)_inode_cache"
)
_NOT_RECLAIMABLE = ("shmem_inode_cache", "hugetlbfs_inode_cache", "mqueue_inode_cache", "lsm_inode_cache")
# Kernels before 5.9 have a copy of a cache for each control group: dentry(1234:session-1.scope).
_OF_A_GROUP = re.compile(r"\(\d+:")


_SLACK, _SLACK_SHARE = 16 * MIB, 0.1
"""The counters and the table are of two moments."""


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


@dataclass(frozen=True, slots=True)
class CacheKinds:
    """Which slab caches of a host are given back: what their names say, but for those of which its counters say
    otherwise.
    """

    against_their_names: frozenset[str] = frozenset()

    def gives_back(self, name: str) -> bool:
        """Return whether the kernel gives a cache back."""
        return is_reclaimable(name) is not (without_group(name) in self.against_their_names)


BY_NAME = CacheKinds()
"""What the names alone say, where nothing is known of the host."""


def kinds_of(attribution: Attribution, amounts: Mapping[str, int | None]) -> CacheKinds:
    """Return the kinds of a host's slab caches. *amounts* are those of its dimensions."""
    part = attribution.slab_caches
    rows = [(one.name or "", one.bytes or 0) for one in part.caches] if part is not None else []
    return told_by_account(rows, amounts.get("slab_reclaimable"), amounts.get("slab_unreclaimable"))


def told_by_account(rows: Iterable[tuple[str, int]], reclaimable: int | None, unreclaimable: int | None) -> CacheKinds:
    """Return the kinds of caches (names and bytes), of which there can't be more than the counters say.

    Of too many that should be given back those are not that are alone too large, then those of whose names it is only
    likely, the largest first. Where a counter is not known the names alone decide.
    """
    if reclaimable is None or unreclaimable is None:
        return BY_NAME
    sizes: Counter[str] = Counter()
    for name, size in rows:
        sizes[without_group(name)] += size
    given = {name: size for name, size in sizes.items() if is_reclaimable(name)}
    most, rest = _with_slack(reclaimable), _with_slack(unreclaimable)
    # Most hosts end here.
    if sum(given.values()) <= most and max(sizes.values(), default=0) <= rest:
        return BY_NAME
    against, held = set[str](), sum(given.values())
    for name in sorted(given, key=lambda name: (given[name] <= most, not _is_likely_only(name), -given[name])):
        if held <= most or not (given[name] > most or _is_likely_only(name)):
            break
        if given[name] <= rest:
            against.add(name)
            held -= given[name]
    against |= {name for name, size in sizes.items() if name not in given and rest < size <= most}
    return CacheKinds(frozenset(against))


def _with_slack(counter: int) -> float:
    return counter * (1 + _SLACK_SHARE) + _SLACK


def _is_likely_only(name: str) -> bool:
    return _LIKELY.fullmatch(name) is not None and _KNOWN_INODES.fullmatch(name) is None
