# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What slab caches hold of their kind, or have brought of its growth: the same questions are asked of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..text.safe import one_line
from ..text.units import human_bytes, percent_text
from .families import FAMILIES, Family
from .reclaimable import without_group

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Holding:
    """A slab cache, by its name without a control group, with its bytes; its objects where they are known."""

    name: str
    size: int
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """Slab caches of one kind, the largest first, and how much all slab of that kind is."""

    caches: tuple[Holding, ...]
    whole: int
    reclaimable: bool = False
    grown: bool = False
    """Whether sizes are what was added in the time of the growth, not what is held."""

    def of(self, names: re.Pattern[str]) -> Sequence[Holding]:
        """Return the caches with such names."""
        return [one for one in self.caches if names.fullmatch(one.name)]

    def size(self, names: re.Pattern[str]) -> int:
        """Return the bytes of the caches with such names."""
        return sum(one.size for one in self.of(names))

    def clause(self, names: re.Pattern[str], percent: float) -> str:
        """Return a sentence on the caches with such names, or an empty text where they have less than this share."""
        held = self.size(names)
        return self.told(self.of(names)) if held and self.whole and held * 100 >= percent * self.whole else ""

    def told(self, caches: Sequence[Holding]) -> str:
        """Return a sentence on some of the caches."""
        sizes: dict[str, int] = {}
        for one in caches:
            sizes[one.name] = sizes.get(one.name, 0) + one.size
        held, whole = sum(sizes.values()), self.whole
        if not held or not whole:
            return ""
        shown = sorted(sizes, key=lambda name: -sizes[name])[:_SHOWN]
        named, share = ", ".join(one_line(name, 64) for name in shown), percent_text(min(held, whole), whole)
        kind = "reclaimable" if self.reclaimable else "unreclaimable"
        if self.grown:
            return f"{named} brought {human_bytes(held)}, {share} of the growth of {kind} slab."
        verb = "holds" if len(sizes) == 1 else "hold"
        objects = sum(one.objects for one in caches)
        return f"{named} {verb} {human_bytes(held)}, {share} of the {kind} slab, in {objects:,} objects."

    @property
    def largest_percent(self) -> float:
        """The share of the largest cache."""
        return 100 * max((one.size for one in self.caches), default=0) / self.whole if self.whole else 0.0

    def family(self) -> Family | None:
        """Return the family that has most, if it has the share from which on it is named; a family of two with the
        same caches is the first of the table.
        """
        named = [one for one in FAMILIES if one.name and self.size(one.caches) * 100 >= one.percent * self.whole > 0]
        return max(named, key=lambda one: self.size(one.caches), default=None)


def holdings_of(rows: Sequence[tuple[str, int, int]], whole: int, *, reclaimable: bool, grown: bool) -> Holdings:
    """Return holdings of rows (name, bytes, objects), whose names may be of copies for control groups."""
    found = [Holding(without_group(name), size, objects) for name, size, objects in rows]
    return Holdings(tuple(sorted(found, key=lambda one: -one.size)), whole, reclaimable, grown)
