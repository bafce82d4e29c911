# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ids of runs and hosts, the samples of some hosts, and series made anew from them: what all other files here
build on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ..model.sample import COLUMNS
from . import judged
from .engine import Engine, chunks
from .packing import Numbers, packed, trimmed
from .schema import clean_text, from_stored, marks
from .store import RunRecord

HOSTS_AT_ONCE = 100
"""Of so many hosts all samples are in memory at once."""


def run_id_of(engine: Engine, run: RunRecord) -> int:
    """Return the id of a run, which is made where it is not there. The parts of a run are one run, which began when
    the first began.
    """
    name = clean_text(run.run_id)
    engine.put("run", [(name, run.started_at, clean_text(run.source), clean_text(run.tool_version), 0)])
    engine.change(
        "UPDATE run SET started_at = ? WHERE name = ? AND started_at > ?", (run.started_at, name, run.started_at)
    )
    run_id = int(engine.rows("SELECT run_id FROM run WHERE name = ?", (name,))[0][0])
    engine.put("run_slice", [(run_id, clean_text(run.run_slice), run.started_at)])
    return run_id


def host_ids_of(engine: Engine, names: Collection[str], now: int) -> dict[str, int]:
    """Return the ids of hosts by their (clean) names; those that are not there are made."""
    found: dict[str, int] = {}
    for chunk in chunks(names):
        query = f"SELECT name, host_id FROM host WHERE name IN {marks(len(chunk))}"
        there: dict[str, int] = dict(engine.rows(query, chunk))
        if len(there) < len(chunk):
            engine.put("host", [(name, now) for name in chunk if name not in there])
            there = dict(engine.rows(query, chunk))
        found.update(there)
    return found


def all_host_ids(engine: Engine) -> list[int]:
    """Return the ids of all hosts, in order."""
    return [host_id for (host_id,) in engine.rows("SELECT host_id FROM host ORDER BY host_id")]


def rows_by_host(
    engine: Engine, hosts: Sequence[int], *, without_run: int | None = None
) -> Iterator[tuple[int, list[Numbers]]]:
    """Yield each of *hosts* (ids, in order) with all its samples as rows of a series, in no order, without those of
    a run.
    """
    for chunk in chunks(hosts, HOSTS_AT_ONCE):
        rows: dict[int, list[Numbers]] = {host_id: [] for host_id in chunk}
        # Of each run in turn, so that the key (run, host) finds the few rows at once.
        known = (
            f"SELECT run_id, host_id, {', '.join(COLUMNS)} FROM sample WHERE run_id IN (SELECT run_id FROM run) "
            "AND host_id BETWEEN ? AND ?"
        )
        for run_id, host_id, *numbers in engine.rows(known, (chunk[0], chunk[-1])):
            if host_id in rows and run_id != without_run:
                rows[host_id].append(from_stored(numbers))
        yield from rows.items()


def rebuild(engine: Engine, hosts: Sequence[int] | None = None) -> int:
    """Make the series of *hosts* (ids, in order; None is all) anew, and what was found latest; return how many
    series there are of them.
    """
    made = 0
    for chunk in chunks(all_host_ids(engine) if hosts is None else hosts, HOSTS_AT_ONCE):
        engine.remove("series", [(host_id,) for host_id in chunk])
        series = []
        for host_id, rows in rows_by_host(engine, chunk):
            if rows:
                kept = trimmed(rows)
                series.append((host_id, *packed(kept), kept[-1][0]))
        engine.put("series", [(host_id, form, newest_at, data) for host_id, form, data, newest_at in series])
        judged.find_latest(engine, chunk)
        made += len(series)
    return made


def count_samples(engine: Engine) -> None:
    """Count anew how many samples each run has."""
    engine.change("UPDATE run SET samples = (SELECT count(*) FROM sample WHERE sample.run_id = run.run_id)")
