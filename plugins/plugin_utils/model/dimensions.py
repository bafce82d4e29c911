# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the dimensions of kernel memory that are judged, in the order in which they are shown."""

from __future__ import annotations

DIMENSIONS = (
    "slab_unreclaimable",
    "slab_reclaimable",
    "vmalloc",
    "kernel_stack",
    "page_tables",
    "percpu",
    "unaccounted",
)
"""The seven kinds of kernel memory. Coverage counts these."""

TOTAL = "kernel_unreclaimable"
"""The derived number: all kernel memory that is named and can't be reclaimed."""

LIMITED = (*DIMENSIONS, TOTAL)
"""Everything that a policy can limit."""

LEVELS = ("warning", "critical")
