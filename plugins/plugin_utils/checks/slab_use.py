# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slab caches that are mostly empty: each slab that still holds one object can't be given back."""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.subject import Subject
from ..text.safe import one_name
from ..text.units import GIB, distinct_bytes, human_bytes, number_text, percent_text
from .check import Answer, Check, Seen, missing, share

WORDS = Words(
    "Empty room in the slabs of the largest caches",
    "Shrink the caches once; if the room comes back, ask what fills and empties them.",
    "sudo slabtop -o -s c | head -20",
)


def answer(subject: Subject) -> Answer:
    """Add up the empty room of the largest caches."""
    memory, amounts = subject.sample.memory_total_bytes, subject.sample.amounts
    slab = (amounts.get("slab_unreclaimable") or 0) + (amounts.get("slab_reclaimable") or 0)
    if not memory:
        return "The host's RAM is not known."
    limit = share(memory, 5, GIB, 16 * GIB)
    if 0 < slab <= limit:
        return []
    known = subject.attribution.slab_caches
    if known is None or not known.has_data:
        return missing(subject, "slab_caches", "slab")
    room = [
        (int(cache.bytes * (100 - cache.use_percent) / 100), cache)
        for cache in known.caches
        if cache.bytes and cache.use_percent is not None
    ]
    empty = sum(size for size, _cache in room)
    if empty <= limit:
        return []
    available = subject.sample.memory_available_bytes
    hard = empty > 2 * limit and available is not None and available * 5 < memory
    size, most = max(room, key=lambda one: one[0])
    value, allowed = distinct_bytes(empty, limit)
    name, used = one_name(most.name), number_text(most.use_percent or 0)
    return [
        Seen(
            "warning" if hard else "info",
            empty,
            limit,
            "bytes",
            WORDS,
            measure=f"{value}, {percent_text(empty, memory)} of RAM",
            allowed=allowed,
            rule="5 % of RAM, 1 to 16 GiB",
            remarks=(f"{name} alone has {human_bytes(size)} of it, with {used} % of its objects in use",),
            evidence={"slab_bytes": slab},
        )
    ]


SLAB_USE = Check(
    "slab_use",
    "Empty room in slab caches",
    "The largest caches are mostly empty: their slabs can't be given back because each still holds a few objects.",
    (WORDS,),
    answer,
)
