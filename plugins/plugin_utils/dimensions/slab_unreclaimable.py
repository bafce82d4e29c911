# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slab whose objects are in use and can't be given back (``SUnreclaim``)."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import CRITICAL_FLOOR, WARNING_FLOOR, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

SLAB_UNRECLAIMABLE = Dimension(
    name="slab_unreclaimable",
    label="Unreclaimable slab",
    sentence=(
        "Small kernel objects that stay as long as they are used: sockets, process records, structures of drivers "
        "and file systems."
    ),
    counter="SUnreclaim",
    rules=Rules(
        words={
            "bytes": Words(
                "Slab that can't be reclaimed",
                "List the largest slab caches and compare them with a healthy host of the same kernel.",
                "sudo slabtop -o -s c | head -20",
            )
        },
        next_steps=NextSteps(
            growth=(
                "List the largest slab caches today and tomorrow; the one that grows by this much holds what is "
                "never freed."
            ),
            spike="List the largest slab caches and ask what started on the host at that time.",
            drop="Check which workload ended or moved away at that time.",
            disproportion=(
                "List the largest slab caches here and on one of the similar hosts; the cache that differs names "
                "the cause."
            ),
            uptime_growth=(
                "List the largest slab caches on the host that is up longest and on one that is up shortest; the "
                "cache that differs is the one that leaks."
            ),
        ),
        meanings=Meanings(
            limit=(
                "So much of RAM is rarely in use at once: mostly one cache holds it, and its name points to the owner."
            ),
            growth="Steady growth without an end is the classic leak of a driver, a file system or the kernel itself.",
            spike=(
                "A sudden rise is work that began (connections, mounts, containers); if it stays after the work "
                "has ended, something holds on to it."
            ),
            drop="A fall means that its user ended, a module was unloaded, or the host was relieved of work.",
            disproportion=(
                "More than on similar hosts means another workload, another module, or a leak that only some "
                "hosts meet."
            ),
        ),
        usual=Usual(
            physical=(
                "1 to 2 % of RAM; storage and network servers have more, since each device and connection has its "
                "structures."
            ),
            vm=(
                "1 to 2 % of RAM; small guests idle at 3 to 8 %, since the kernel's base load does not shrink "
                "with them."
            ),
            container_host="2 to 4 % of RAM; every container adds records for its namespaces, mounts and processes.",
            kubernetes_node=(
                "2 to 5 % of RAM with many pods; it follows the number of pods, of services and of tracked connections."
            ),
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 8, "at_least": WARNING_FLOOR, "at_most": 32 * GIB},
            critical={"percent_of_ram": 16, "at_least": CRITICAL_FLOOR, "at_most": 64 * GIB},
            growth=(0.25, 1, 2),
            level=1.25,
        ),
    ),
)
