# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history store over any engine that speaks SQL: what is written at an audit, and what the rules read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model.sample import COLUMNS, UNKNOWN, Sample, Series, row_of, series_of
from . import judged, kept_records, records, upkeep
from . import rows as kept
from .engine import CHUNK, Engine, chunks
from .packing import SERIES_SAMPLES, Numbers, PackedColumns, newest_time, packed, trimmed, with_row
from .schema import clean_text, marks, to_stored
from .store import SCHEMA_VERSION, AppendResult, PastFinding, Retention, RunRecord, StoreInfo

# What one host needs in the worst case: its sample, and its series written anew.
_BYTES_A_HOST = 400 + SERIES_SAMPLES * len(COLUMNS) * 4
_KERNEL = COLUMNS.index("kernel_key")


class SqlStore:
    """See ``HistoryStore`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_new = not engine.rows("SELECT 1 FROM run LIMIT 1")

    @property
    def info(self) -> StoreInfo:
        """What is in the store now."""
        return self._info(None, self._is_new)

    def info_without(self, run_id: str) -> StoreInfo:
        """What is in the store but for a run, of which slices may have kept their part already."""
        others = self._engine.rows("SELECT 1 FROM run WHERE name <> ? LIMIT 1", (clean_text(run_id),))
        return self._info(run_id, not others)

    def series(self, hosts: Collection[str] | None = None, *, without_run: str | None = None) -> Iterator[Series]:
        """Yield the recent samples of each host, oldest first, without those of the run *without_run*."""
        left_out = self._run_id(without_run)
        for batch in self._batches(
            "SELECT host_id, host.name, form, data FROM series JOIN host USING (host_id)", hosts
        ):
            again = self._without(left_out, batch) if left_out is not None else {}
            for host_id, name, form, data in batch:
                if host_id in again:
                    rows = again[host_id]
                    if not rows:
                        continue
                    form, data = packed(rows)
                yield Series(name, PackedColumns(form, data))

    def samples(self) -> Iterator[Series]:
        """Yield all samples of each host, oldest first; a series keeps only the recent ones."""
        names: dict[int, str] = dict(self._engine.rows("SELECT host_id, name FROM host"))
        for host_id, rows in kept.rows_by_host(self._engine, kept.all_host_ids(self._engine)):
            if rows:
                yield series_of(names[host_id], sorted(rows))

    def kernels(self) -> Mapping[int, str]:
        """Return the labels of kernels by their key."""
        return dict(self._engine.rows("SELECT kernel_key, label FROM kernel"))

    def last_findings(
        self, hosts: Collection[str] | None = None, *, without_run: str | None = None
    ) -> Mapping[str, Sequence[PastFinding]]:
        """Return, for each host that was judged before, the findings of its latest run."""
        left_out = self._run_id(without_run)
        found: dict[str, Sequence[PastFinding]] = {}
        for batch in self._batches(
            "SELECT host_id, host.name, run_id, previous_run_id FROM latest JOIN host USING (host_id)", hosts
        ):
            found.update(judged.findings_of(self._engine, batch, left_out))
        return found

    def append(
        self,
        run: RunRecord,
        samples: Iterable[Sample],
        findings: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        judged_anew: bool = False,
    ) -> AppendResult:
        """Add a run, in one transaction, idempotently per (run, host)."""
        rows: dict[str, Numbers] = {}
        kernels: dict[int, str] = {}
        repeated = 0
        for sample in samples:
            name, row = clean_text(sample.host), row_of(sample)
            repeated += name in rows
            rows.setdefault(name, row)
            if row[_KERNEL] not in kernels and row[_KERNEL] != UNKNOWN:
                kernels[row[_KERNEL]] = clean_text(sample.kernel)
        found = {clean_text(name): entries for name, entries in findings.items()}
        engine = self._engine
        engine.make_sure_of_room(_BYTES_A_HOST * len(rows))
        with engine.writing():
            run_id = kept.run_id_of(engine, run)
            ids = kept.host_ids_of(engine, list(rows | dict.fromkeys(found)), run.started_at)
            there = {host_id for (host_id,) in engine.rows("SELECT host_id FROM sample WHERE run_id = ?", (run_id,))}
            new = sorted((ids[name], row) for name, row in rows.items() if ids[name] not in there)
            engine.put("kernel", list(kernels.items()))
            for chunk in chunks(new):
                engine.put("sample", [(run_id, host_id, *to_stored(row)) for host_id, row in chunk])
                self._lengthen(chunk)
            engine.change("UPDATE run SET samples = samples + ? WHERE run_id = ?", (len(new), run_id))
            if judged_anew:
                for some in chunks([ids[name] for name in found]):
                    engine.change(
                        f"DELETE FROM finding WHERE run_id = ? AND host_id IN {marks(len(some))}", (run_id, *some)
                    )
                    engine.remove("judged", [(run_id, host_id) for host_id in some])
            judged.keep(engine, run_id, {ids[name]: entries for name, entries in found.items()})
        return AppendResult(len(new), len(rows) - len(new) + repeated)

    def prune(self, retention: Retention, now: int) -> Mapping[str, int]:
        """Remove what is older than *retention* allows, after rolling samples up by day; return how much of each
        went.
        """
        return {
            **upkeep.prune(self._engine, retention, now),
            "records": kept_records.prune(self._engine, retention, now),
        }

    def keep_records(self, run_id: str, records: Iterable[Mapping[str, Any]]) -> int:
        """Keep spool records of a run, in one transaction; a host's later one replaces the earlier."""
        return kept_records.keep(self._engine, run_id, records)

    def records(self, run_id: str) -> Iterator[Mapping[str, Any]]:
        """Yield the spool records that slices of a run have kept, one a host."""
        return kept_records.of_run(self._engine, run_id)

    def rebuild(self) -> int:
        """Make all series anew from the samples, and return how many there are."""
        with self._engine.writing():
            return kept.rebuild(self._engine)

    def verify(self) -> list[str]:
        """Return what is wrong inside the store, one sentence each; an empty list is a sound store."""
        return upkeep.verify(self._engine)

    def export(self) -> Iterator[Mapping[str, Any]]:
        """Yield everything as plain records."""
        return records.export(self._engine)

    def load_export(self, entries: Iterable[Mapping[str, Any]]) -> AppendResult:
        """Take back the records of an export, in one transaction; what is there already stays as it is."""
        return records.load(self._engine, entries)

    def close(self) -> None:
        """Close the store; calling it twice is no error."""
        self._engine.close()

    def _info(self, without: str | None, is_new: bool) -> StoreInfo:
        only, run = ("", ()) if without is None else (" WHERE name <> ?", (clean_text(without),))
        ((runs, first, last, samples),) = self._engine.rows(
            f"SELECT count(*), min(started_at), max(started_at), sum(samples) FROM run{only}", run
        )
        ((hosts,),) = self._engine.rows("SELECT count(*) FROM host")
        return StoreInfo(
            self._engine.name, self._engine.kind, SCHEMA_VERSION, runs, hosts, int(samples or 0), first, last, is_new
        )

    def _run_id(self, name: str | None) -> int | None:
        found = (
            self._engine.rows("SELECT run_id FROM run WHERE name = ?", (clean_text(name),)) if name is not None else []
        )
        return found[0][0] if found else None

    def _lengthen(self, chunk: Sequence[tuple[int, Numbers]]) -> None:
        """Add a row to the series of each host."""
        known = {
            host_id: (form, data)
            for host_id, form, data in self._engine.rows(
                f"SELECT host_id, form, data FROM series WHERE host_id IN {marks(len(chunk))}",
                [host_id for host_id, _row in chunk],
            )
        }
        changed = []
        for host_id, row in chunk:
            before = known.get(host_id)
            form, data = with_row(*before, row) if before else packed([row])
            changed.append((host_id, form, newest_time(form, data), data))
        self._engine.put("series", changed, replacing=("form", "newest_at", "data"))

    def _without(self, run_id: int, batch: Sequence[tuple[Any, ...]]) -> dict[int, list[Numbers]]:
        """Return what the series of those hosts that are in a run would be without it."""
        hosts = [row[0] for row in batch]
        again = [
            host_id
            for (host_id,) in self._engine.rows(
                f"SELECT host_id FROM sample WHERE run_id = ? AND host_id IN {marks(len(hosts))} ORDER BY host_id",
                (run_id, *hosts),
            )
        ]
        return {host_id: trimmed(rows) for host_id, rows in kept.rows_by_host(self._engine, again, without_run=run_id)}

    def _batches(self, query: str, hosts: Collection[str] | None) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a query in batches, in the order of their hosts. No batch waits open for the next, so
        writers can pass.
        """
        if hosts is not None:
            for names in chunks(sorted({clean_text(name) for name in hosts})):
                batch = self._engine.rows(f"{query} WHERE host.name IN {marks(len(names))} ORDER BY host_id", names)
                if batch:
                    yield batch
            return
        last = -1
        while batch := self._engine.rows(f"{query} WHERE host_id > ? ORDER BY host_id LIMIT {CHUNK}", (last,)):
            yield batch
            last = batch[-1][0]
