# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of samples when a store has taken them in, one audit after another: the series that rules are given.

A rule that is tested on samples which no store keeps is right in its test alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import (
    PackedColumns,
    packed,
    with_row,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sample_columns import Numbers, layout_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    Sample,
    Series,
    row_of,
    series_of,
)

_LAYOUT, _HOST_ID = layout_of(COLUMNS), 1


def aged_rows(host: str, rows: Iterable[Numbers]) -> Series:
    """Return the series of rows that came into a store one at a time, by the bytes that the store keeps."""
    kept: tuple[int, bytes] | None = None
    for row in rows:
        kept = packed([row], _HOST_ID) if kept is None else with_row(*kept, row, _HOST_ID, _LAYOUT)
    return series_of(host, []) if kept is None else Series(host, PackedColumns(*kept, _LAYOUT))


def aged(samples: Iterable[Sample]) -> Series:
    """Return the series of samples, of which there is at least one, that came into a store one at a time."""
    known = list(samples)
    return aged_rows(known[0].host, [row_of(sample) for sample in known])
