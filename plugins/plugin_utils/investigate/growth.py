# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What grows now: what became more in every window, with the noise that it was measured against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .dimensions import dimension_series
from .floors import Floors, is_size
from .watched import Row, Series, Watched

# Listing descriptors makes these on kernels that don't tell their number: the reader would see itself.
MADE_BY_LISTING = ("dentry", "proc_inode_cache")
STEADY = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """Something that grows: the mean of all windows a second, the rates of each, and how far these lie apart (noise).

    ``kind`` is ``dimension`` or one of :data:`floors.WORDS`; bytes or, where the kind is counted, objects.
    """

    kind: str
    name: str
    per_second: float
    windows: Series

    @property
    def noise(self) -> float:
        """The largest window less the smallest."""
        return max(self.windows) - min(self.windows)

    @property
    def is_size(self) -> bool:
        """Whether it is measured in bytes."""
        return is_size(self.kind)


@dataclass(frozen=True, slots=True)
class Growing:
    """All that grows, by kind, the fastest first."""

    by_kind: dict[str, tuple[Growth, ...]]

    def of(self, kind: str) -> tuple[Growth, ...]:
        """What grows of one kind."""
        return self.by_kind.get(kind, ())

    def rate(self, kind: str, name: str) -> float | None:
        """How fast a name grows; None where it does not."""
        return next((one.per_second for one in self.of(kind) if one.name == name), None)

    @property
    def dimensions(self) -> dict[str, float]:
        """The dimensions that grow, with bytes a second."""
        return {one.name: one.per_second for one in self.of("dimension")}


def what_grows(seen: Watched, floors: Floors) -> Growing:
    """Return what grew in every window: by the floor at least, and by a third of the mean of all windows.

    Two readings alone put noise first, and so does the level.
    """
    found: dict[str, tuple[Growth, ...]] = {}
    for kind, rows in (("dimension", dimension_series(seen)), *seen.growing.items()):
        floor = floors.dimension if kind == "dimension" else floors.of(kind)
        steady = [one for row in rows for one in _steady(kind, row, seen.times, floor)]
        if kind == "cache" and seen.listed:
            steady = [one for one in steady if one.name not in MADE_BY_LISTING]
        if steady:
            found[kind] = tuple(sorted(steady, key=lambda one: (-one.per_second, one.name)))
    return Growing(found)


def _steady(kind: str, row: Row, times: Series, floor: float) -> Iterator[Growth]:
    ends = zip(row.values, row.values[1:], times, times[1:], strict=False)
    rates = tuple((after - before) / (end - begin) for before, after, begin, end in ends)
    mean = (row.values[-1] - row.values[0]) / (times[-1] - times[0])
    if min(rates) >= max(floor, mean / STEADY):
        yield Growth(kind, row.name, mean, rates)
