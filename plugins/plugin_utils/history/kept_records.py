# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What slices gathered, kept in the store until one report is made of all of them.

Slices are jobs that share nothing but the store, so a record is what a spool would have, under the name of the run that
they are parts of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..model.times import seconds_of
from .engine import Engine, Row, chunks
from .schema import clean_text
from .store import HistoryError, Retention

DAY = 86400
AT_ONCE = 100
"""So many records at a time, since each may have 256 KiB."""


def keep(engine: Engine, run_id: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Keep spool records (of ``_spool.record``), all or none; a host's later one replaces the earlier. Return how many
    were given.

    Raises HistoryError.
    """
    rows: dict[str, Row] = {}
    for entry in records:
        host = clean_text(entry["host"])
        # ASCII, so that whatever a host sent goes into any database.
        document = json.dumps(dict(entry), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        rows[host] = (clean_text(run_id), host, _seconds(entry), document)
    engine.make_sure_of_room(sum(len(row[-1]) for row in rows.values()))
    with engine.writing():
        for chunk in chunks(rows.values(), AT_ONCE):
            engine.put("record", chunk, replacing=("written_at", "document"))
    return len(rows)


def of_run(engine: Engine, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a run, one a host. One that is damaged has only its host, so that the host has no data."""
    last = ""
    while batch := engine.rows(
        f"SELECT host, document FROM record WHERE run = ? AND host > ? ORDER BY host LIMIT {AT_ONCE}",
        (clean_text(run_id), last),
    ):
        for host, document in batch:
            yield _record(document) or {"host": host}
        last = batch[-1][0]


def prune(engine: Engine, retention: Retention, now: int) -> int:
    """Remove records that are too old, and return how many."""
    with engine.writing():
        return engine.change("DELETE FROM record WHERE written_at < ?", (now - retention.records_days * DAY,))


def _record(document: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("host"), str) else None


def _seconds(entry: Mapping[str, Any]) -> int:
    try:
        return seconds_of(str(entry.get("written_at")))
    except ValueError:
        pass
    raise HistoryError(
        f"The record of {entry['host']} does not say when it was written, so it is no record of a spool; nothing was "
        "kept."
    )
