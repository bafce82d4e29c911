# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds most of what a finding is about, as one short sentence, where the attribution knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._vmallocinfo import STACKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._explain import one_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._units import human_bytes

MOST_ALIASES = 3

# Caches that the kernel counts as reclaimable. slabinfo does not say which ones are; these have reclaim_account = 1 in /sys/kernel/slab,
# which only root may read. A cache is never merged with one of the other kind.
_RECLAIMABLE = re.compile(
    r"dentry|buffer_head|radix_tree_node|(ext4_)?extent_status|kmalloc-rcl-\w+|xfs_(buf|ili)|mb_cache_entry|dquot|jbd2_journal_head|bdev_cache"
    r"|(btrfs|erofs|fat|fuse|ovl|xfs)_inode|(\w+_)?inode_cache"
)
_NOT_RECLAIMABLE = ("shmem_inode_cache", "hugetlbfs_inode_cache", "mqueue_inode_cache", "lsm_inode_cache")


def owner_sentence(attribution: Mapping[str, Any], dimension: str, unit: str) -> str:
    """Return a sentence that names the largest owner of *dimension*, or an empty text where it is not known."""
    if dimension in ("slab_unreclaimable", "slab_reclaimable"):
        caches = _rows(attribution, "slab_caches", "caches")
        return _cache([one for one in caches if one["name"] and _reclaimable(one["name"]) is (dimension == "slab_reclaimable")])
    if dimension == "vmalloc":
        # Kernel stacks have a dimension of their own, and the graded vmalloc leaves them out.
        callers = [one for one in _rows(attribution, "vmalloc_callers", "callers") if not _stack(one["caller"])]
        return f"The largest caller is {_name(callers[0]['caller'])} with {_size(callers[0])}." if callers else ""
    if dimension == "page_tables":
        processes = _rows(attribution, "page_table_processes", "processes")
        return f"The largest page tables are those of {_process(processes[0])} with {_size(processes[0])}." if processes else ""
    if dimension == "kernel_stack" and unit != "bytes_per_thread":
        processes = _rows(attribution, "thread_processes", "processes")
        return f"The most threads are those of {_process(processes[0])}: {processes[0]['threads'] or 0:,}." if processes else ""
    return ""


def _rows(attribution: Mapping[str, Any], part: str, rows: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = attribution.get(part, {}).get(rows, ())
    return found


def _stack(caller: str | None) -> bool:
    return (caller or "").partition(" ")[0].partition(".")[0].encode("ascii", "replace") in STACKS


def _reclaimable(name: str) -> bool:
    return name not in _NOT_RECLAIMABLE and _RECLAIMABLE.fullmatch(name) is not None


def _cache(caches: Sequence[Mapping[str, Any]]) -> str:
    if not caches:
        return ""
    largest = caches[0]
    others = [_name(alias) for alias in largest["aliases"] if alias != largest["name"]]
    more = f" and {len(others) - MOST_ALIASES} more" if len(others) > MOST_ALIASES else ""
    merged = f" (shared with {', '.join(others[:MOST_ALIASES])}{more})" if others else ""
    return f"The largest cache is {_name(largest['name'])} with {_size(largest)}{merged}."


def _process(process: Mapping[str, Any]) -> str:
    container = process["container_id"]
    inside = f" in the container {_name(container)[:12]}" if container else ""
    return f"{_name(process['command'])} (pid {process['pid'] or 0}{inside})"


def _name(value: str | None) -> str:
    return one_line(value or "", 64) or "(no name)"


def _size(row: Mapping[str, Any]) -> str:
    return human_bytes(row["bytes"] or 0)
