# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The past of a run: what the history store knows of its hosts, and keeping the run there in turn.

A store that fails costs the history of the run and never its report: what is wrong is said in the audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.sample import Sample, Series
from ..model.times import seconds_of, utc_text
from ..model.version import VERSION
from .location import Location, history_location, location_of
from .opening import open_store
from .store import HistoryError, HistoryStore, PastFinding, Retention, RunRecord, StoreInfo

DAY = 86400
OFF = "off"
NEW_STORE = (
    "Learning: this store is new; growth is judged from a host's seventh sample on. "
    "If there should be a history already, check kernel_mem_audit_history."
)


@dataclass
class Past:
    """What is known of the hosts of a run from before. Without a store ``series`` is None."""

    store: HistoryStore | None = None
    state: str = OFF
    message: str | None = None
    info: StoreInfo | None = None
    last: Mapping[str, Sequence[PastFinding]] = field(default_factory=dict)
    without_run: str = ""
    hosts: Sequence[str] = ()
    newest_run_at: int | None = None
    where: Location | None = None

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

    @property
    def previous_run_at(self) -> str | None:
        """When the latest run before this one began."""
        moment = self.info.last_run_at if self.info is not None else None
        return None if moment is None else utc_text(moment)

    def close(self) -> None:
        """Close the store, if there is one."""
        if self.store is not None:
            self.store.close()

    def fail(self, state: str, message: str) -> None:
        """Note that the store failed; the first message stays."""
        if self.message is None or self.state in ("new", "ready"):
            self.state, self.message = state, message

    def summary(self) -> dict[str, Any]:
        """Return ``audit.history``."""
        info = self.info
        return {
            "state": self.state,
            "message": self.message,
            "engine": info.engine if info else None,
            "name": info.name if info else "",
            "runs": info.runs if info else 0,
            "hosts": info.hosts if info else 0,
            "first_run_at": utc_text(info.first_run_at) if info and info.first_run_at is not None else None,
        }


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
    try:
        past.where = where if isinstance(where, Location) else location_of(where)
        store = open_store(past.where, create=create)
        # Slices of this run may have kept their part already, which is no past.
        past.info, past.newest_run_at = store.info_without(run_id), store.info.last_run_at
        past.last = store.last_findings(hosts, without_run=run_id)
    except HistoryError as exc:
        past.message = str(exc)
        past.info = None
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
    hosts: Iterable[Mapping[str, Any]],
    now: int,
    *,
    judged_anew: bool = False,
) -> None:
    """Add a run to the store of *past*, if there is one that works, and once a day remove what is too old. Never raises
    HistoryError.

    *hosts* are those of the audit; *now* is in seconds since 1970. *judged_anew* is for the whole fleet after its
    slices.
    """
    if past.store is None:
        return
    judged = {sample.host for sample in samples}
    findings = {host["name"]: host["findings"] for host in hosts if host["name"] in judged and host["no_data"] is None}
    try:
        past.store.append(run, samples, findings, judged_anew=judged_anew)
        if (past.newest_run_at or 0) // DAY < now // DAY:
            past.store.prune(Retention(), now)
    except HistoryError as exc:
        past.fail("not_saved", f"This run is not in the history: {exc}")


def keep_records(past: Past, run_id: str, records: Iterable[Mapping[str, Any]]) -> str | None:
    """Keep what a slice gathered for the report of all slices; return a sentence where that did not work. Never
    raises HistoryError.
    """
    problem = past.message if past.store is None else None
    if past.store is not None:
        try:
            past.store.keep_records(run_id, records)
        except HistoryError as exc:
            problem = str(exc)
            past.fail("not_saved", problem)
    return (
        problem
        and f"The records of this slice are not in the history, so the report of the run {run_id} will lack its "
        f"hosts: {problem}"
    )


def records_of(past: Past, run_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield what slices of a run have kept. Raises ValueError where there is no store that works: nothing else has
    it.
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
    yield from past.store.records(run_id)
