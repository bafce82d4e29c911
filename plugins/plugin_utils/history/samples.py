# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The samples of hosts, wherever they are: as rows of the newest days, and in blocks of thirty days before.

Which thirty days are a block differs from group of hosts to group of hosts, so that each day a thirtieth of the fleet
is packed and not the whole fleet each month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from ..model.sample import UNKNOWN
from ..model.times import DAY
from .blocks import packed_block, unpacked_block
from .engine import Engine, chunks
from .ids import GROUP_BITS, groups, host_names
from .sample_columns import Layout, Numbers, from_stored, layout_of
from .schema import marks
from .store import HistoryError

BLOCK_DAYS = 30
WITH_BLOCKS = 2
"""The first schema that has blocks."""


class BlockKind(IntEnum):
    """What is in a block. The numbers are stored, and never change."""

    SAMPLES = 1
    """Samples, each with the id of its run before it."""
    DAYS = 2
    """Summaries of days that had several samples."""


class KeptSample(NamedTuple):
    """A sample and the id of the run that it is of."""

    run_id: int
    row: Numbers


def store_layout(engine: Engine) -> Layout:
    """Return the columns of samples in this store, as they are now."""
    return layout_of(engine.columns("sample")[2:])


def phase(host_id: int) -> int:
    """Return on which of thirty days the blocks of a host end."""
    return (host_id >> GROUP_BITS) % BLOCK_DAYS


def block_day(host_id: int, moment: int) -> int:
    """Return the last day (since 1970) of the block that a moment is in."""
    day = moment // DAY
    return day + (phase(host_id) - day) % BLOCK_DAYS


def samples_by_host(
    engine: Engine, layout: Layout, hosts: Iterable[int], *, without_run: int | None = None
) -> Iterator[tuple[int, list[Numbers]]]:
    """Yield each of *hosts* (ids, in order) with all its samples, in no order, without those of a run."""
    for group in groups(hosts):
        for host_id, kept in kept_samples(engine, layout, group).items():
            yield host_id, [sample.row for sample in kept if sample.run_id != without_run]


def kept_samples(engine: Engine, layout: Layout, group: Sequence[int]) -> dict[int, list[KeptSample]]:
    """Return all samples of each host of a group (see ``ids.groups``), in no order."""
    kept = rows_of(engine, layout, group)
    for block in blocks_of(engine, group, BlockKind.SAMPLES):
        kept[block.host_id] += samples_in(engine, layout, block.host_id, block.data)
    return kept


def rows_of(
    engine: Engine, layout: Layout, group: Sequence[int], before: int | None = None
) -> dict[int, list[KeptSample]]:
    """Return the samples of each host of a group that are still rows; *before* a time, if it is given."""
    found: dict[int, list[KeptSample]] = {host_id: [] for host_id in group}
    # Of each run in turn, so that the key (run, host) finds the few rows at once.
    query = (
        f"SELECT run_id, host_id, {', '.join(layout.columns)} FROM sample WHERE run_id IN (SELECT run_id FROM run) "
        "AND host_id BETWEEN ? AND ?"
    )
    parameters = [group[0], group[-1]]
    if before is not None:
        query += " AND collected_at < ?"
        parameters.append(before)
    for run_id, host_id, *numbers in engine.rows(query, parameters):
        if host_id in found:
            found[host_id].append(KeptSample(run_id, from_stored(numbers)))
    return found


class Block(NamedTuple):
    """A block as it is in the store."""

    host_id: int
    last_day: int
    """The day (since 1970) that it ends with."""
    data: bytes


def blocks_of(engine: Engine, group: Sequence[int], kind: BlockKind) -> list[Block]:
    """Return the blocks of the hosts of a group (see ``ids.groups``), the oldest first."""
    if engine.version < WITH_BLOCKS:
        return []
    ((first, last),) = engine.rows("SELECT min(last_day), max(last_day) FROM block")
    if first is None:
        return []
    days = list(range(first + (phase(group[0]) - first) % BLOCK_DAYS, last + 1, BLOCK_DAYS))
    members = set(group)
    found: list[Block] = []
    for some in chunks(days):
        found += [
            Block(host_id, day, bytes(data))
            for host_id, day, data in engine.rows(
                f"SELECT host_id, last_day, data FROM block WHERE last_day IN {marks(len(some))} AND host_id BETWEEN ? "
                "AND ? AND kind = ? ORDER BY last_day",
                (*some, group[0], group[-1], int(kind)),
            )
            if host_id in members
        ]
    return found


def samples_in(engine: Engine, layout: Layout, host_id: int, data: bytes) -> list[KeptSample]:
    """Return the samples in a block. Raises HistoryError where it is damaged."""
    try:
        rows = unpacked_block(data, host_id)
        padded = layout.padded([row[1:] for row in rows])
    except ValueError:
        raise HistoryError(damaged_block(engine, host_id)) from None
    return [KeptSample(row[0], sample) for row, sample in zip(rows, padded, strict=True)]


def days_in(engine: Engine, layout: Layout, host_id: int, data: bytes) -> list[Numbers]:
    """Return the summaries in a block, of all columns of ``layout.day_columns``. Raises HistoryError."""
    width = len(layout.day_columns)
    try:
        rows = unpacked_block(data, host_id)
        if rows and len(rows[0]) > width:
            raise ValueError
    except ValueError:
        raise HistoryError(damaged_block(engine, host_id)) from None
    return [row + (UNKNOWN,) * (width - len(row)) for row in rows]


def damaged_block(engine: Engine, host_id: int) -> str:
    """Return the sentence on a block that can't be read."""
    name = host_names(engine, [host_id]).get(host_id, f"number {host_id}")
    return (
        f"The history {engine.name} is damaged: a block of older samples of {name} is not as it was written; put back "
        "a copy of it, or remove what can't be read with the operation rebuild."
    )


def put_block(
    engine: Engine, host_id: int, last_day: int, kind: BlockKind, rows: Sequence[Numbers], newest_at: int
) -> None:
    """Write a block in place of the one that is there; without rows there is none afterwards."""
    if not rows:
        engine.remove("block", [(last_day, host_id, int(kind))])
        return
    engine.put(
        "block",
        [(last_day, host_id, int(kind), len(rows), newest_at, packed_block(rows, host_id))],
        replacing=("samples", "newest_at", "data"),
    )
