# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds most of what a finding is about, as one short sentence, where the attribution knows it."""

from __future__ import annotations

from collections.abc import Sequence

from ...module_utils.collect.vmallocinfo import STACKS
from ..model.attribution import Attribution
from ..model.attribution_parts import Cache, Caller, PageTableProcess, ThreadProcess
from ..text.safe import one_name
from ..text.units import human_bytes
from .reclaimable import BY_NAME, CacheKinds

MOST_ALIASES = 3
LEAST_SHARE = 10
"""A cache or caller with less than this percentage of a dimension does not explain it."""


def owner_sentence(
    attribution: Attribution, dimension: str, unit: str, size_bytes: float | None = None, kinds: CacheKinds = BY_NAME
) -> str:
    """Return a sentence that names the largest owner of *dimension*, or an empty text where it is not known.

    *size_bytes* is what the host has of the dimension: a cache or caller with little of it is said to explain nothing.
    *kinds* tells which caches are given back.
    """
    if dimension in ("slab_unreclaimable", "slab_reclaimable"):
        caches = attribution.slab_caches.caches if attribution.slab_caches else ()
        gives_back = dimension == "slab_reclaimable"
        return _cache([one for one in caches if one.name and kinds.gives_back(one.name) is gives_back], size_bytes)
    if dimension == "vmalloc":
        return _caller(attribution.vmalloc_callers.callers if attribution.vmalloc_callers else (), size_bytes)
    if dimension == "page_tables" and attribution.page_table_processes:
        largest = next(iter(attribution.page_table_processes.processes), None)
        return f"The largest page tables are those of {_process(largest)} with {_size(largest)}." if largest else ""
    if dimension == "kernel_stack" and unit != "bytes_per_thread" and attribution.thread_processes:
        most = next(iter(attribution.thread_processes.processes), None)
        return f"The most threads are those of {_process(most)}: {most.threads or 0:,}." if most else ""
    return ""


def _caller(callers: Sequence[Caller], size_bytes: float | None) -> str:
    # Kernel stacks have a dimension of their own, and the graded vmalloc leaves them out.
    largest = next((one for one in callers if not is_stack(one.caller)), None)
    if largest is None:
        return ""
    if _too_small(largest, size_bytes):
        return f"No single caller explains it: the largest, {one_name(largest.caller)}, has {_size(largest)}."
    return f"The largest caller is {one_name(largest.caller)} with {_size(largest)}."


def is_stack(caller: str | None) -> bool:
    """Return whether a caller of vmalloc allocates kernel stacks."""
    return (caller or "").partition(" ")[0].partition(".")[0].encode("ascii", "replace") in STACKS


def _too_small(row: Cache | Caller, size_bytes: float | None) -> bool:
    return size_bytes is not None and (row.bytes or 0) * 100 < LEAST_SHARE * size_bytes


def _cache(caches: Sequence[Cache], size_bytes: float | None) -> str:
    if not caches:
        return ""
    largest = caches[0]
    if _too_small(largest, size_bytes):
        return f"No single cache explains it: the largest, {one_name(largest.name)}, has {_size(largest)}."
    others = [one_name(alias) for alias in largest.aliases if alias != largest.name]
    more = f" and {len(others) - MOST_ALIASES} more" if len(others) > MOST_ALIASES else ""
    merged = f" (shared with {', '.join(others[:MOST_ALIASES])}{more})" if others else ""
    return f"The largest cache is {one_name(largest.name)} with {_size(largest)}{merged}."


def _process(process: PageTableProcess | ThreadProcess) -> str:
    inside = f" in the container {one_name(process.container_id)[:12]}" if process.container_id else ""
    return f"{one_name(process.command)} (pid {process.pid or 0}{inside})"


def _size(row: Cache | Caller | PageTableProcess) -> str:
    return human_bytes(row.bytes or 0)
