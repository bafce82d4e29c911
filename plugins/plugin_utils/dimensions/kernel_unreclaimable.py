# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The total: all kernel memory that is named and can't be reclaimed. It is derived from its parts."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import CRITICAL_FLOOR, WARNING_FLOOR, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

KERNEL_UNRECLAIMABLE = Dimension(
    name="kernel_unreclaimable",
    label="Unreclaimable kernel memory",
    sentence=(
        "All kernel memory that is named and can't be reclaimed: the sum of the kinds above without reclaimable "
        "slab and without what no counter names."
    ),
    rules=Rules(
        words={
            "bytes": Words(
                "Kernel memory that can't be reclaimed",
                "Start with its largest part.",
                (
                    "grep -E '^(SUnreclaim|KernelStack|PageTables|SecPageTables|VmallocUsed|Percpu):' /proc/meminfo | "
                    "sort -k2,2nr"
                ),
            )
        },
        next_steps=NextSteps(
            growth="Start with the part that grows most.",
            spike="Start with the part that rose most.",
            drop="Check which workload ended or moved away at that time.",
            disproportion="Compare each part with one of the similar hosts.",
            uptime_growth=(
                "Compare each part on the host that is up longest and on one that is up shortest; then plan a "
                "reboot or another kernel."
            ),
        ),
        meanings=Meanings(
            limit=(
                "Together the kinds take more than the work of this host explains, even where none alone is above "
                "its limit."
            ),
            growth="Several parts grow a little, or one grows; a finding on that part takes its place.",
            spike="One of its parts has risen; the finding on that part says more.",
            drop="One of its parts has fallen.",
            disproportion="The kernel costs more here than on similar hosts; look at the largest part first.",
        ),
        usual=Usual(
            physical="2 to 5 % of RAM.",
            vm="3 to 6 % of RAM; 10 % and more in guests of 1 GiB.",
            container_host="3 to 8 % of RAM.",
            kubernetes_node="4 to 10 % of RAM.",
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 20, "at_least": WARNING_FLOOR, "at_most": 128 * GIB},
            critical={"percent_of_ram": 35, "at_least": CRITICAL_FLOOR, "at_most": 256 * GIB},
            growth=(1, 2, 4),
            level=3,
        ),
    ),
    is_part=False,
)
