# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What slices gathered, kept in the store until one report is made of all of them.

Slices are jobs that share nothing but the store, so a record is what a spool would have, under the name of the run that
they are parts of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .engine import Engine, Row, chunks
from .guard import guarded
from .schema import clean_text
from .store import SliceRecord

AT_ONCE = 100
"""So many records at a time, since each may have 256 KiB."""


class StoredSlices:
    """See ``store.Slices`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @guarded
    def keep(self, run_id: str, records: Iterable[SliceRecord]) -> int:
        """Keep records of a run, all or none; a host's later one replaces the earlier. Return how many were given."""
        rows: dict[str, Row] = {}
        for record in records:
            host = clean_text(record.host)
            rows[host] = (clean_text(run_id), host, record.written_at, record.document)
        self.engine.make_sure_of_room(sum(len(row[-1]) for row in rows.values()))
        with self.engine.writing():
            for chunk in chunks(rows.values(), AT_ONCE):
                self.engine.put("record", chunk, replacing=("written_at", "document"))
        return len(rows)

    @guarded
    def of_run(self, run_id: str) -> Iterator[SliceRecord]:
        """Yield the records of a run, one a host."""
        last = ""
        while batch := self.engine.rows(
            f"SELECT host, written_at, document FROM record WHERE run = ? AND host > ? ORDER BY host LIMIT {AT_ONCE}",
            (clean_text(run_id), last),
        ):
            for host, written_at, document in batch:
                yield SliceRecord(host, written_at, document)
            last = batch[-1][0]


def remove_records(engine: Engine, before: int) -> int:
    """Remove records that were written before a time, and return how many."""
    return engine.change("DELETE FROM record WHERE written_at < ?", (before,))
