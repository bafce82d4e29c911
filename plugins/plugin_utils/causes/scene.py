# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What patterns look at: one host with its findings, with the few sums that several patterns need worked out once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..model.dimensions import TOTAL
from ..words.text import one_line
from ..words.units import human_bytes, percent_text
from .owners import is_reclaimable, is_stack

# Kernels before 5.9 have a copy of a cache for each control group: dentry(1234:session-1.scope).
_OF_A_GROUP = re.compile(r"\(\d+:")


class Scene:
    """One host: checked facts, all of its findings, and its dimensions that grow ({dimension: trend})."""

    def __init__(
        self, facts: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], growing: Mapping[str, Any]
    ) -> None:
        self.facts = facts
        self.host: Mapping[str, Any] = facts["host"]
        self.attribution: Mapping[str, Any] = facts["attribution"]
        self.growing = growing
        self.alarmed = {one["dimension"] for one in findings if one["severity"] != "info" and one["kind"] != "drop"}
        """The dimensions that count for the verdict."""

    def size(self, dimension: str) -> int:
        """Return the bytes of a dimension, 0 where they are not known."""
        key = f"{dimension}_bytes"
        return int((self.facts[key] if dimension == TOTAL else self.facts["dimensions"][key]) or 0)

    def slope(self, dimension: str) -> float:
        """Return the growth of a dimension in bytes per day, 0 where it does not grow."""
        trend = self.growing.get(dimension)
        slope = getattr(trend, "slope_bytes_per_day", getattr(trend, "slope", 0.0))
        return float(slope or 0.0)

    def rows(self, part: str, rows: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a part of the attribution, none where it has no data."""
        found: Sequence[Mapping[str, Any]] = self.attribution.get(part, {}).get(rows, ())
        return found

    @cached_property
    def caches(self) -> list[tuple[str, int, bool, Mapping[str, Any]]]:
        """The largest slab caches: (name without its control group, bytes, reclaimable, row)."""
        found = []
        for row in self.rows("slab_caches", "caches"):
            name = _OF_A_GROUP.split(row["name"] or "", maxsplit=1)[0]
            found.append((name, row["bytes"] or 0, is_reclaimable(name), row))
        return found

    @cached_property
    def has_group_caches(self) -> bool:
        """Whether caches have copies for control groups, as with the kernel memory accounting of older kernels."""
        return any(_OF_A_GROUP.search(row["name"] or "") for row in self.rows("slab_caches", "caches"))

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
                objects += row["objects"] or 0
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
        for row in self.rows("vmalloc_callers", "callers"):
            function = (row["caller"] or "").partition(" ")[0].partition(".")[0]
            if names.fullmatch(function) and not is_stack(function):
                found[one_line(row["caller"], 64)] = row["bytes"] or 0
        held, whole = sum(found.values()), self.size("vmalloc")
        if not whole or not found or held * 100 < percent * whole:
            return ""
        most = max(found, key=lambda name: found[name])
        return f"{most} and its like hold {human_bytes(held)}, {percent_text(min(held, whole), whole)} of it."

    def holders(self, kind: str) -> list[str]:
        """Return the names of the likely holders of a kind whose memory can't be measured."""
        return [
            one_line(one["name"] or kind, 40)
            for one in self.facts["accounting"]["holders"]
            if one["kind"] == kind and one["bytes"] is None
        ]

    @cached_property
    def out_of_tree(self) -> bool:
        """Whether a module from outside the kernel's sources has been loaded since boot (taint flags O and P)."""
        taint = self.attribution.get("objects", {}).get("kernel_tainted") or 0
        return bool(taint & (1 << 12 | 1))
