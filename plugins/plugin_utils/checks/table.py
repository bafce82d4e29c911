# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check, in the order in which people are shown them. A new one is a file beside this and a line here."""

from __future__ import annotations

from .check import Check
from .dying_cgroups import DYING_CGROUPS
from .fragmentation import FRAGMENTATION
from .memory_pressure import MEMORY_PRESSURE
from .numa_balance import NUMA_BALANCE
from .object_limits import OBJECT_LIMITS
from .slab_use import SLAB_USE

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (FRAGMENTATION, DYING_CGROUPS, NUMA_BALANCE, SLAB_USE, OBJECT_LIMITS, MEMORY_PRESSURE)
}
"""The checks by the name that their findings have as dimension."""
