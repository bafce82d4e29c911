# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs said of hosts: who was judged when, what was found, and since when."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .engine import Engine, chunks
from .schema import clean_text, marks
from .store import PastFinding

Order = Mapping[int, tuple[int, str]]
"""The place of each run in time."""


def order_of_runs(engine: Engine) -> Order:
    """Return when each run began, and its name, which decides between two of the same second."""
    return {
        run_id: (started_at, name)
        for run_id, started_at, name in engine.rows("SELECT run_id, started_at, name FROM run")
    }


def keep(engine: Engine, run_id: int, findings: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
    """Keep what a run found on hosts, each given by its id. Hosts that this run has judged before stay as they are."""
    order = order_of_runs(engine)
    there = {host_id for (host_id,) in engine.rows("SELECT host_id FROM judged WHERE run_id = ?", (run_id,))}
    for ids in chunks(sorted(findings.keys() - there)):
        latest = {
            host_id: (last, previous)
            for host_id, last, previous in engine.rows(
                f"SELECT host_id, run_id, previous_run_id FROM latest WHERE host_id IN {marks(len(ids))}", ids
            )
        }
        first_seen = _first_seen(
            engine,
            {
                host_id: before
                for host_id in ids
                if findings[host_id] and (before := _run_before(engine, order, run_id, host_id, latest.get(host_id)))
            },
        )
        now = order[run_id][0]
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
                    clean_text(entry["severity"]),
                    clean_text(entry["status"]),
                    _real(entry["value"]),
                    _real(entry["limit"]),
                    first_seen.get((host_id, dimension, kind), now),
                )
                for host_id in ids
                for place, entry in enumerate(findings[host_id])
                for dimension, kind in [(clean_text(entry["dimension"]), clean_text(entry["kind"]))]
            ],
        )
        engine.put(
            "latest",
            [(host_id, *_two_latest(order, [run_id, *latest.get(host_id, ())])) for host_id in ids],
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


def find_latest(engine: Engine, hosts: Sequence[int]) -> None:
    """Work out anew which two runs judged each of *hosts* (ids, in order) most recently."""
    order = order_of_runs(engine)
    runs: dict[int, list[int]] = {host_id: [] for host_id in hosts}
    known = "SELECT host_id, run_id FROM judged WHERE run_id IN (SELECT run_id FROM run) AND host_id BETWEEN ? AND ?"
    for host_id, run_id in engine.rows(known, (hosts[0], hosts[-1])):
        if host_id in runs:
            runs[host_id].append(run_id)
    engine.remove("latest", [(host_id,) for host_id in hosts])
    engine.put("latest", [(host_id, *_two_latest(order, of_host)) for host_id, of_host in runs.items() if of_host])


def _two_latest(order: Order, runs: Sequence[int | None]) -> tuple[int, int | None]:
    known = sorted({run_id for run_id in runs if run_id is not None}, key=order.__getitem__, reverse=True)
    return known[0], known[1] if len(known) > 1 else None


def _run_before(
    engine: Engine, order: Order, run_id: int, host_id: int, latest: tuple[int, int | None] | None
) -> int | None:
    """Return the run that judged a host before this one did."""
    for candidate in latest or ():
        if candidate is None:
            return None
        if order[candidate] < order[run_id]:
            return candidate
    if latest is None:
        return None
    # A run that comes late, older than the two that are known at once.
    older = [
        found
        for (found,) in engine.rows(
            "SELECT run_id FROM judged WHERE run_id IN (SELECT run_id FROM run) AND host_id = ?", (host_id,)
        )
        if order[found] < order[run_id]
    ]
    return max(older, key=order.__getitem__, default=None)


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
