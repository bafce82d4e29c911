# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The past of a run: what the history store knows of its hosts, and keeping the run there in turn.

A store that fails costs the history of the run and never its report: what is wrong is said in the audit.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ..model.finding import Finding
from ..model.fleet import RunSums, sums_of
from ..model.owners import OwnersHistory, OwnersSample
from ..model.plain import Plain
from ..model.sample import Sample, Series
from ..model.times import seconds_of, utc_text
from ..model.version import VERSION
from .location import Location, history_location, location_of
from .opening import open_store
from .store import (
    HistoryError,
    HistoryStore,
    LastRun,
    NewFinding,
    PastFinding,
    Retention,
    RunRecord,
    SliceRecord,
    StoreInfo,
)

OfHost = TypeVar("OfHost", Series, OwnersHistory)

OFF, NOT_SAVED = "off", "not_saved"
NEW_STORE = (
    "Learning: this store is new; growth is judged from a host's seventh sample on. "
    "If there should be a history already, check kernel_mem_audit_history."
)


@dataclass(frozen=True, slots=True)
class HistorySummary(Plain):
    """What the history came to in a run: its state, and how much there was of it before."""

    state: str
    message: str | None
    engine: str | None
    name: str
    runs: int
    hosts: int
    first_run_at: str | None


class Host(Protocol):
    """What is kept of a host of an audit."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def verdict(self) -> str:
        """Its verdict."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found on it."""

    @property
    def no_data(self) -> object:
        """Why it has no verdict; None where it has one."""


@dataclass
class Past:
    """What is known of the hosts of a run from before. Without a store ``series`` is None."""

    store: HistoryStore | None = None
    state: str = OFF
    message: str | None = None
    info: StoreInfo | None = None
    last: Mapping[str, Sequence[PastFinding]] = field(default_factory=dict)
    last_run: LastRun | None = None
    without_run: str = ""
    hosts: Sequence[str] = ()
    where: Location | None = None
    remarks: list[str] = field(default_factory=list)
    message_of_reading: str | None = None
    """Why the series could not be read to their end."""

    @property
    def series(self) -> Iterable[Series] | None:
        """The earlier samples of the hosts, or None where there is no store."""
        return None if self.store is None else self._series(self.store)

    def _series(self, store: HistoryStore) -> Iterator[Series]:
        try:
            yield from store.series(self.hosts, without_run=self.without_run)
        except HistoryError as exc:
            # Hosts whose series did not come are judged as those without history.
            self.fail("unavailable", str(exc))

    def series_of(self, names: Sequence[str]) -> dict[str, Series]:
        """Return the earlier samples of some of the hosts, by name; of none where the store fails or there is none."""
        return self._by_host(lambda store: store.series(names, without_run=self.without_run))

    def sums_since(self, since: int) -> list[RunSums]:
        """Return what the runs that began at *since* or later came to over the fleet, the oldest first; nothing where
        the store fails or there is none.
        """
        if self.store is None:
            return []
        try:
            return [one for one in self.store.runs.sums(since) if one.run_id != self.without_run]
        except HistoryError as exc:
            self.remarks.append(f"The fleet's earlier runs can't be shown: {exc}")
            return []

    def owners_of(self, names: Sequence[str], since: int = 0) -> dict[str, OwnersHistory]:
        """Return who held the memory of some of the hosts in earlier samples, by name; of none where the store fails
        or there is none.
        """
        return self._by_host(lambda store: store.owners.of(names, since)) if names else {}

    def _by_host(self, read: Callable[[HistoryStore], Iterable[OfHost]]) -> dict[str, OfHost]:
        found: dict[str, OfHost] = {}
        if self.store is not None and self.message_of_reading is None:
            try:
                found.update((one.host, one) for one in read(self.store))
            except HistoryError as exc:
                # Hosts of which nothing came are judged as those without history.
                self.message_of_reading = str(exc)
                self.fail("unavailable", str(exc))
        return found

    @property
    def previous_run_at(self) -> str | None:
        """When "the last run" before this one began: the last that was reported and judged a host live."""
        moment = self.info.last_report_at if self.info is not None else None
        return None if moment is None else utc_text(moment)

    def close(self) -> None:
        """Close the store, if there is one."""
        if self.store is not None:
            self.store.close()

    def fail(self, state: str, message: str) -> None:
        """Note that the store failed; the first message stays."""
        if self.message is None or self.state in ("new", "ready"):
            self.state, self.message = state, message

    def summary(self) -> HistorySummary:
        """Return ``audit.history``."""
        info = self.info
        said = [*([self.message] if self.message else []), *(self.store.remarks if self.store else ()), *self.remarks]
        return HistorySummary(
            state=self.state,
            message=" ".join(said) or None,
            engine=info.engine if info else None,
            name=info.name if info else "",
            runs=info.runs if info else 0,
            hosts=info.hosts if info else 0,
            first_run_at=utc_text(info.first_run_at) if info and info.first_run_at is not None else None,
        )


def past_of(
    given: str | None,
    environment: Mapping[str, str],
    working_folder: str,
    run_id: str,
    hosts: Sequence[str],
    *,
    create: bool = True,
) -> Past:
    """Return the past of a run, in the store that :func:`history_location` finds. Never raises HistoryError: what is
    no address of a store is a store that can't be used.
    """
    try:
        where = history_location(given, environment, working_folder)
    except HistoryError as exc:
        return Past(state="unavailable", message=str(exc), without_run=run_id, hosts=hosts)
    return open_past(where, run_id, hosts, create=create)


def open_past(where: Location | str | None, run_id: str, hosts: Sequence[str], *, create: bool = True) -> Past:
    """Return the past of a run. Never raises HistoryError: a store that can't be used is a state of its own.

    A store that is not there is made, unless *create* is false.
    """
    if where is None:
        return Past(
            message="No history is kept (kernel_mem_audit_history is none): growth and sudden changes are not judged."
        )
    past = Past(state="unavailable", without_run=run_id, hosts=hosts)
    store: HistoryStore | None = None
    try:
        past.where = where if isinstance(where, Location) else location_of(where)
        store = open_store(past.where, create=create)
        # Slices of this run may have kept their part already, which is no past.
        past.info = store.info_without(run_id)
        past.last = store.last_findings(hosts, without_run=run_id)
        past.last_run = store.runs.last(without_run=run_id)
    except HistoryError as exc:
        past.message, past.info = str(exc), None
        if store is not None:
            store.close()
        return past
    past.store = store
    past.state, past.message = ("new", NEW_STORE) if past.info.is_new else ("ready", None)
    return past


def run_record(run_id: str, started_at: str) -> RunRecord:
    """Return a run as the store keeps it."""
    return RunRecord(run_id=run_id, started_at=seconds_of(started_at), tool_version=VERSION)


def keep(
    past: Past,
    run: RunRecord,
    samples: Sequence[Sample],
    hosts: Sequence[Host],
    now: int,
    *,
    judged_anew: bool = False,
    whole: bool = True,
    owners: Iterable[OwnersSample] = (),
) -> None:
    """Add a run to the store of *past*, if there is one that works, and once a day remove what is too old. Never raises
    HistoryError.

    *hosts* are those of the audit; *now* is in seconds since 1970. *judged_anew* is for the whole fleet after its
    slices; a slice is not *whole*, so what it comes to is not kept as what the fleet comes to.
    """
    if past.store is None:
        return
    judged = {sample.host for sample in samples}
    findings = {
        host.name: [_finding(found) for found in host.findings]
        for host in hosts
        if host.name in judged and host.no_data is None
    }
    try:
        past.store.append(run, samples, findings, owners=owners, judged_anew=judged_anew)
    except HistoryError as exc:
        past.fail(NOT_SAVED, f"This run is not in the history: {exc}")
        return
    try:
        if whole:
            verdicts = Counter(host.verdict for host in hosts)
            past.store.runs.keep_sums(run.run_id, sums_of(samples, verdicts))
        if past.store.upkeep.is_due(now):
            past.store.upkeep.prune(Retention(), now)
    except HistoryError as exc:
        past.remarks.append(f"This run is in the history, and nothing more could be done there: {exc}")


def reported(past: Past, run_id: str) -> str | None:
    """Note in the store of *past* that the report of a run is written, so that the next run compares with this one.
    Return a sentence where that did not work. Never raises HistoryError.
    """
    if past.store is None or past.state == NOT_SAVED:
        return None
    try:
        past.store.runs.reported(run_id)
    except HistoryError as exc:
        return f"The next run will not compare itself with this one: {exc}"
    return None


def keep_records(past: Past, run_id: str, records: Iterable[Mapping[str, Any]]) -> str | None:
    """Keep what a slice gathered for the report of all slices; return a sentence where that did not work. Never
    raises HistoryError.
    """
    problem = past.message if past.store is None else None
    if past.store is not None:
        try:
            past.store.slices.keep(run_id, map(_slice_record, records))
        except HistoryError as exc:
            problem = str(exc)
            past.fail(NOT_SAVED, problem)
    return (
        problem
        and f"The records of this slice are not in the history, so the report of the run {run_id} will lack its "
        f"hosts: {problem}"
    )


def records_of(past: Past, run_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield what slices of a run have kept; of a record that is damaged its host alone, so that it has no data. Raises
    ValueError where there is no store that works: nothing else has it.
    """
    if past.state == OFF:
        raise ValueError(
            "The records of slices are in the history store, and this report has none; name theirs by "
            "kernel_mem_audit_history."
        )
    if past.store is None:
        raise ValueError(
            f"The records of slices are in the history store and nowhere else, and it can't be used: {past.message}"
        )
    for record in past.store.slices.of_run(run_id):
        yield _spool_record(record.document) or {"host": record.host}


def _finding(found: Finding) -> NewFinding:
    """Return what is kept of a finding of an audit."""
    return NewFinding(found.dimension, found.kind, found.severity, found.status, found.value, found.limit)


def _slice_record(entry: Mapping[str, Any]) -> SliceRecord:
    """Return a record of the spool as the store keeps it: in ASCII, so that whatever a host sent goes into any
    database. Raises HistoryError for what is no record of a spool.
    """
    try:
        written_at = seconds_of(str(entry.get("written_at")))
    except ValueError:
        written_at = None
    if written_at is None:
        raise HistoryError(
            f"The record of {entry['host']} does not say when it was written, so it is no record of a spool; nothing "
            "was kept."
        )
    document = json.dumps(dict(entry), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return SliceRecord(entry["host"], written_at, document)


def _spool_record(document: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("host"), str) else None
