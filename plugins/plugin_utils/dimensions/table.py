# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every dimension, in the order in which people are shown them. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from .dimension import Dimension, Rules
from .kernel_stack import KERNEL_STACK
from .kernel_unreclaimable import KERNEL_UNRECLAIMABLE
from .misc import MISC
from .page_tables import PAGE_TABLES
from .percpu import PERCPU
from .secondary_page_tables import SECONDARY_PAGE_TABLES
from .slab_reclaimable import SLAB_RECLAIMABLE
from .slab_unreclaimable import SLAB_UNRECLAIMABLE
from .socket_buffers import SOCKET_BUFFERS
from .unaccounted import UNACCOUNTED
from .vmalloc import VMALLOC

_IN_ORDER = (
    SLAB_UNRECLAIMABLE,
    SLAB_RECLAIMABLE,
    VMALLOC,
    KERNEL_STACK,
    PAGE_TABLES,
    SECONDARY_PAGE_TABLES,
    PERCPU,
    SOCKET_BUFFERS,
    MISC,
    UNACCOUNTED,
    KERNEL_UNRECLAIMABLE,
)

TABLE: Mapping[str, Dimension] = {dimension.name: dimension for dimension in _IN_ORDER}
"""The dimensions and their total, by name."""

RULES: Mapping[str, Rules] = {one.name: one.rules for one in _IN_ORDER if one.rules is not None}
"""What the rules say, by the name of what they judge."""

TOTAL = KERNEL_UNRECLAIMABLE.name
"""The derived number: all kernel memory that is named and can't be reclaimed."""

DIMENSIONS = tuple(name for name in TABLE if name != TOTAL)
"""The kinds of kernel memory that the facts have. All but the last have a counter, and add up to the kernel's total."""

JUDGED = tuple(name for name in DIMENSIONS if name in RULES)
"""Those that are judged. Coverage counts these."""

LIMITED = (*JUDGED, TOTAL)
"""Everything that a policy can limit."""

SUMMED = tuple(name for name in DIMENSIONS if TABLE[name].is_part)
"""What the total is the sum of, judged by itself or not."""

PARTS = tuple(name for name in JUDGED if TABLE[name].is_part)
"""The judged parts of the total. What one of them says already, the total need not say again."""
