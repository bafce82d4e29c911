# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history store over any engine that speaks SQL: what is written at an audit, and what the rules read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ..model.owners import OwnersSample
from ..model.sample import COLUMNS, UNKNOWN, Origin, Sample, Series, series_of
from . import judged
from .engine import Engine, chunks
from .guard import guarded
from .ids import all_host_ids, groups, host_ids_of, host_names, known_host_ids, known_run_id, run_id_of
from .migrations import IMPORTED
from .owners import OwnersWriter, StoredOwners
from .rollouts import StoredRollouts
from .runs import StoredRuns, last_report_at
from .sample_columns import Layout, Numbers, to_stored
from .samples import kept_samples, samples_by_host, store_layout
from .schema import clean_text, marks
from .series import SeriesReader, batches, lengthen, some_are_packed
from .slices import StoredSlices
from .store import AppendResult, HistoryError, NewFinding, PastFinding, RunRecord, StoreInfo
from .thinning import SERIES_SAMPLES
from .upkeep import StoreUpkeep

# What one host needs in the worst case: its sample and its owners, and its series written anew.
_BYTES_A_HOST = 1200 + SERIES_SAMPLES * len(COLUMNS) * 4


class SqlStore:
    """See ``store.HistoryStore`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = SeriesReader(engine)
        self.runs = StoredRuns(engine)
        self.owners = StoredOwners(engine)
        self.slices = StoredSlices(engine)
        self.rollouts = StoredRollouts(engine)
        self.upkeep = StoreUpkeep(engine)
        self._is_new = self._has_no_runs()

    @property
    def info(self) -> StoreInfo:
        """What is in the store now."""
        return self._info(None)

    @property
    def remarks(self) -> Sequence[str]:
        """Sentences on what was done when the store was opened, and on what was found damaged while it was read."""
        remarks, damaged = list(self.engine.remarks), list(self._reader.damaged)
        if damaged:
            names = ", ".join(damaged[:5]) + (f" and {len(damaged) - 5} more" if len(damaged) > 5 else "")
            remarks.append(
                f"The series of {names} in the history {self.engine.name} {'was' if len(damaged) == 1 else 'were'} "
                "damaged, so the samples themselves were read; see what the operation verify says of it."
            )
        return remarks

    @guarded
    def info_without(self, run_id: str) -> StoreInfo:
        """What is in the store but for a run, of which slices may have kept their part already. Raises HistoryError
        where runs have lost their names: that is no quiet beginning.
        """
        # In one statement, as for whether there are runs. The names are counted in their index, and in the runs
        # themselves: either can be what is damaged.
        query = (
            "SELECT count(*), count(CASE WHEN name = ? THEN 1 END), "
            "(SELECT count(started_at) FROM run WHERE name <> ?) FROM run"
        )
        ((runs, of_this_run, others),) = self.engine.rows(query, (clean_text(run_id),) * 2)
        if others + of_this_run != runs:
            raise HistoryError(
                f"The history {self.engine.name} is damaged: it has runs without a name; put back a copy of it, or "
                "move it away to begin a new one."
            )
        return self._info(run_id)

    @guarded
    def series(self, hosts: Collection[str] | None = None, *, without_run: str | None = None) -> Iterator[Series]:
        """Yield the recent samples of each host, oldest first, without those of the run *without_run*."""
        yield from self._reader.read(hosts, known_run_id(self.engine, without_run))

    @guarded
    def samples(self, hosts: Collection[str] | None = None) -> Iterator[Series]:
        """Yield all samples of each host, oldest first; a series keeps only the recent ones."""
        if hosts is None:
            ids = all_host_ids(self.engine)
        else:
            ids = sorted(known_host_ids(self.engine, sorted({clean_text(name) for name in hosts})).values())
        layout = store_layout(self.engine)
        for group in groups(ids):
            names = host_names(self.engine, group)
            for host_id, rows in samples_by_host(self.engine, layout, group):
                if rows:
                    yield _series(names[host_id], sorted(rows), layout)

    @guarded
    def kernels(self) -> Mapping[int, str]:
        """Return the labels of kernels by their key."""
        return dict(self.engine.rows("SELECT kernel_key, label FROM kernel"))

    @guarded
    def last_findings(
        self, hosts: Collection[str] | None = None, *, without_run: str | None = None
    ) -> Mapping[str, Sequence[PastFinding]]:
        """Return, for each host that was judged before, the findings of its last run."""
        left_out = known_run_id(self.engine, without_run)
        found: dict[str, Sequence[PastFinding]] = {}
        query = "SELECT host_id, host.name, run_id, previous_run_id FROM latest JOIN host USING (host_id)"
        for batch in batches(self.engine, query, hosts):
            found.update(judged.findings_of(self.engine, batch, left_out))
        return found

    @guarded
    def append(
        self,
        run: RunRecord,
        samples: Iterable[Sample],
        findings: Mapping[str, Sequence[NewFinding]],
        *,
        owners: Iterable[OwnersSample] = (),
        judged_anew: bool = False,
    ) -> AppendResult:
        """Add a run, in one transaction, idempotently per (run, host)."""
        of_host: dict[str, Sample] = {}
        given = 0
        for sample in samples:
            of_host.setdefault(clean_text(sample.host), sample)
            given += 1
        found = {clean_text(name): entries for name, entries in findings.items()}
        held = list(owners)
        self.engine.make_sure_of_room(_BYTES_A_HOST * len(of_host))
        with self.engine.writing():
            run_id, is_new = run_id_of(self.engine, run)
            names = of_host | dict.fromkeys(found) | dict.fromkeys(clean_text(one.host) for one in held)
            ids = host_ids_of(self.engine, list(names), run.started_at)
            inserted = self._put_samples(run, run_id, is_new, {ids[name]: one for name, one in of_host.items()})
            live = sum(name in found for name, one in of_host.items() if one.origin == Origin.LIVE)
            self._put_findings(run_id, {ids[name]: entries for name, entries in found.items()}, live, judged_anew)
            OwnersWriter(self.engine).keep(held, ids, run.started_at)
        return AppendResult(inserted, given - inserted)

    @guarded
    def close(self) -> None:
        """Close the store; calling it twice is no error."""
        self.engine.close()

    def _put_samples(self, run: RunRecord, run_id: int, is_new: bool, samples: Mapping[int, Sample]) -> int:
        """Put the samples of a run that are not there yet; return how many."""
        layout = store_layout(self.engine)
        there = set() if is_new else self._hosts_in(layout, run_id, samples)
        kernels: dict[int, str] = {}
        rows: list[tuple[int, Numbers]] = []
        origin, kernel = layout.places["origin"], layout.places["kernel_key"]
        imported = run.source.startswith(IMPORTED)
        for host_id in sorted(samples.keys() - there):
            row = layout.row(samples[host_id])
            if imported:
                row = (*row[:origin], int(Origin.IMPORTED), *row[origin + 1 :])
            if row[kernel] not in kernels and row[kernel] != UNKNOWN:
                kernels[row[kernel]] = clean_text(samples[host_id].kernel)
            rows.append((host_id, row))
        self.engine.put("kernel", list(kernels.items()))
        columns = ("run_id", "host_id", *layout.columns)
        for chunk in chunks(rows):
            self.engine.put("sample", [(run_id, host_id, *to_stored(row)) for host_id, row in chunk], columns=columns)
            lengthen(self.engine, layout, chunk)
        self.engine.change("UPDATE run SET samples = samples + ? WHERE run_id = ?", (len(rows), run_id))
        return len(rows)

    def _hosts_in(self, layout: Layout, run_id: int, hosts: Collection[int]) -> set[int]:
        """Return those of *hosts* that have a sample in a run already."""
        if some_are_packed(self.engine, run_id):
            return {
                host_id
                for group in groups(sorted(hosts))
                for host_id, kept in kept_samples(self.engine, layout, group).items()
                if any(sample.run_id == run_id for sample in kept)
            }
        return {host_id for (host_id,) in self.engine.rows("SELECT host_id FROM sample WHERE run_id = ?", (run_id,))}

    def _put_findings(
        self, run_id: int, findings: Mapping[int, Sequence[NewFinding]], live: int, judged_anew: bool
    ) -> None:
        if judged_anew:
            for some in chunks(findings):
                self.engine.change(
                    f"DELETE FROM finding WHERE run_id = ? AND host_id IN {marks(len(some))}", (run_id, *some)
                )
                self.engine.remove("judged", [(run_id, host_id) for host_id in some])
        # How many is not kept exactly where a run comes twice: it only matters whether there was one.
        self.engine.change(
            "UPDATE run SET judged_live = ? WHERE run_id = ? AND (judged_live IS NULL OR judged_live < ?)",
            (live, run_id, live),
        )
        judged.keep(self.engine, run_id, findings)

    def _has_no_runs(self) -> bool:
        """Return whether the store is new. Raises HistoryError where there are hosts and no runs: what is gone was
        there.
        """
        # In one statement, which sees one moment: somebody else may just be writing the first run.
        ((runs, series, hosts),) = self.engine.rows(
            "SELECT EXISTS (SELECT 1 FROM run), EXISTS (SELECT 1 FROM series), EXISTS (SELECT 1 FROM host)"
        )
        if not runs and (series or hosts):
            raise HistoryError(
                f"The history {self.engine.name} is damaged: it has hosts, and no run that they are of; put back a "
                "copy of it, or move it away to begin a new one."
            )
        return not runs

    @guarded
    def _info(self, without: str | None) -> StoreInfo:
        only, run = ("", ()) if without is None else (" WHERE name <> ?", (clean_text(without),))
        ((runs, first, last, samples),) = self.engine.rows(
            f"SELECT count(*), min(started_at), max(started_at), sum(samples) FROM run{only}", run
        )
        ((hosts,),) = self.engine.rows("SELECT count(*) FROM host")
        return StoreInfo(
            name=self.engine.name,
            engine=self.engine.kind,
            schema_version=self.engine.version,
            runs=runs,
            hosts=hosts,
            samples=int(samples or 0),
            first_run_at=first,
            last_run_at=last,
            last_report_at=last_report_at(self.engine, without),
            is_new=self._is_new if without is None else not runs,
        )


def _series(name: str, rows: list[Numbers], layout: Layout) -> Series:
    """Return all samples of a host as a series."""
    if layout.columns == COLUMNS:
        return series_of(name, rows)
    places = [layout.places.get(column) for column in COLUMNS]
    return series_of(name, [tuple([UNKNOWN if place is None else row[place] for place in places]) for row in rows])
