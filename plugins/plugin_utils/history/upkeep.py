# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a store in order: the calls of ``store.Upkeep``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..model.times import DAY
from .engine import Engine
from .export import export
from .export_records import Entry
from .guard import guarded
from .ids import all_host_ids, groups
from .judged import find_latest
from .load import load
from .notes import LOOKED_AT, read_note
from .owners import damaged_owners
from .prune import Pruning
from .samples import BlockKind, blocks_of, kept_samples, store_layout
from .series import rebuild
from .store import AppendResult, Pruned, Rebuilt, Retention
from .verify import has_days, readable, verify


class StoreUpkeep:
    """See ``store.Upkeep`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @guarded
    def prune(self, retention: Retention, now: int, *, thorough: bool = False) -> Pruned:
        """Remove what is older than *retention* allows, and pack what is older than a few days."""
        return Pruning(self.engine, retention, now, thorough=thorough).run()

    @guarded
    def is_due(self, now: int) -> bool:
        """Return whether the store was not pruned yet on the day of *now*."""
        before = read_note(self.engine, LOOKED_AT)
        return before is None or before // DAY != now // DAY

    @guarded
    def verify(self) -> list[str]:
        """Return what is wrong inside the store, one sentence each; an empty list is a sound store."""
        return verify(self.engine)

    @guarded
    def rebuild(self) -> Rebuilt:
        """Make all series, and whatever else follows from the samples, anew, and remove what can't be read."""
        engine = self.engine
        lost_blocks = lost_owners = 0
        samples: Counter[int] = Counter()
        with engine.writing():
            hosts = all_host_ids(engine)
            for group in groups(hosts):
                lost_blocks += _remove_damaged_blocks(engine, group)
                kept = kept_samples(engine, store_layout(engine), group)
                samples.update(one.run_id for of_host in kept.values() for one in of_host)
                damaged = damaged_owners(engine, group)
                lost_owners += len(damaged)
                for table in ("owners", "owners_past"):
                    for host_id in damaged:
                        engine.change(f"DELETE FROM {table} WHERE host_id = ?", (host_id,))
            made = rebuild(engine, hosts)
            find_latest(engine, hosts)
            for run_id, said in engine.rows("SELECT run_id, samples FROM run"):
                if samples[run_id] != said:
                    engine.change("UPDATE run SET samples = ? WHERE run_id = ?", (samples[run_id], run_id))
        return Rebuilt(made, lost_blocks, lost_owners)

    @guarded
    def export(self) -> Iterator[Entry]:
        """Yield everything as plain records."""
        yield from export(self.engine)

    @guarded
    def load(self, entries: Iterable[object]) -> AppendResult:
        """Take back the records of an export, in one transaction; what is there already stays as it is."""
        return load(self.engine, entries)


def _remove_damaged_blocks(engine: Engine, group: list[int]) -> int:
    layout = store_layout(engine)
    keys = [
        (block.last_day, block.host_id, int(BlockKind.SAMPLES))
        for block in blocks_of(engine, group, BlockKind.SAMPLES)
        if readable(engine, layout, block) is None
    ]
    keys += [
        (block.last_day, block.host_id, int(BlockKind.DAYS))
        for block in blocks_of(engine, group, BlockKind.DAYS)
        if not has_days(engine, layout, block)
    ]
    return engine.remove("block", keys)
