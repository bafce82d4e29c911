# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Below which rate nothing is said to grow. The figures were chosen on readings of one host and tried on others."""

from __future__ import annotations

from dataclasses import dataclass

from ..text.units import KIB

BUSY_LOAD_PER_CPU = 1.0
"""From this load on the floors for busy hosts apply, unless they are asked for or refused by name."""

BUSY_TIMES = 4

OF_DIMENSIONS = 64 * KIB
OF_COUNTS = 0.15
BY_KIND = {
    "cache": 4 * KIB,
    "caller": 4 * KIB,
    "site": 4 * KIB,
    "group": 16 * KIB,
    "page_tables": 16 * KIB,
    "command_page_tables": 16 * KIB,
    "pinned": 16 * KIB,
    "keys": KIB,
    "messages": KIB,
    "socket_buffers": 4 * KIB,
    "queues": KIB,
    "queue": KIB,
    "zram": 16 * KIB,
}
"""Bytes a second by kind; what is not in here is counted and not measured."""

WORDS = {
    "cache": "slab cache",
    "caller": "vmalloc caller",
    "site": "allocation site",
    "group": "control group",
    "page_tables": "process's page tables",
    "command_page_tables": "command's page tables",
    "pinned": "process's pinned memory",
    "keys": "user's keys",
    "key_count": "user's number of keys",
    "messages": "System V messages",
    "socket_buffers": "protocol's socket buffers",
    "queues": "user's socket queues",
    "queue": "socket's queue",
    "zram": "zram device",
    "count": "number of objects",
    "threads": "process's number of threads",
    "descriptors": "process's number of descriptors",
    "zombies": "number of ended children",
    "command_processes": "command's number of processes",
    "command_threads": "command's number of threads",
    "command_descriptors": "command's number of descriptors",
    "signals": "user's queued signals and timers",
}
"""What a kind of name is called, of one of it."""


@dataclass(frozen=True, slots=True)
class Floors:
    """Rates a second: of dimensions in bytes, of other kinds in bytes, of what is counted."""

    busy: bool
    times: int

    @property
    def dimension(self) -> float:
        """Bytes a second of a dimension."""
        return OF_DIMENSIONS * self.times

    @property
    def count(self) -> float:
        """Objects a second of what is counted."""
        return OF_COUNTS * self.times

    def of(self, kind: str) -> float:
        """The floor of a kind of names."""
        return BY_KIND[kind] * self.times if kind in BY_KIND else self.count


def floors(load_per_cpu: float | None, busy: bool | None) -> Floors:
    """Return the floors for a host: by its load, or as *busy* says."""
    applies = busy if busy is not None else (load_per_cpu or 0.0) >= BUSY_LOAD_PER_CPU
    return Floors(applies, BUSY_TIMES if applies else 1)


def is_size(kind: str) -> bool:
    """Whether a kind of names is measured in bytes; else it is counted."""
    return kind in BY_KIND or kind == "dimension"
