# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would have to be read of a host to say who holds the memory of its findings, and was not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...module_utils.collect.subsets import resolve_subsets
from ..model.attribution import Attribution
from ..model.finding import Finding

WORTH_A_LOOK = ("warning", "critical")
"""Findings of these severities are worth another reading."""

_PARTS = {
    "slab": ("slab_caches",),
    "vmalloc": ("vmalloc_callers",),
    "processes": ("commands", "page_table_processes", "thread_processes"),
    "descriptors": ("descriptors",),
    "limits": ("ipc", "kernel_keys"),
    "allocinfo": ("alloc_sites",),
}
"""What each subset gives."""
_SLAB = ("slab", "limits")
"""Keys, messages and watches are slab, and are told by their numbers."""
_UNNAMED = ("descriptors", "processes", "limits", "allocinfo")
"""Pipes, packet rings, perf buffers and pins, and the drivers that a kernel with profiling names."""
_NEEDED = {
    "slab_unreclaimable": _SLAB,
    "slab_reclaimable": ("slab",),
    "vmalloc": ("vmalloc",),
    "percpu": ("vmalloc", "slab"),
    "page_tables": ("processes",),
    "kernel_stack": ("processes",),
    "secondary_page_tables": ("processes", "descriptors"),
    "misc": _UNNAMED,
    "unaccounted": _UNNAMED,
    "socket_buffers": ("descriptors", "processes"),
    "kernel_unreclaimable": (*_SLAB, "vmalloc", "processes", "descriptors"),
    "memory_pressure": ("slab", "processes"),
    "object_limits": ("limits", "descriptors", "processes"),
}
"""By the dimension or the check of a finding."""


def subsets_needed(findings: Iterable[Finding], attribution: Attribution) -> tuple[str, ...]:
    """Return the subsets that findings need and of which nothing was read; what was refused would be refused again."""
    asked = [one for one in findings if one.severity in WORTH_A_LOOK and one.kind != "drop"]
    wanted = dict.fromkeys(name for one in asked for name in _NEEDED.get(one.dimension, ()))
    return tuple(name for name in wanted if any(_was_left_out(attribution, part) for part in _PARTS[name]))


def with_needed(asked: Sequence[str], needed: Sequence[str]) -> tuple[str, ...]:
    """Return the words of ``gather_subset`` for another reading: those of the first, and what is needed beside them;
    nothing where that was left out by name.
    """
    before = list(asked) or ["default"]
    added = [name for name in needed if f"!{name}" not in before]
    try:
        resolved = resolve_subsets([*before, *added])
    except ValueError:
        return ()
    return (*before, *added) if any(resolved.get(name) == "always" for name in added) else ()


def _was_left_out(attribution: Attribution, name: str) -> bool:
    part = attribution.part(name)
    return part is None or (not part.has_data and (part.reason or "").startswith("Not gathered"))
