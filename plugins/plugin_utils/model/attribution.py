# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's attribution: who uses its kernel memory."""

from __future__ import annotations

from dataclasses import dataclass, fields

from .attribution_parts import (
    AllocSites,
    Cgroups,
    Commands,
    Descriptors,
    Fragmentation,
    Ipc,
    Keys,
    NumaNodes,
    Objects,
    PageTableProcesses,
    Part,
    PinningProcesses,
    Pressure,
    ProcessCgroups,
    SlabCaches,
    ThreadProcesses,
    VmallocCallers,
)
from .plain import Json


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Who uses the kernel's memory, by part; None for a part that nobody asked for. Equal parts make equal ones."""

    slab_caches: SlabCaches | None = None
    vmalloc_callers: VmallocCallers | None = None
    page_table_processes: PageTableProcesses | None = None
    thread_processes: ThreadProcesses | None = None
    pinning_processes: PinningProcesses | None = None
    commands: Commands | None = None
    process_cgroups: ProcessCgroups | None = None
    cgroups: Cgroups | None = None
    ipc: Ipc | None = None
    descriptors: Descriptors | None = None
    kernel_keys: Keys | None = None
    numa_nodes: NumaNodes | None = None
    pressure: Pressure | None = None
    fragmentation: Fragmentation | None = None
    objects: Objects | None = None
    alloc_sites: AllocSites | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribution) and all(self.part(name) == other.part(name) for name in PARTS)

    def part(self, name: str) -> Part | None:
        """Return a part by its name."""
        found: Part | None = getattr(self, name)
        return found

    def why_without(self, name: str) -> str | None:
        """Return the reason that a part gives for what it lacks; None where there is no such part, or none needed."""
        found = self.part(name)
        return None if found is None else found.reason

    def parts(self) -> dict[str, Part]:
        """Return the parts that somebody asked for, in the order in which people are shown them."""
        return {name: part for name in PARTS if (part := self.part(name)) is not None}

    def as_plain(self) -> dict[str, Json]:
        """Return the parts that somebody asked for as the facts have them."""
        return {name: part.as_plain() for name, part in self.parts().items()}

    def kept(self, verdict: str) -> Attribution:
        """Return what the audit keeps of a host with that verdict, so that audit.json of 10,000 healthy hosts stays
        small.
        """
        if verdict != "ok":
            return self
        return Attribution(**{name: getattr(self, name) for name in OF_HEALTHY_HOSTS})


PARTS = tuple(one.name for one in fields(Attribution))
"""The names of the parts, in the order in which people are shown them."""

OF_HEALTHY_HOSTS = ("pressure", "fragmentation", "objects")
"""What audit.json keeps of a host that is ok (see :meth:`Attribution.kept`): small, and of use for a comparison."""
