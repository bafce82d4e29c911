# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart over time as a table: what the picture says without seeing it."""

from __future__ import annotations

from ...model.stack import PACKED
from ...text.units import KIB
from ...words.labels import dimension_label
from .parts import Column, as_table, size
from .stacked import History

_MOST_ROWS = 10


def by_week(name: str, history: History) -> str:
    """Return some samples of a history, the newest first, evenly far apart."""
    axis = history.axis
    kinds = [kind for kind in PACKED if any(history.amounts.get(kind) or ())]
    last = len(axis.ages) - 1
    step = max(1, -(-last // (_MOST_ROWS - 1)))
    places = list(range(last, -1, -step))
    columns = [Column("Moment"), *(Column(dimension_label(kind), True) for kind in kinds)]
    rows = [
        [
            axis.today if place == last else axis.date(axis.ages[place]),
            *(_size(history.amounts[kind][place]) for kind in kinds),
        ]
        for place in places
    ]
    return as_table(f"Numbers of {name}", columns, rows)


def _size(kib: int | None) -> str:
    return size(None if kib is None else kib * KIB)
