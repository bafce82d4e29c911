# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that the kernel maps page by page (``VmallocUsed``, less the kernel stacks in it)."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import CRITICAL_FLOOR, WARNING_FLOOR, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

VMALLOC = Dimension(
    name="vmalloc",
    label="Vmalloc",
    sentence=(
        "Larger areas that the kernel maps page by page: modules, eBPF programs, drivers. Kernel stacks are not "
        "in this number."
    ),
    counter="VmallocUsed",
    rules=Rules(
        words={
            "bytes": Words(
                "Memory allocated by vmalloc",
                "Add up the pages by the kernel function that allocated them.",
                (
                    'sudo awk \'{for (i = 4; i <= NF; i++) if (sub(/^pages=/, "", $i)) s[$3] += $i} END {for (c in s) '
                    "print s[c], c}' /proc/vmallocinfo | sort -rn | head -20"
                ),
            )
        },
        next_steps=NextSteps(
            growth="Add up the pages by the kernel function that allocated them, today and tomorrow, and compare.",
            spike=(
                "Add up the pages by the kernel function; a driver, an eBPF program or a module that was loaded "
                "at that time is likely."
            ),
            drop="Check which driver, eBPF program or module was unloaded at that time.",
            disproportion=(
                "Add up the pages by kernel function here and on one of the similar hosts; the function that "
                "differs names the cause."
            ),
            uptime_growth=(
                "Add up the pages by kernel function on the host that is up longest and on one that is up "
                "shortest, and compare."
            ),
        ),
        meanings=Meanings(
            limit="Few things take so much: large eBPF maps, packet filter tables, or one driver.",
            growth="Areas are allocated again and again and not given back, as by a module or agent that reloads.",
            spike=(
                "A module, an eBPF program or a rule set was loaded; if it stays after unloading, it was not "
                "given back."
            ),
            drop="A module or program was unloaded.",
            disproportion="More than on similar hosts means another driver, agent or rule set.",
        ),
        usual=Usual(
            physical=(
                "0.3 to 1 % of RAM, 50 to 300 MiB on most; kernels before 4.4 count address space, and most until "
                "5.2 count nothing."
            ),
            vm="Below 1 % of RAM, 30 to 100 MiB.",
            container_host="Up to 1 % of RAM; each network namespace has tables of its own.",
            kubernetes_node="1 to 3 % of RAM where the network runs on eBPF, less with iptables.",
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 4, "at_least": WARNING_FLOOR, "at_most": 32 * GIB},
            critical={"percent_of_ram": 8, "at_least": CRITICAL_FLOOR, "at_most": 64 * GIB},
            growth=(0.2, 0.5, 1),
            level=1,
        ),
    ),
)
