# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free memory in small pieces (``/proc/buddyinfo``): usual where the page cache fills a host, and harmless until memory
is needed.
"""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.subject import Subject
from ..text.units import human_bytes
from .check import NEED_FULL_PERCENT, Answer, Check, Seen, missing, need_of

SMALL_BLOCKS_PERCENT = 95
ORDER_OF_BUFFERS = 3
_NOT_KERNEL_ZONES = frozenset(("DMA", "Movable", "HighMem", "Device"))
"""What kernel memory is never in, and the first 16 MiB of a PC."""

WORDS = Words(
    "The share of free memory in blocks too small for larger requests",
    "Compact the memory; if it breaks up again within hours, raise vm.min_free_kbytes.",
    "echo 1 | sudo tee /proc/sys/vm/compact_memory && cat /proc/buddyinfo",
)


def answer(subject: Subject) -> Answer:
    """Look at the free blocks of all zones together, where memory is short."""
    fragmentation = subject.attribution.fragmentation
    if fragmentation is None or not fragmentation.has_data:
        return missing(subject, "fragmentation", "pressure")
    free, small, largest = 0, 0.0, -1
    for zone in fragmentation.zones:
        if zone.free_bytes and zone.unusable_percent is not None and zone.zone not in _NOT_KERNEL_ZONES:
            free += zone.free_bytes
            small += zone.free_bytes * zone.unusable_percent
            largest = max(largest, zone.largest_free_order or 0)
    if not free or small <= SMALL_BLOCKS_PERCENT * free:
        return []
    need = need_of(subject)
    if not need:
        return []
    pressure = subject.attribution.pressure
    stalled = pressure is not None and (pressure.full_avg60 or 0) >= NEED_FULL_PERCENT
    percent, fits = round(small / free, 1), largest >= ORDER_OF_BUFFERS
    return [
        Seen(
            "warning" if stalled and not fits else "info",
            percent,
            SMALL_BLOCKS_PERCENT,
            "percent",
            WORDS,
            measure=f"{percent:.1f} % of {human_bytes(free)}",
            allowed=f"{SMALL_BLOCKS_PERCENT} %",
            rule="on a host that is short of memory",
            remarks=(need,) if fits else (need, "no block is large enough for network buffers of 32 KiB"),
            evidence={"free_bytes": free, "largest_free_order": largest},
        )
    ]


FRAGMENTATION = Check(
    "fragmentation",
    "Free memory in small pieces",
    "The free memory is in pieces too small for larger requests while the host is short of memory; without such need "
    "it is usual and no finding.",
    (WORDS,),
    answer,
)
