# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What patterns look at: one host with its findings, with the few sums that several patterns need worked out once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from ..model.attribution_parts import Cache, PageTableProcess, ThreadProcess
from ..model.finding import Finding
from ..model.subject import Subject
from ..text.safe import one_line
from ..text.units import human_bytes, percent_text
from .owners import is_reclaimable, is_stack

# Kernels before 5.9 have a copy of a cache for each control group: dentry(1234:session-1.scope).
_OF_A_GROUP = re.compile(r"\(\d+:")


class Scene:
    """One host, all of its findings, and the rates in bytes a day of its dimensions that grow."""

    def __init__(self, subject: Subject, findings: Sequence[Finding], growing: Mapping[str, float]) -> None:
        self.subject = subject
        self.sample = subject.sample
        self.growing = growing
        self.alarmed = {one.dimension for one in findings if one.severity != "info" and one.kind != "drop"}
        """The dimensions that count for the verdict."""

    def size(self, dimension: str) -> int:
        """Return the bytes of a dimension, 0 where they are not known."""
        return self.sample.amounts.get(dimension) or 0

    def slope(self, dimension: str) -> float:
        """Return the growth of a dimension in bytes per day, 0 where it does not grow."""
        return self.growing.get(dimension, 0.0)

    def term(self, name: str) -> int | None:
        """Return an amount of the account by its name."""
        return self.subject.facts.account.terms.get(name) if self.subject.facts else None

    @property
    def page_size(self) -> int | None:
        """The bytes of a page."""
        return self.subject.facts.machine.page_size_bytes if self.subject.facts else None

    @property
    def cpus_online(self) -> int | None:
        """The CPUs that are online."""
        return self.subject.facts.machine.cpus_online if self.subject.facts else None

    @property
    def page_table_processes(self) -> Sequence[PageTableProcess]:
        """The processes with the largest page tables."""
        part = self.subject.attribution.page_table_processes
        return part.processes if part else ()

    @property
    def thread_processes(self) -> Sequence[ThreadProcess]:
        """The processes with the most threads."""
        part = self.subject.attribution.thread_processes
        return part.processes if part else ()

    @property
    def outside_caches(self) -> int:
        """The bytes of slab that are in no cache."""
        part = self.subject.attribution.slab_caches
        return (part.outside_table_bytes or 0) if part else 0

    @property
    def _rows(self) -> Sequence[Cache]:
        part = self.subject.attribution.slab_caches
        return part.caches if part else ()

    @cached_property
    def caches(self) -> list[tuple[str, int, bool, Cache]]:
        """The largest slab caches: (name without its control group, bytes, reclaimable, row)."""
        found = []
        for row in self._rows:
            name = _OF_A_GROUP.split(row.name or "", maxsplit=1)[0]
            found.append((name, row.bytes or 0, is_reclaimable(name), row))
        return found

    @cached_property
    def has_group_caches(self) -> bool:
        """Whether caches have copies for control groups, as with the kernel memory accounting of older kernels."""
        return any(_OF_A_GROUP.search(row.name or "") for row in self._rows)

    @cached_property
    def largest_share(self) -> float:
        """The percentage of unreclaimable slab that its largest cache holds."""
        sizes = [size for _name, size, gives_back, _row in self.caches if not gives_back]
        whole = self.size("slab_unreclaimable")
        return 100 * max(sizes) / whole if sizes and whole else 0.0

    def held_by(self, names: re.Pattern[str], percent: float, reclaimable: bool = False) -> str:
        """Return a clause on the caches with such names, or an empty text where they hold less than this share of
        their kind.
        """
        dimension = "slab_reclaimable" if reclaimable else "slab_unreclaimable"
        whole, objects = self.size(dimension), 0
        found: dict[str, int] = {}
        for name, size, gives_back, row in self.caches:
            if gives_back is reclaimable and names.fullmatch(name):
                found[name] = found.get(name, 0) + size
                objects += row.objects or 0
        held = sum(found.values())
        if not whole or not found or held * 100 < percent * whole:
            return ""
        shown = sorted(found, key=lambda name: -found[name])[:3]
        verb = "holds" if len(found) == 1 else "hold"
        kind = "reclaimable" if reclaimable else "unreclaimable"
        share = percent_text(min(held, whole), whole)
        return (
            f"{', '.join(one_line(name, 64) for name in shown)} {verb} {human_bytes(held)}, {share} of the {kind} "
            f"slab, in {objects:,} objects."
        )

    def allocated_by(self, names: re.Pattern[str], percent: float) -> str:
        """Return a clause on the vmalloc callers with such names, or an empty text where they hold less than this
        share.
        """
        found = {}
        for row in self.subject.attribution.vmalloc_callers.callers if self.subject.attribution.vmalloc_callers else ():
            function = (row.caller or "").partition(" ")[0].partition(".")[0]
            if names.fullmatch(function) and not is_stack(function):
                found[one_line(row.caller or "", 64)] = row.bytes or 0
        held, whole = sum(found.values()), self.size("vmalloc")
        if not whole or not found or held * 100 < percent * whole:
            return ""
        most = max(found, key=lambda name: found[name])
        return f"{most} and its like hold {human_bytes(held)}, {percent_text(min(held, whole), whole)} of it."

    def holders(self, kind: str) -> list[str]:
        """Return the names of the likely holders of a kind whose memory can't be measured."""
        holders = self.subject.facts.account.holder_of(kind) if self.subject.facts else []
        return [one_line(one.label, 40) for one in holders if one.bytes is None]

    @cached_property
    def out_of_tree(self) -> bool:
        """Whether a module from outside the kernel's sources has been loaded since boot (taint flags O and P)."""
        objects = self.subject.attribution.objects
        taint = (objects.kernel_tainted or 0) if objects else 0
        return bool(taint & (1 << 12 | 1))
