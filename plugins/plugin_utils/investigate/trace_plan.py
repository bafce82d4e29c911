# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to trace: events, filters and sizes, chosen from what grows and from the events that the host has.

Only names that stand in the host's own ``format`` files are used, since kernels differ: 5.10 has ``kmalloc_node``, 6.1
has the name of a cache in the event that frees, 6.18 in both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .claims import dimension_of
from .growth import Growing
from .looked import Form, Looked
from .named import stack_bytes
from .wanted import AREAS
from .watched import Watched

MOST_DIMENSIONS = 2
MOST_CACHES = 3
MOVABLE = 8
LARGEST_CACHE = 8192

# Made by kmalloc and freed by kfree: kmalloc-64, kmalloc-rcl-1k, msg_msg-2k.
BUCKET = re.compile(r"-\d+[kM]?$")

NOISE = (
    r"^_*(alloc_pages|alloc_frozen|get_page_from|folio_alloc|get_free|get_zeroed|kmem_cache_alloc|kmalloc|kvmalloc"
    r"|kzalloc|kvzalloc|kcalloc|do_kmalloc|slab_|alloc_slab|trace|event_triggers|pcpu_alloc|alloc_percpu|vmalloc|vzalloc"
    r"|alloc_vmap|get_vm_area|kmem_buckets|perf_trace|vmap_|percpu_|ring_buffer|entry_SYSCALL|do_syscall|x64_sys"
    r"|ret_from|asm_|exc_|do_sys_|se_sys|arm64_sys|invoke_syscall|el0|new_slab|allocate_slab|bpf_trace|0x)"
)
"""Functions that say nothing: the allocator's own, the tracer's, and the way into the kernel."""

TABLES = r"(^|_)(pte|pmd|pud|p4d|pgd|pgtable|page_table|pagetable)(_|$)"
COUNTED_AS_PAGES = (
    r"^_*(new_slab|allocate_slab|alloc_slab|kmalloc_large|kmalloc_large_node|vmalloc|vm_area_alloc_pages"
    r"|pcpu_populate|pcpu_create|pcpu_balance|dup_task_struct|alloc_thread_stack|filemap_|page_cache_|grow_dev"
    r"|shmem_|do_anonymous|zs_malloc|hugetlb)"
)
"""Pages that have a counter of their own, so that they are not what is looked for."""


Size = Mapping[str, str | int]
"""How many bytes an allocation is: a ``field`` ``times`` so many, pages of an ``order``, or always ``bytes``."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event: the filters to try, how addresses are thinned out, and what it tells."""

    event: str
    role: str
    key: str
    filters: tuple[str, ...]
    size: Size
    stack: bool = False
    thin: tuple[str, int] | None = None

    def plain(self) -> dict[str, object]:
        """As it is sent."""
        return {
            "event": self.event,
            "role": self.role,
            "key": self.key,
            "filters": list(self.filters),
            "size": dict(self.size),
            "stack": self.stack,
            "thin": None if self.thin is None else {"form": self.thin[0], "shift": self.thin[1]},
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What is traced for one dimension.

    ``leave_out`` and ``keep`` are patterns of functions: a stack with one of the first, or without one of the second,
    is counted elsewhere. ``counts`` where only numbers and not sizes of it can be traced.
    """

    dimension: str
    steps: tuple[Step, ...]
    leave_out: str = ""
    keep: str = ""
    counts: bool = False

    def plain(self) -> dict[str, object]:
        """As it is sent."""
        return {
            "dimension": self.dimension,
            "steps": [step.plain() for step in self.steps],
            "leave_out": self.leave_out,
            "keep": self.keep,
        }


CACHE_ALLOC, CACHE_FREE = "kmem/kmem_cache_alloc", "kmem/kmem_cache_free"
OBJECTS = ("!(ptr & %d)", 12)
PAGES = ("(order >= 1 || !(pfn & %d))", 0)


def plans(seen: Watched, growing: Growing, looked: Looked, dimensions: Sequence[str]) -> tuple[Plan, ...]:
    """Return what to trace for the first of *dimensions* that can be traced."""
    found: list[Plan] = []
    for dimension in dimensions:
        plan = _plan(dimension, seen, growing, looked)
        if plan is not None and len(found) < MOST_DIMENSIONS:
            found.append(plan)
    return tuple(found)


def _plan(dimension: str, seen: Watched, growing: Growing, looked: Looked) -> Plan | None:
    events = looked.tracing.events
    if dimension.startswith("slab_"):
        steps = _slab(dimension, growing, looked)
        leave_out = r"^_*(new_slab|allocate_slab)"
        return Plan(dimension, steps, leave_out) if _is_whole(steps) else None
    if dimension == "kernel_stack":
        size: Size = {"bytes": stack_bytes(seen)}
        return _pair(events, dimension, ("task/task_newtask", "pid"), ("sched/sched_process_exit", "pid"), size, False)
    if dimension == "percpu":
        event = "percpu/percpu_alloc_percpu"
        size = {"field": "bytes_alloc", "times": 1}
        if event in events and "bytes_alloc" not in events[event].fields:
            size = {"field": "size", "times": seen.machine.cpus}
        return _pair(events, dimension, (event, "ptr"), ("percpu/percpu_free_percpu", "ptr"), size, True)
    if dimension == "vmalloc":
        names = ("vmalloc/alloc_vmap_area", "va_start"), ("vmalloc/free_vmap_area_noflush", "va_start")
        return _pair(events, dimension, *names, {"field": "size", "times": 1}, True) or _areas(looked)
    if dimension == "hugetlb":
        return None  # Set aside by a setting: no event, and no process that holds them.
    steps = _pages(events)
    if not _is_whole(steps):
        return None
    if dimension == "page_tables":
        return Plan(dimension, steps, keep=TABLES)
    return Plan(dimension, steps, f"{TABLES}|{COUNTED_AS_PAGES}")


def _is_whole(steps: Sequence[Step]) -> bool:
    return {step.role for step in steps} == {"alloc", "free"}


def _pair(
    events: Mapping[str, Form], dimension: str, made: tuple[str, str], freed: tuple[str, str], size: Size, stack: bool
) -> Plan | None:
    if made[0] not in events or freed[0] not in events:
        return None
    steps = (Step(made[0], "alloc", made[1], ("",), size, stack), Step(freed[0], "free", freed[1], ("",), {"bytes": 0}))
    return Plan(dimension, steps)


def _pages(events: Mapping[str, Form]) -> tuple[Step, ...]:
    wanted = (
        Step("kmem/mm_page_alloc", "alloc", "pfn", (f"!(gfp_flags & {MOVABLE})",), {"order": "order"}, True, PAGES),
        Step("kmem/mm_page_free", "free", "pfn", ("",), {"bytes": 0}, False, PAGES),
    )
    return tuple(step for step in wanted if step.event in events)


def _slab(dimension: str, growing: Growing, looked: Looked) -> tuple[Step, ...]:
    """Trace the caches that grow, by the size of their objects: their names may be those of others. What is larger than
    any cache is traced where the caches do not explain the dimension.
    """
    sizes: dict[str, int] = {}
    explained = 0.0
    for one in growing.of("cache"):
        cache = looked.caches.get(one.name)
        if cache and cache.object_bytes and dimension_of(cache) == dimension and len(sizes) < MOST_CACHES:
            sizes[one.name] = cache.object_bytes
            explained += one.per_second
    choices = [f"bytes_alloc == {size}" for size in sorted(set(sizes.values()))]
    buckets = [name for name in sizes if BUCKET.search(name)]
    others = [name for name in sizes if name not in buckets]
    rate = growing.dimensions.get(dimension, 0.0)
    steps: list[Step] = []
    size: Size = {"field": "bytes_alloc", "times": 1}
    large = explained < rate / 2 and dimension == "slab_unreclaimable"
    if buckets or large:
        wanted = choices * bool(buckets) + [f"bytes_alloc > {LARGEST_CACHE}"] * large
        names = ("kmem/kmalloc", "kmem/kmalloc_node")
        steps += [Step(name, "alloc", "ptr", (_any(wanted),), size, True, OBJECTS) for name in names]
    if others:
        steps += _of_caches(choices, others, looked)
    # Since Linux 6.4 an object of any cache may be freed by kfree.
    if steps:
        steps.append(Step("kmem/kfree", "free", "ptr", ("",), {"bytes": 0}, False, OBJECTS))
    return tuple(step for step in steps if step.event in looked.tracing.events)


def _of_caches(choices: Sequence[str], caches: Sequence[str], looked: Looked) -> list[Step]:
    """Trace objects of caches by their sizes, and by the caches' names where the kernel tells these when it allocates
    and when it frees.

    Where it tells them only of what is freed (6.1 to 6.12), every free is looked at: an object of another cache of
    the same size would else seem to stay for ever.
    """
    size: Size = {"field": "bytes_alloc", "times": 1}
    events = looked.tracing.events
    told = all("name" in events[name].fields for name in (CACHE_ALLOC, CACHE_FREE) if name in events)
    # Modules choose the names of their caches; one that can't be quoted is not put into a filter.
    by_name = told and not any(sign in name for name in caches for sign in '"\\')
    named = _any([f'name == "{name}"' for name in caches])
    made = f"{_any(choices)} && {named}" if by_name else _any(choices)
    return [
        Step(CACHE_ALLOC, "alloc", "ptr", (made,), size, True, OBJECTS),
        Step(f"{CACHE_ALLOC}_node", "alloc", "ptr", (made,), size, True, OBJECTS),
        Step(CACHE_FREE, "free", "ptr", (named if by_name else "",), {"bytes": 0}, False, OBJECTS),
    ]


def _areas(looked: Looked) -> Plan | None:
    """Before Linux 6.3 there are no events of vmalloc memory: the records of areas tell who makes them, not how large
    they are.
    """
    cache = looked.caches.get(AREAS)
    if cache is None or not cache.object_bytes:
        return None
    steps = _of_caches([f"bytes_alloc == {cache.object_bytes}"], [AREAS], looked)
    kept = tuple(step for step in steps if step.event in looked.tracing.events)
    return Plan("vmalloc", kept, counts=True) if _is_whole(kept) else None


def _any(choices: Sequence[str]) -> str:
    return f"({' || '.join(choices)})"
