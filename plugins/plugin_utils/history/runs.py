# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of whole runs: whether their report was written, and what they come to over the fleet.

"The last run" is the last whose report was written and that judged a host live. Imports, empty runs, saved copies and
runs that were killed before their report are none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model.fleet import FleetSums, Measure, RunSums
from . import judged
from .engine import Engine
from .guard import guarded
from .ids import known_run_id
from .schema import SHARE_COLUMNS, clean_text
from .store import HistoryError, LastRun


class StoredRuns:
    """See ``store.Runs`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @guarded
    def reported(self, run_id: str) -> None:
        """Note that the report of a run is written."""
        with self.engine.writing():
            key = self._known(run_id)
            self.engine.change(
                "UPDATE run SET reported_at = ? WHERE run_id = ? AND reported_at IS NULL", (self.engine.now(), key)
            )
            judged.count_in(self.engine, key)

    @guarded
    def keep_sums(self, run_id: str, sums: FleetSums) -> None:
        """Keep what a run comes to over the fleet, in place of what was kept of it before."""
        with self.engine.writing():
            key = self._known(run_id)
            for table in ("fleet_verdict", "fleet_measure"):
                self.engine.change(f"DELETE FROM {table} WHERE run_id = ?", (key,))
            self.engine.put(
                "fleet_verdict", [(key, clean_text(verdict), hosts) for verdict, hosts in sums.verdicts.items()]
            )
            self.engine.put(
                "fleet_measure",
                [(key, clean_text(one.name), one.hosts, one.sum_bytes, *one.shares) for one in sums.measures],
            )

    @guarded
    def last(self, *, without_run: str | None = None) -> LastRun | None:
        """Return who answered in "the last run", without the run of that name; None where there is none."""
        if self.engine.version < 2:
            return None
        found = self.engine.rows(
            f"SELECT run_id FROM run WHERE {judged.COUNTS} AND name <> ? ORDER BY started_at DESC, name DESC LIMIT 1",
            ("" if without_run is None else clean_text(without_run),),
        )
        for (key,) in found:
            names = self.engine.rows("SELECT name FROM judged JOIN host USING (host_id) WHERE run_id = ?", (key,))
            unknown = self.engine.rows(
                "SELECT hosts FROM fleet_verdict WHERE run_id = ? AND verdict = 'unknown'", (key,)
            )
            return LastRun(frozenset(name for (name,) in names), sum(hosts for (hosts,) in unknown))
        return None

    @guarded
    def sums(self, since: int = 0) -> Iterator[RunSums]:
        """Yield the sums of each run that began at *since* or later, in the order of time."""
        if self.engine.version < 2:
            return
        verdicts: dict[int, dict[str, int]] = {}
        of_these = "JOIN run USING (run_id) WHERE run.started_at >= ?"
        for key, verdict, hosts in self.engine.rows(
            f"SELECT run_id, verdict, hosts FROM fleet_verdict {of_these} ORDER BY verdict", (since,)
        ):
            verdicts.setdefault(key, {})[verdict] = hosts
        measures: dict[int, list[Measure]] = {}
        for key, name, hosts, total, *shares in self.engine.rows(
            f"SELECT run_id, measure, hosts, sum_bytes, {', '.join(SHARE_COLUMNS)} FROM fleet_measure {of_these} "
            "ORDER BY measure",
            (since,),
        ):
            measures.setdefault(key, []).append(Measure(name, hosts, int(total), tuple(shares)))
        for key, name, started_at in self.engine.rows(
            "SELECT run_id, name, started_at FROM run WHERE started_at >= ? ORDER BY started_at, name", (since,)
        ):
            if key in verdicts or key in measures:
                sums = FleetSums(verdicts.get(key, {}), tuple(measures.get(key, ())))
                yield RunSums(name, started_at, sums)

    def _known(self, run_id: str) -> int:
        key = known_run_id(self.engine, run_id)
        if key is None:
            raise HistoryError(f"The history {self.engine.name} has no run {clean_text(run_id)}; append it first.")
        return key


def last_report_at(engine: Engine, without: str | None = None) -> int | None:
    """Return when "the last run" began, without the run of that name."""
    condition = judged.COUNTS if engine.version > 1 else "source = 'audit'"
    ((found,),) = engine.rows(
        f"SELECT max(started_at) FROM run WHERE {condition} AND name <> ?",
        ("" if without is None else clean_text(without),),
    )
    return None if found is None else int(found)
