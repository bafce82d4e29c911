# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page tables of processes (``PageTables``)."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import (
    CRITICAL_FLOOR,
    WARNING_FLOOR,
    Comparison,
    Defaults,
    Dimension,
    Meanings,
    NextSteps,
    Rules,
    Usual,
    Words,
)

PAGE_TABLES = Dimension(
    name="page_tables",
    label="Page tables",
    sentence=(
        "The maps from virtual to physical memory. They grow with the number of processes and with the memory "
        "that each of them maps."
    ),
    counter="PageTables",
    rules=Rules(
        words={
            "bytes": Words(
                "Memory of page tables",
                "List the processes with the largest page tables; huge pages shrink those of databases.",
                "grep VmPTE /proc/[0-9]*/status 2>/dev/null | sort -k2,2nr | head -20",
            )
        },
        next_steps=NextSteps(
            growth=(
                "List the processes with the largest page tables today and tomorrow; one that maps ever more "
                "memory grows."
            ),
            spike="List the processes with the largest page tables.",
            drop="Check which large process ended at that time.",
            disproportion="List the processes with the largest page tables here and on one of the similar hosts.",
            uptime_growth=(
                "List the processes with the largest page tables on the host that is up longest and on one that "
                "is up shortest."
            ),
        ),
        meanings=Meanings(
            limit="So much is paid where many processes map the same large memory in small pages.",
            growth="A process maps ever more and never unmaps, or sessions pile up.",
            spike="Many processes were started at once, or one mapped very much memory.",
            drop="Large processes ended, or memory moved to huge pages.",
            disproportion=(
                "More than on similar hosts means more processes on shared memory, or huge pages that are missing "
                "there."
            ),
        ),
        usual=Usual(
            physical="Below 0.5 % of RAM; databases without huge pages reach several percent.",
            vm="Below 0.5 % of RAM; with nested paging the hypervisor pays for its own beside it.",
            container_host="0.3 to 1 % of RAM: many small processes share little.",
            kubernetes_node="0.5 to 1 % of RAM with more than a hundred pods.",
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 4, "at_least": WARNING_FLOOR, "at_most": 64 * GIB},
            critical={
                "percent_of_ram": 8,
                "at_least": CRITICAL_FLOOR,
                "at_most": 128 * GIB,
                "only_if_available_below_percent": 15,
            },
            growth=(0.25, 1, 2),
            level=1.25,
        ),
        # The first is taken where all similar hosts tell how much memory they map.
        comparisons=(Comparison(share_of="mapped memory"), Comparison()),
    ),
)
