# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slab that the kernel gives back when memory runs short (``SReclaimable``)."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import WARNING_FLOOR, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

SLAB_RECLAIMABLE = Dimension(
    name="slab_reclaimable",
    label="Reclaimable slab",
    sentence=(
        "Caches, mostly of files and folders, that the kernel gives back when memory runs short. They never fail "
        "a host by themselves."
    ),
    counter="SReclaimable",
    rules=Rules(
        words={
            "bytes": Words(
                "Reclaimable slab",
                "List the largest slab caches; dentry and inode caches point to programs that touch very many files.",
                "sudo slabtop -o -s c | head -20",
            )
        },
        next_steps=NextSteps(
            growth="Nothing to do: the kernel gives this memory back when it runs short.",
            spike="Nothing to do: the kernel gives this memory back when it runs short.",
            drop="Nothing to do, unless memory ran short at that time.",
            disproportion=(
                "Nothing to do: the kernel gives this memory back when it runs short. A program here touches more "
                "files than on similar hosts."
            ),
            uptime_growth="Nothing to do: the kernel gives this memory back when it runs short.",
        ),
        meanings=Meanings(
            limit=(
                "It counts only where memory is short all the same: then the kernel can't give it back fast "
                "enough, or not at all."
            ),
            growth="It grows for as long as memory is free; growth is no finding here, whatever its rate.",
            spike="A job has looked at very many files: a backup, an index, a scan.",
            drop="The kernel has given it back, or someone dropped the caches.",
            disproportion="More than on similar hosts means more files looked at; compare the jobs, not the kernels.",
        ),
        usual=Usual(
            physical="Up to 10 % of RAM, on file servers and build hosts a third of it.",
            vm="Up to 10 % of RAM; it starts small after each boot and follows the files that are used.",
            container_host=(
                "Up to 10 % of RAM; it is counted to the container that first touched a file, and can end that "
                "container at its own limit."
            ),
            kubernetes_node="Up to 10 % of RAM; the caches of ended pods stay until memory is needed.",
        ),
        defaults=Defaults(
            # MemAvailable counts most of this slab: where it is below 10 %, no larger share than that can be left here.
            warning={
                "percent_of_ram": 5,
                "at_least": WARNING_FLOOR,
                "at_most": 64 * GIB,
                "only_if_available_below_percent": 10,
            },
            critical=None,
            growth=None,  # a cache that grows is a cache that works
            level=None,
        ),
    ),
    is_part=False,
)
