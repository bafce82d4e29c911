# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking through a store for what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from .engine import Engine
from .ids import all_host_ids, groups, host_names
from .owners import damaged_owners
from .packing import is_sound, unpacked
from .sample_columns import Layout, Numbers
from .samples import Block, BlockKind, KeptSample, blocks_of, days_in, rows_of, samples_in, store_layout
from .schema import marks
from .store import HistoryError
from .thinning import trimmed

_OF_HOST = ("sample", "block", "series", "judged", "latest", "finding", "owners", "owners_past")
_OF_RUN = ("run_slice", "sample", "judged", "finding", "fleet_verdict", "fleet_measure")


def verify(engine: Engine) -> list[str]:
    """Return what is wrong inside the store, one sentence each."""
    problems = engine.problems()
    if problems:
        return problems
    wrong = _Wrong(engine)
    for group in groups(all_host_ids(engine)):
        with engine.reading():  # so that no run comes in between the samples and the series
            wrong.look(group)
    with engine.reading():
        return [*wrong.sentences(), *_orphans(engine)]


class _Wrong:
    """What is wrong with hosts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._blocks: list[int] = []
        self._series: list[int] = []
        self._owners: list[int] = []
        self._samples: Counter[int] = Counter()

    def look(self, group: Sequence[int]) -> None:
        """Look at a group of hosts."""
        engine, layout = self._engine, store_layout(self._engine)
        kept = rows_of(engine, layout, group)
        broken: set[int] = set()
        for block in blocks_of(engine, group, BlockKind.SAMPLES):
            found = readable(engine, layout, block)
            if found is None:
                broken.add(block.host_id)
            else:
                kept[block.host_id] += found
        broken |= {
            block.host_id for block in blocks_of(engine, group, BlockKind.DAYS) if not has_days(engine, layout, block)
        }
        self._blocks += sorted(broken)
        self._samples.update(sample.run_id for samples in kept.values() for sample in samples)
        self._series += wrong_series(engine, layout, kept, broken)
        if engine.version > 1:
            self._owners += damaged_owners(engine, group)

    def sentences(self) -> list[str]:
        """Return what was found, with what to do, inside of a transaction."""
        said: list[str] = []
        if self._blocks:
            said.append(
                f"Blocks of older samples of {self._names(self._blocks)} are not as they were written, so the samples "
                "in them can't be read; put back a copy of the history, or remove them with the operation rebuild."
            )
        if self._series:
            one = len(self._series) == 1
            said.append(
                f"The series of {self._names(self._series)} {'is' if one else 'are'} not what the samples say; make "
                f"{'it' if one else 'them'} anew with the operation rebuild."
            )
        if self._owners:
            said.append(
                f"The owners of memory over time of {self._names(self._owners)} are not as they were written, so they "
                "are not read; remove them with the operation rebuild."
            )
        counts = self._engine.rows("SELECT run_id, samples FROM run")
        miscounted = sum(self._samples[run_id] != said for run_id, said in counts)
        if miscounted and not self._blocks:
            said.append(
                f"{miscounted} runs have another number of samples than they say; count them anew with the operation "
                "rebuild."
            )
        return said

    def _names(self, hosts: Sequence[int]) -> str:
        names = host_names(self._engine, hosts[:5])
        more = f" and {len(hosts) - 5} more" if len(hosts) > 5 else ""
        return ", ".join(sorted(names.get(host_id, f"number {host_id}") for host_id in hosts[:5])) + more


def wrong_series(
    engine: Engine, layout: Layout, kept: dict[int, list[KeptSample]], broken: Collection[int]
) -> list[int]:
    """Return those hosts whose series is not what their samples say; of those whose samples can't all be read
    (*broken*), whose series is not as it was written.
    """
    query = f"SELECT host_id, form, data, newest_at FROM series WHERE host_id IN {marks(len(kept))}"
    held = {
        host_id: _rows_in(layout, host_id, form, bytes(data), newest_at)
        for host_id, form, data, newest_at in engine.rows(query, list(kept))
    }
    wrong = []
    for host_id, samples in kept.items():
        rows = held.get(host_id, [])
        if rows is None or (host_id not in broken and rows != _right_series(engine, samples, rows)):
            wrong.append(host_id)
    return wrong


def _right_series(engine: Engine, samples: Sequence[KeptSample], held: Sequence[Numbers]) -> list[Numbers]:
    """Return the rows that the samples say; of a store that is still as release 0.1.0 left it, those of them that are
    held, and the newest: that release kept fewer.
    """
    rows = trimmed([one.row for one in samples])
    if engine.version > 1:
        return rows
    every, there = sorted([one.row for one in samples]), set(held)
    return [row for row in every[:-1] if row in there] + every[-1:]


def readable(engine: Engine, layout: Layout, block: Block) -> list[KeptSample] | None:
    """Return the samples in a block, or None where it is damaged."""
    try:
        return samples_in(engine, layout, block.host_id, block.data)
    except HistoryError:
        return None


def has_days(engine: Engine, layout: Layout, block: Block) -> bool:
    """Return whether a block of summaries can be read."""
    try:
        return bool(days_in(engine, layout, block.host_id, block.data))
    except HistoryError:
        return False


def _rows_in(layout: Layout, host_id: int, form: int, data: bytes, newest_at: int) -> list[Numbers] | None:
    if not is_sound(form, data, host_id):
        return None
    try:
        rows = layout.padded(unpacked(form, data))
    except ValueError:
        return None
    return rows if rows and rows[-1][0] == newest_at else None


def _orphans(engine: Engine) -> list[str]:
    """Return sentences on rows of hosts and runs that are not there."""
    said = []
    for table, of in (*((table, "host") for table in _OF_HOST), *((table, "run") for table in _OF_RUN)):
        if engine.columns(table):
            ((number,),) = engine.rows(f"SELECT count(*) FROM {table} WHERE {of}_id NOT IN (SELECT {of}_id FROM {of})")
            if number:
                said.append(f"{number} rows of the table {table} are of a {of} that is not there.")
    return said
