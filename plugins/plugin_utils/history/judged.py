# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs said of hosts: who was judged when, what was found, and since when."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .engine import Engine, chunks
from .ids import groups
from .schema import clean_text, marks
from .store import NewFinding, PastFinding

COUNTS = "reported_at IS NOT NULL AND judged_live > 0"
"""The condition in SQL that a run can be "the last run": its report was written, and it judged a host live."""


@dataclass(frozen=True, slots=True)
class KnownRuns:
    """All runs of a store."""

    order: Mapping[int, tuple[int, str]]
    """When each run began, and its name, which decides between two of the same second."""
    counted: frozenset[int]
    """Those that can be "the last run"."""

    def before(self, run_id: int, others: Iterable[int]) -> int | None:
        """Return the latest of *others* that can be "the last run" before a run."""
        earlier = [other for other in others if other in self.counted and self.order[other] < self.order[run_id]]
        return max(earlier, key=self.order.__getitem__, default=None)

    def two_latest(self, runs: Iterable[int | None]) -> tuple[int, int | None]:
        """Return the latest of some runs (at least one), and the one before it."""
        known = sorted({run_id for run_id in runs if run_id is not None}, key=self.order.__getitem__, reverse=True)
        return known[0], known[1] if len(known) > 1 else None


def known_runs(engine: Engine) -> KnownRuns:
    """Return all runs of a store."""
    found = engine.rows(f"SELECT run_id, started_at, name, CASE WHEN {COUNTS} THEN 1 ELSE 0 END FROM run")
    return KnownRuns(
        {run_id: (started_at, name) for run_id, started_at, name, _counts in found},
        frozenset(run_id for run_id, _started_at, _name, counts in found if counts),
    )


def keep(engine: Engine, run_id: int, findings: Mapping[int, Sequence[NewFinding]]) -> None:
    """Keep what a run found on hosts, each given by its id. Hosts that this run has judged before stay as they are."""
    runs = known_runs(engine)
    there = {host_id for (host_id,) in engine.rows("SELECT host_id FROM judged WHERE run_id = ?", (run_id,))}
    for ids in chunks(sorted(findings.keys() - there)):
        latest = _latest_of(engine, ids)
        first_seen = _first_seen(
            engine,
            {
                host_id: before
                for host_id in ids
                if findings[host_id] and (before := _run_before(engine, runs, run_id, host_id, latest.get(host_id)))
            },
        )
        now = runs.order[run_id][0]
        engine.put("judged", [(run_id, host_id) for host_id in ids])
        engine.put(
            "finding",
            [
                (
                    run_id,
                    host_id,
                    place,
                    dimension,
                    kind,
                    clean_text(found.severity),
                    clean_text(found.status),
                    _real(found.value),
                    _real(found.limit),
                    first_seen.get((host_id, dimension, kind), now),
                )
                for host_id in ids
                for place, found in enumerate(findings[host_id])
                for dimension, kind in [(clean_text(found.dimension), clean_text(found.kind))]
            ],
        )
        if run_id in runs.counted:
            _put_latest(engine, runs, run_id, ids, latest)


def count_in(engine: Engine, run_id: int) -> None:
    """Let a run be "the last run" of the hosts that it judged, if it can be that."""
    runs = known_runs(engine)
    if run_id not in runs.counted:
        return
    judged = engine.rows("SELECT host_id FROM judged WHERE run_id = ? ORDER BY host_id", (run_id,))
    for ids in chunks([host_id for (host_id,) in judged]):
        _put_latest(engine, runs, run_id, ids, _latest_of(engine, ids))


def _latest_of(engine: Engine, ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    return {
        host_id: (last, previous)
        for host_id, last, previous in engine.rows(
            f"SELECT host_id, run_id, previous_run_id FROM latest WHERE host_id IN {marks(len(ids))}", ids
        )
    }


def _put_latest(
    engine: Engine, runs: KnownRuns, run_id: int, ids: Sequence[int], latest: Mapping[int, tuple[int, int | None]]
) -> None:
    engine.put(
        "latest",
        [(host_id, *runs.two_latest([run_id, *latest.get(host_id, ())])) for host_id in ids],
        replacing=("run_id", "previous_run_id"),
    )


def findings_of(
    engine: Engine, batch: Sequence[tuple[int, str, int, int | None]], left_out: int | None
) -> dict[str, list[PastFinding]]:
    """Return the findings of the latest run of each host of *batch* (id, name, latest run, the one before), which
    are in order of ids.
    """
    names: dict[int, str] = {}
    by_run: dict[int, set[int]] = {}
    for host_id, name, last, previous in batch:
        run_id = previous if last == left_out else last
        if run_id is not None:
            names[host_id] = name
            by_run.setdefault(run_id, set()).add(host_id)
    found: dict[str, list[PastFinding]] = {name: [] for name in names.values()}
    for run_id, ids in by_run.items():
        ((seen_at,),) = engine.rows("SELECT started_at FROM run WHERE run_id = ?", (run_id,))
        rows = engine.rows(
            "SELECT host_id, dimension, kind, severity, status, value, limit_value, first_seen_at FROM finding "
            "WHERE run_id = ? AND host_id BETWEEN ? AND ? ORDER BY host_id, place",
            (run_id, min(ids), max(ids)),
        )
        for host_id, dimension, kind, severity, status, value, limit, first_seen_at in rows:
            if host_id in ids:
                found[names[host_id]].append(
                    PastFinding(
                        names[host_id],
                        dimension,
                        kind,
                        severity,
                        status,
                        _number(value),
                        _number(limit),
                        first_seen_at,
                        seen_at,
                    )
                )
    return found


def find_latest(engine: Engine, hosts: Iterable[int]) -> None:
    """Work out anew which two runs judged each of *hosts* (ids, in order) last."""
    runs = known_runs(engine)
    known = (
        f"SELECT host_id, run_id FROM judged WHERE run_id IN (SELECT run_id FROM run WHERE {COUNTS}) "
        "AND host_id BETWEEN ? AND ?"
    )
    for group in groups(hosts):
        of_host: dict[int, list[int]] = {host_id: [] for host_id in group}
        for host_id, run_id in engine.rows(known, (group[0], group[-1])):
            if host_id in of_host:
                of_host[host_id].append(run_id)
        engine.remove("latest", [(host_id,) for host_id in group])
        engine.put("latest", [(host_id, *runs.two_latest(judged)) for host_id, judged in of_host.items() if judged])


def _run_before(
    engine: Engine, runs: KnownRuns, run_id: int, host_id: int, latest: tuple[int, int | None] | None
) -> int | None:
    """Return "the last run" that judged a host before this one did."""
    if latest is None:
        return None
    known = [one for one in latest if one is not None]
    before = runs.before(run_id, known)
    if before is not None or len(known) < 2:
        return before
    # A run that comes late, older than the two that are known at once.
    judged = "SELECT run_id FROM judged WHERE run_id IN (SELECT run_id FROM run) AND host_id = ?"
    return runs.before(run_id, [found for (found,) in engine.rows(judged, (host_id,))])


def _first_seen(engine: Engine, runs: Mapping[int, int]) -> dict[tuple[int, str, str], int]:
    """Return since when the findings of the run before are there, by host, dimension and kind. *runs* is that run of
    each host.
    """
    found: dict[tuple[int, str, str], int] = {}
    by_run: dict[int, list[int]] = {}
    for host_id, run_id in runs.items():
        by_run.setdefault(run_id, []).append(host_id)
    for run_id, ids in by_run.items():
        rows = engine.rows(
            "SELECT host_id, dimension, kind, min(first_seen_at) FROM finding WHERE run_id = ? AND host_id IN "
            f"{marks(len(ids))} "
            "GROUP BY host_id, dimension, kind",
            (run_id, *ids),
        )
        for host_id, dimension, kind, first_seen_at in rows:
            found[host_id, dimension, kind] = first_seen_at
    return found


def _real(value: float | None) -> float | None:
    # What is not a number is NULL in every engine; JSON, to which a store is exported, has no word for it.
    return float(value) if value is not None and math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value
