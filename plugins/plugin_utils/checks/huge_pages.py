# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huge pages that were set aside and that nobody uses: memory that nobody else can have."""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.subject import Subject
from ..text.units import MIB, distinct_bytes, percent_text
from .check import Answer, Check, Seen, share

WORDS = Words(
    "Memory in huge pages that nobody uses",
    "Nothing is lost, but nobody else can have it: start what they were set aside for, or lower vm.nr_hugepages.",
    "grep -i huge /proc/meminfo; sysctl vm.nr_hugepages",
)


def answer(subject: Subject) -> Answer:
    """Compare the free huge pages that nobody was promised with RAM."""
    pages = subject.facts.huge_pages if subject.facts else None
    if pages is None or pages.free_bytes is None:
        return "The number of huge pages is not known."
    memory = subject.sample.memory_total_bytes or 0
    idle = max(pages.free_bytes - (pages.reserved_bytes or 0), 0)
    limit = share(memory, 10, 512 * MIB, memory)
    if not memory or idle <= limit:
        return []
    texts = distinct_bytes(idle, limit)
    measure = f"{texts[0]}, {percent_text(idle, memory)} of RAM"
    return [Seen("info", idle, limit, "bytes", WORDS, measure=measure, allowed=texts[1], rule="10 % of RAM")]


HUGE_PAGES = Check(
    "huge_pages",
    "Huge pages that nobody uses",
    "Huge pages were set aside, and no program uses them; the kernel can't use them for anything else.",
    (WORDS,),
    answer,
)
