# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dimensions of kernel memory in several readings, and what no counter names."""

from __future__ import annotations

from ..dimensions.table import TABLE
from .watched import Row, Series, Watched

FIELDS = {name: one.counter for name, one in TABLE.items() if one.counter} | {"hugetlb": "Hugetlb"}
"""Dimensions by their counter, and huge pages, which an audit counts as the user's."""

KNOWN = (
    "MemFree",
    "per-CPU lists",
    "Buffers",
    "Cached",
    "SwapCached",
    "AnonPages",
    "Slab",
    "PageTables",
    "SecPageTables",
    "VmallocUsed",
    "Percpu",
    "Hugetlb",
    "Bounce",
    "NFS_Unstable",
    "ShadowCallStack",
    "Balloon",
    "GPUActive",
    "GPUReclaim",
    "zspages",
    "socket buffers",
)
"""What has a counter. Kernel stacks are inside of VmallocUsed on most kernels; where they are not, both grow alike."""

SHADOWS = (("vmalloc", "kernel_stack"), ("vmalloc", "percpu"), ("unaccounted", "kernel_stack"))
"""Dimensions whose growth is the other's: stacks and per-CPU memory lie in vmalloc memory."""

ALIKE = (0.6, 1.7)


def dimension_series(seen: Watched) -> tuple[Row, ...]:
    """Return each dimension that the host tells, with a value in bytes for each reading. 0 is *not available*."""
    rows = [
        Row(name, seen.memory[field])
        for name, field in FIELDS.items()
        if any(seen.memory.get(field, ())) and not (name == "vmalloc" and any(seen.memory.get("VmallocChunk", ())))
    ]
    total = seen.memory.get("MemTotal")
    if total and any(total):
        rows.append(Row("unaccounted", _remainder(seen, total)))
    return tuple(rows)


def _remainder(seen: Watched, total: Series) -> Series:
    address_space = any(seen.memory.get("VmallocChunk", ()))
    known = [
        seen.memory[name] for name in KNOWN if name in seen.memory and not (name == "VmallocUsed" and address_space)
    ]
    return tuple(whole - sum(values[place] for values in known) for place, whole in enumerate(total))


def without_shadows(rates: dict[str, float]) -> tuple[dict[str, float], dict[str, str]]:
    """Return the dimensions that grow by themselves, and those that only follow another, with that other."""
    own, follow = dict(rates), {}
    for shadow, cause in SHADOWS:
        if shadow in own and cause in own and ALIKE[0] <= own[shadow] / own[cause] <= ALIKE[1]:
            follow[shadow] = cause
            del own[shadow]
    return own, follow
