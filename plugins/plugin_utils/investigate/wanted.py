# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth a look on the host: the names behind what grows."""

from __future__ import annotations

from dataclasses import dataclass

from .growth import Growing
from .watched import Watched

MOST_CACHES = 12
# The records of vmalloc areas, which tell who makes areas on kernels that have no events of them.
AREAS = "vmap_area"
MOST_PROCESSES = 3
MOST_NAMED = 5
MOST_SOCKETS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names of caches, numbers of processes whose descriptors are looked at and of those that are only named, inodes of
    sockets.
    """

    caches: tuple[str, ...]
    processes: tuple[int, ...]
    names: tuple[int, ...]
    sockets: tuple[str, ...]

    def plain(self) -> dict[str, list[str] | list[int]]:
        """As it is sent."""
        return {
            "caches": list(self.caches),
            "processes": list(self.processes),
            "names": list(self.names),
            "sockets": list(self.sockets),
        }


def wanted(seen: Watched, growing: Growing) -> Wanted:
    """Return what to look at."""
    descriptors = [number_of(one.name) for one in growing.of("descriptors")[:MOST_PROCESSES]]
    names = [number_of(one.name) for kind in ("threads", "page_tables") for one in growing.of(kind)[:MOST_NAMED]]
    names += [number_of(one.name) for one in growing.of("zombies")[:MOST_NAMED]]
    names += [number_of(one.name.partition(" ")[2]) for one in growing.of("messages")[:MOST_NAMED]]
    for kind in ("command_processes", "command_page_tables"):
        names += [pid for one in growing.of(kind)[:MOST_NAMED] for pid in newest(seen, one.name)]
    queues = sorted(seen.growing.get("queue", ()), key=lambda row: row.values[0] - row.values[-1])
    return Wanted(
        caches=tuple(dict.fromkeys([*(one.name for one in growing.of("cache")[:MOST_CACHES]), AREAS])),
        processes=_known(descriptors),
        names=_known(names),
        sockets=tuple(row.name.partition(" ")[2] for row in queues[:MOST_SOCKETS]),
    )


def number_of(name: str) -> int:
    """Return the number of a process in a name that begins with it; 0 where it does not."""
    word = name.partition(" ")[0]
    return int(word) if word.isdigit() and len(word) <= 10 else 0


def newest(seen: Watched, command: str) -> list[int]:
    """Return two processes of a command that came while it was watched."""
    rows = [row for row in seen.growing.get("threads", ()) if row.name.partition(" ")[2] == command]
    return [number_of(row.name) for row in rows if row.values[0] == 0][-2:]


def _known(numbers: list[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for number in numbers if number > 0))
