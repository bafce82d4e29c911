# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``format`` files of trace events as kernels have them: which events there are, the fields that filters know, and
how a line is printed.

5.10, 6.1, 6.12, 6.18 and 7.3 as they were measured on running kernels; 4.18 and 5.14 from the kernel's source
(``include/trace/events/kmem.h``), not from a running kernel.
"""

from __future__ import annotations

import re

ALLOC = "call_site={site} ptr=%p bytes_req=%zu bytes_alloc=%zu gfp_flags=%s"
PAGE = "page=%p pfn={pfn} order=%d migratetype=%d gfp_flags=%s"
FREE = "call_site={site} ptr=%p"
PERCPU = "reserved=%d is_atomic=%d size=%zu align=%zu base_addr=%p off=%d ptr=%p"
PERCPU_LATER = f"call_site=%pS {PERCPU} bytes_alloc=%zu gfp_flags=%s"
PERCPU_FREED = "base_addr=%p off=%d ptr=%p"
NEW_TASK = "pid=%d comm=%s clone_flags=%lx oom_score_adj=%hd"
EXIT = "comm=%s pid=%d prio=%d"
AREA = "va_start: %lu size: %lu align: %lu vstart: 0x%lx vend: 0x%lx failed: %d"
AREA_FREED = "va_start=0x%lx nr_lazy=%lu nr_lazy_max=%lu"


def _old(site: str, pfn: str, name: bool, percpu: str) -> dict[str, str]:
    alloc, free = ALLOC.format(site=site), FREE.format(site=site)
    return {
        "kmem/kmalloc": alloc,
        "kmem/kmalloc_node": alloc + " node=%d",
        "kmem/kfree": free,
        "kmem/kmem_cache_alloc": alloc,
        "kmem/kmem_cache_alloc_node": alloc + " node=%d",
        "kmem/kmem_cache_free": free + " name=%s" * name,
        "kmem/mm_page_alloc": PAGE.format(pfn=pfn),
        "kmem/mm_page_free": f"page=%p pfn={pfn} order=%d",
        "percpu/percpu_alloc_percpu": percpu,
        "percpu/percpu_free_percpu": PERCPU_FREED,
        "task/task_newtask": NEW_TASK,
        "sched/sched_process_exit": EXIT,
    }


def _new(*, name_of_alloc: bool, areas: bool) -> dict[str, str]:
    alloc = ALLOC.format(site="%pS") + " node=%d accounted=%s"
    events = {
        "kmem/kmalloc": alloc,
        "kmem/kfree": FREE.format(site="%pS"),
        "kmem/kmem_cache_alloc": alloc.replace("ptr=%p", "ptr=%p name=%s") if name_of_alloc else alloc,
        "kmem/kmem_cache_free": FREE.format(site="%pS") + " name=%s",
        "kmem/mm_page_alloc": PAGE.format(pfn="0x%lx"),
        "kmem/mm_page_free": "page=%p pfn=0x%lx order=%d",
        "percpu/percpu_alloc_percpu": PERCPU_LATER,
        "percpu/percpu_free_percpu": PERCPU_FREED,
        "task/task_newtask": NEW_TASK,
        "sched/sched_process_exit": EXIT,
    }
    return events | {"vmalloc/alloc_vmap_area": AREA, "vmalloc/free_vmap_area_noflush": AREA_FREED} if areas else events


PRINTED: dict[str, dict[str, str]] = {
    "4.18 (from source)": _old("%lx", "%lu", False, PERCPU),
    "5.10": _old("%pS", "%lu", False, PERCPU),
    "5.14 (from source)": _old("%pS", "0x%lx", True, PERCPU),
    "6.1": _new(name_of_alloc=False, areas=False),
    "6.12": _new(name_of_alloc=False, areas=True),
    "6.18": _new(name_of_alloc=True, areas=True),
    "7.3": _new(name_of_alloc=True, areas=True),
}
"""Of each kernel, the text of each event's lines."""


def fields(printed: str) -> list[str]:
    """The fields of an event that has such lines."""
    return re.findall(r"(\w+)(?:=|: )(?:0x)?%", printed)


def form_file(event: str, printed: str) -> str:
    """The whole of a ``format`` file."""
    lines = "".join(f"\tfield:unsigned long {name};\toffset:8;\tsize:8;\tsigned:0;\n" for name in fields(printed))
    common = "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    name = event.rpartition("/")[2]
    return f'name: {name}\nID: 500\nformat:\n{common}\n{lines}\nprint fmt: "{printed}", REC->call_site\n'
