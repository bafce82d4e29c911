# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a store in order: what is old goes, and what is there is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median_low

from ..model.sample import COLUMNS, UNKNOWN
from .engine import Engine, chunks
from .packing import Numbers, trimmed, unpacked
from .rows import HOSTS_AT_ONCE, all_host_ids, rows_by_host
from .schema import ROLLED_UP, from_stored, marks
from .store import Retention

DAY = 86400
OF_HOST = ("sample", "series", "rollup", "judged", "latest", "finding", "host")
OF_RUN = ("run_slice", "sample", "judged", "finding")
_KNOWN_RUNS = "run_id IN (SELECT run_id FROM run)"
_PLACES = {name: COLUMNS.index(name) for name in (*ROLLED_UP, "boot_key", "kernel_key")}


def prune(engine: Engine, retention: Retention, now: int) -> dict[str, int]:
    """Remove what is older than *retention* allows and return how much of each went.

    A sample that is in its host's series stays however old it is, so that hosts that are seldom audited keep a history,
    and a series can always be made anew. Each step is a transaction, so other writers need not wait long, and a prune
    that is cut short does no harm.
    """
    gone = Counter({"samples": 0, "rollups": 0, "findings": 0, "runs": 0, "hosts": 0})
    before = (now - retention.samples_days * DAY) // DAY * DAY
    seen_after = now - max(retention.rollup_days, retention.samples_days) * DAY
    for chunk in chunks(all_host_ids(engine), HOSTS_AT_ONCE):
        with engine.writing():
            gone.update(_remove_hosts(engine, chunk, seen_after))
            gone["samples"] += _remove_samples(engine, chunk, before)
    with engine.writing():
        gone["rollups"] += engine.change(
            "DELETE FROM rollup WHERE day < ?", ((now - retention.rollup_days * DAY) // DAY,)
        )
        gone["findings"] += _remove_findings(engine, now - retention.findings_days * DAY)
        gone["runs"] += _remove_runs(engine, before)
        nothing_of = " AND ".join(
            f"host_id NOT IN (SELECT host_id FROM {table})" for table in ("series", "latest", "finding", "rollup")
        )
        gone["hosts"] += engine.change(f"DELETE FROM host WHERE {nothing_of}")
    return dict(gone)


def verify(engine: Engine) -> list[str]:
    """Return what is wrong inside the store, one sentence each."""
    problems = engine.problems()
    if problems:
        return problems
    wrong: list[str] = []
    for chunk in chunks(all_host_ids(engine), HOSTS_AT_ONCE):
        with engine.writing():  # so that no run comes in between the samples and the series
            wrong += _wrong_series(engine, chunk)
    if wrong:
        names = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        problems.append(
            f"The series of {names} {'is' if len(wrong) == 1 else 'are'} not what the samples say; make the series "
            "anew."
        )
    with engine.writing():
        for table in OF_HOST[:-1]:
            problems += _orphans(engine, table, "host")
        for table in OF_RUN:
            problems += _orphans(engine, table, "run")
        ((miscounted,),) = engine.rows(
            "SELECT count(*) FROM run WHERE samples <> (SELECT count(*) FROM sample WHERE sample.run_id = run.run_id)"
        )
    if miscounted:
        problems.append(f"{miscounted} runs have another number of samples than they say.")
    return problems


def _wrong_series(engine: Engine, hosts: Sequence[int]) -> list[str]:
    """Return the names of hosts whose series is not what their samples say."""
    held = {
        host_id: (form, data, newest_at)
        for host_id, form, data, newest_at in engine.rows(
            f"SELECT host_id, form, data, newest_at FROM series WHERE host_id IN {marks(len(hosts))}", hosts
        )
    }
    wrong = []
    for host_id, rows in rows_by_host(engine, hosts):
        kept = trimmed(rows)
        if (_unpacked(held.get(host_id)) if kept else held.get(host_id, [])) != kept:
            wrong.append(host_id)
    return (
        [
            name
            for (name,) in engine.rows(
                f"SELECT name FROM host WHERE host_id IN {marks(len(wrong))} ORDER BY name", wrong
            )
        ]
        if wrong
        else []
    )


def _unpacked(held: tuple[int, bytes, int] | None) -> list[Numbers] | None:
    if held is None:
        return None
    try:
        rows = unpacked(held[0], held[1])
    except ValueError:
        return None
    return rows if rows and rows[-1][0] == held[2] else None


def _orphans(engine: Engine, table: str, of: str) -> list[str]:
    ((number,),) = engine.rows(f"SELECT count(*) FROM {table} WHERE {of}_id NOT IN (SELECT {of}_id FROM {of})")
    return [f"{number} rows of the table {table} are of a {of} that is not there."] if number else []


def _remove_hosts(engine: Engine, hosts: Sequence[int], seen_after: int) -> dict[str, int]:
    """Remove all that is known of hosts that were seen last before a time."""
    old = [
        host_id
        for (host_id,) in engine.rows(
            f"SELECT host_id FROM series WHERE newest_at < ? AND host_id IN {marks(len(hosts))}", (seen_after, *hosts)
        )
    ]
    if not old:
        return {}
    these = f"host_id IN {marks(len(old))}"
    for run_id, number in engine.rows(
        f"SELECT run_id, count(*) FROM sample WHERE {_KNOWN_RUNS} AND {these} GROUP BY run_id", old
    ):
        engine.change("UPDATE run SET samples = samples - ? WHERE run_id = ?", (number, run_id))
    counts = {
        table: engine.change(
            f"DELETE FROM {table} WHERE " + (f"{_KNOWN_RUNS} AND " if table in OF_RUN else "") + these, old
        )
        for table in OF_HOST
    }
    return {
        "hosts": counts["host"],
        "samples": counts["sample"],
        "rollups": counts["rollup"],
        "findings": counts["finding"],
    }


def _remove_samples(engine: Engine, hosts: Sequence[int], before: int) -> int:
    """Remove samples of the days before a time that are in no series, once their day is rolled up; return how many."""
    old: list[tuple[int, int, Numbers]] = [
        (run_id, host_id, from_stored(numbers))
        for run_id, host_id, *numbers in engine.rows(
            f"SELECT run_id, host_id, {', '.join(COLUMNS)} FROM sample WHERE {_KNOWN_RUNS} AND host_id BETWEEN ? AND "
            "? AND collected_at < ?",
            (hosts[0], hosts[-1], before),
        )
    ]
    if not old:
        return 0
    concerned = sorted({host_id for _run_id, host_id, _row in old})
    kept = {
        host_id: set(unpacked(form, data))
        for host_id, form, data in engine.rows(
            f"SELECT host_id, form, data FROM series WHERE host_id IN {marks(len(concerned))}", concerned
        )
    }
    going = [(run_id, host_id, row) for run_id, host_id, row in old if row not in kept.get(host_id, ())]
    days = {(host_id, row[0] // DAY) for _run_id, host_id, row in going}
    groups: dict[tuple[int, int, int, int], list[Numbers]] = {}
    for _run_id, host_id, row in old:
        if (host_id, row[0] // DAY) in days:
            groups.setdefault(
                (host_id, row[0] // DAY, row[_PLACES["boot_key"]], row[_PLACES["kernel_key"]]), []
            ).append(row)
    # A day is rolled up when the first of its samples goes; by then it is long over, and what goes later is in it
    # already.
    engine.put("rollup", [(*key, len(rows), *_summary(rows)) for key, rows in groups.items()])
    for run_id, number in Counter(run_id for run_id, _host_id, _row in going).items():
        engine.change("UPDATE run SET samples = samples - ? WHERE run_id = ?", (number, run_id))
    engine.remove("sample", [(run_id, host_id) for run_id, host_id, _row in going])
    return len(going)


def _summary(rows: Sequence[Numbers]) -> list[int | None]:
    """Return the median, lowest and highest of each amount."""
    summary: list[int | None] = []
    for name in ROLLED_UP:
        known = [row[_PLACES[name]] for row in rows if row[_PLACES[name]] != UNKNOWN]
        median, low, high = (median_low(known), min(known), max(known)) if known else (None, None, None)
        summary += [median, None if low == median else low, None if high == median else high]
    return summary


def _remove_findings(engine: Engine, before: int) -> int:
    old = "SELECT run_id FROM run WHERE started_at < ?"
    engine.change(f"DELETE FROM latest WHERE run_id IN ({old})", (before,))
    engine.change(f"UPDATE latest SET previous_run_id = NULL WHERE previous_run_id IN ({old})", (before,))
    engine.change(f"DELETE FROM judged WHERE run_id IN ({old})", (before,))
    return engine.change(f"DELETE FROM finding WHERE run_id IN ({old})", (before,))


def _remove_runs(engine: Engine, before: int) -> int:
    """Remove runs of which nothing is left. Who was judged is kept for the latest two runs of each host."""
    engine.change(
        "DELETE FROM judged WHERE run_id IN (SELECT run_id FROM run WHERE started_at < ?) AND NOT EXISTS (SELECT 1 "
        "FROM latest "
        "WHERE latest.host_id = judged.host_id AND (latest.run_id = judged.run_id OR latest.previous_run_id = "
        "judged.run_id))",
        (before,),
    )
    gone = engine.change(
        "DELETE FROM run WHERE started_at < ? AND samples = 0 AND NOT EXISTS (SELECT 1 FROM finding WHERE "
        "finding.run_id = run.run_id) "
        "AND NOT EXISTS (SELECT 1 FROM judged WHERE judged.run_id = run.run_id)",
        (before,),
    )
    engine.change("DELETE FROM run_slice WHERE run_id NOT IN (SELECT run_id FROM run)")
    return gone
