# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the dimensions of kernel memory, in the order in which they are shown."""

from __future__ import annotations

DIMENSIONS = (
    "slab_unreclaimable",
    "slab_reclaimable",
    "vmalloc",
    "kernel_stack",
    "page_tables",
    "secondary_page_tables",
    "percpu",
    "misc",
    "unaccounted",
)
"""The kinds of kernel memory that the facts have. All but the last have a counter, and add up to the kernel's total."""

JUDGED = tuple(name for name in DIMENSIONS if name not in ("secondary_page_tables", "misc"))
"""Those that are judged. Coverage counts these."""

TOTAL = "kernel_unreclaimable"
"""The derived number: all kernel memory that is named and can't be reclaimed."""

LIMITED = (*JUDGED, TOTAL)
"""Everything that a policy can limit."""

LEVELS = ("warning", "critical")
"""The levels of a limit, the milder first: a policy's warning must not come after its critical."""
