# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The columns of samples as one store has them.

A store may have columns that this release does not know (a newer one has added them) and lack some that it knows (an
older one made it). Its table is the list: columns are only ever added at its end, so what was packed with fewer has the
first ones of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from ..model.sample import COLUMNS, UNKNOWN, Sample, row_of

Numbers: TypeAlias = tuple[int, ...]
"""A sample: one whole number for each column of a layout, UNKNOWN where there is none."""

DAY_KEY = ("day", "boot_key", "kernel_key", "samples")
"""How the summary of a day begins."""

_NOT_SUMMED_UP = ("balloon_kib",)


class Layout:
    """The columns of samples in a store, and of the summaries of days."""

    __slots__ = ("_order", "amounts", "columns", "day_columns", "places")

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.places = {name: place for place, name in enumerate(columns)}
        known = {name: place for place, name in enumerate(COLUMNS)}
        self._order = None if columns == COLUMNS else tuple(known.get(name) for name in columns)
        self.amounts = tuple(name for name in columns if name.endswith("_kib") and name not in _NOT_SUMMED_UP)
        """The columns of which a day's summary has the median, the lowest and the highest."""
        self.day_columns = (*DAY_KEY, *(f"{name}{end}" for name in self.amounts for end in ("", "_low", "_high")))

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    def row(self, sample: Sample) -> Numbers:
        """Return a sample as a row; what the store has no column for is left out."""
        row = row_of(sample)
        if self._order is None:
            return row
        return tuple([UNKNOWN if place is None else row[place] for place in self._order])

    def padded(self, rows: list[Numbers]) -> list[Numbers]:
        """Return rows that were packed with the first columns only as rows of all columns."""
        if not rows or len(rows[0]) == self.width:
            return rows
        if len(rows[0]) > self.width:
            raise ValueError("There are more columns in the bytes than in the store.")
        more = (UNKNOWN,) * (self.width - len(rows[0]))
        return [row + more for row in rows]


@lru_cache(maxsize=16)
def layout_of(columns: tuple[str, ...]) -> Layout:
    """Return the layout of these columns."""
    return Layout(columns)


def to_stored(row: Numbers) -> Sequence[int | None]:
    """Return a row as the table has it: NULL for what is not known."""
    return [None if number == UNKNOWN else number for number in row] if UNKNOWN in row else row


def from_stored(row: Sequence[int | None]) -> Numbers:
    """Return a row of the table as whole numbers."""
    return tuple([UNKNOWN if number is None else number for number in row])
