# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a host's kernel memory at one moment, and over time: what the history keeps of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from .facts import Facts


class OwnerKind(IntEnum):
    """What an owner is, and in what it is measured. The numbers are stored, and never change."""

    CACHE = 0
    """A slab cache; bytes."""
    CALLER = 1
    """A function that has asked for vmalloc areas; bytes."""
    COMMAND_THREADS = 2
    """All processes of one command name; how many threads they have."""
    COMMAND_PAGE_TABLES = 3
    """All processes of one command name; bytes of page tables."""
    CGROUP = 4
    """A control group; bytes of kernel memory that is charged to it."""
    OBJECTS = 5
    """Objects with a limit (keys, mounts, inotify watches ...); how many there are."""

    # That of Enum is slow, and keys of owners are looked up by the hundred thousand.
    __hash__ = int.__hash__

    @property
    def is_counted(self) -> bool:
        """Whether the amount is a count; else it is bytes."""
        return self in (OwnerKind.COMMAND_THREADS, OwnerKind.OBJECTS)


KIND_OF = {
    "slab": OwnerKind.CACHE,
    "vmalloc": OwnerKind.CALLER,
    "command_threads": OwnerKind.COMMAND_THREADS,
    "command_page_tables": OwnerKind.COMMAND_PAGE_TABLES,
    "cgroup": OwnerKind.CGROUP,
    "object": OwnerKind.OBJECTS,
}
"""The kinds of owners by what the facts call them."""


class OwnerKey(NamedTuple):
    """Which owner it is."""

    kind: OwnerKind
    name: str


@dataclass(frozen=True, slots=True)
class OwnersSample:
    """The largest owners on one host at one moment. A kind that is not in ``read`` was not looked at then: its owners
    are not known, which is not the same as gone.
    """

    host: str
    collected_at: int
    amounts: Mapping[OwnerKey, int]
    read: frozenset[OwnerKind]
    modules: tuple[str, ...] | None = None
    """The loaded modules, those from outside of the kernel's tree marked by a plus sign; None where not known."""


@dataclass(frozen=True, slots=True)
class OwnersPoint:
    """The owners as they were known to be from ``at`` on. An owner of a kind in ``read`` that is not in ``amounts`` was
    gone then, or no longer among the largest.
    """

    at: int
    amounts: Mapping[OwnerKey, int]
    read: frozenset[OwnerKind]
    modules: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OwnersHistory:
    """The owners of one host over time, the oldest point first. Amounts are within one percent, or one MiB (16 objects)
    where that is more, of what was measured.
    """

    host: str
    points: tuple[OwnersPoint, ...] = field(default=())

    def at(self, moment: int) -> OwnersPoint | None:
        """Return what was known at a moment: the last point that is not after it, or None where all are."""
        place = bisect_right([point.at for point in self.points], moment)
        return self.points[place - 1] if place else None


def owners_sample(host: str, facts: Facts, collected_at: int) -> OwnersSample:
    """Return the owners in a host's facts at a moment.

    A kind without an entry was not read. Of the modules only those from outside of the kernel's sources are known by
    name.
    """
    amounts = {OwnerKey(KIND_OF[one.kind], one.name): one.amount for one in facts.owners if one.kind in KIND_OF}
    modules = facts.modules
    names = None if modules.count is None else tuple(sorted({f"+{one.name}" for one in modules.outside if one.name}))
    return OwnersSample(host, collected_at, amounts, frozenset(key.kind for key in amounts), names)
