# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with runs: which is "the last run", and what a run comes to over the fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryError,
    LastRun,
    Retention,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import (
    SHARES,
    FleetSums,
    Measure,
    sums_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Origin
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    GIB,
    MIDNIGHT,
    add,
    exported,
    finding,
    sample,
)

SUMS = FleetSums(
    {"ok": 7, "critical": 1},
    (Measure("memory_total", 8, 512 * GIB, (1.0,) * len(SHARES)), Measure("percpu", 0, 0, (None,) * len(SHARES))),
)


class RunsSuite:
    """Whoever takes it in has the fixtures ``where`` and ``another``."""

    @pytest.fixture
    def runs(self, where: str) -> Iterator[SqlStore]:
        store = open_store(where)
        assert isinstance(store, SqlStore)
        yield store
        assert store.upkeep.verify() == []
        store.close()

    def test_the_last_run_is_the_last_that_was_reported(self, runs: SqlStore) -> None:
        """A run that was killed before its report has told nobody anything: what it found is still new."""
        add(runs, "r1", MIDNIGHT, findings={"web1": []})
        add(runs, "killed", MIDNIGHT + DAY, findings={"web1": [finding()]}, reported=False)
        assert runs.info.last_report_at == MIDNIGHT and runs.info.last_run_at == MIDNIGHT + DAY
        assert runs.last_findings() == {"web1": []}
        add(runs, "r3", MIDNIGHT + 2 * DAY, findings={"web1": [finding()]})
        (found,) = runs.last_findings()["web1"]
        assert (found.first_seen_at, found.seen_at) == (MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY)

    def test_a_report_that_comes_late_counts_from_then_on(self, runs: SqlStore) -> None:
        """The report may be made again from what was gathered."""
        add(runs, "r1", MIDNIGHT, findings={"web1": []})
        add(runs, "r2", MIDNIGHT + DAY, findings={"web1": [finding()], "web2": []}, reported=False)
        runs.runs.reported("r2")
        runs.runs.reported("r2")
        assert runs.info.last_report_at == MIDNIGHT + DAY
        assert {host: len(found) for host, found in runs.last_findings().items()} == {"web1": 1, "web2": 0}
        assert runs.last_findings(without_run="r2") == {"web1": []}

    def test_imports_and_saved_copies_and_empty_runs_are_no_last_run(self, runs: SqlStore) -> None:
        """ "Changed since" must compare with what somebody was told of running hosts."""
        add(runs, "r1", MIDNIGHT, findings={"web1": [finding()]})
        add(runs, "import", MIDNIGHT + DAY, findings={}, source="import:sysstat")
        add(runs, "saved", MIDNIGHT + 2 * DAY, [sample(origin=Origin.SAVED)], {"web1": []})
        add(runs, "nobody answered", MIDNIGHT + 3 * DAY, [], {})
        add(runs, "nobody was judged", MIDNIGHT + 4 * DAY, [sample(moment=MIDNIGHT + 4 * DAY)], {})
        assert runs.info.last_report_at == MIDNIGHT
        assert len(runs.last_findings()["web1"]) == 1
        assert runs.info_without("r1").last_report_at is None

    def test_who_answered_in_the_last_run(self, runs: SqlStore) -> None:
        """So that the next can say who has stopped to answer; what nobody was told of counts for nothing."""
        assert runs.runs.last() is None
        add(runs, "r1", MIDNIGHT, [sample(), sample("web2")], {"web1": [finding()], "web2": []})
        runs.runs.keep_sums("r1", FleetSums({"ok": 2, "unknown": 3}, ()))
        add(runs, "r2", MIDNIGHT + DAY, [sample(moment=MIDNIGHT + DAY)], {"web1": []})
        add(runs, "import", MIDNIGHT + 2 * DAY, findings={}, source="import:sysstat")
        add(runs, "killed", MIDNIGHT + 3 * DAY, findings={"web2": []}, reported=False)
        assert runs.runs.last() == LastRun(frozenset({"web1"}), 0)
        assert runs.runs.last(without_run="r2") == LastRun(frozenset({"web1", "web2"}), 3)

    def test_an_imported_sample_says_so(self, runs: SqlStore) -> None:
        """Whoever made it: what comes by an import was not gathered."""
        add(runs, "import", MIDNIGHT, [sample()], {}, source="import:pcp")
        add(runs, "live", MIDNIGHT + DAY, [sample(moment=MIDNIGHT + DAY)])
        (series,) = runs.series()
        assert list(series.columns["origin"]) == [Origin.IMPORTED, Origin.LIVE]

    def test_a_run_that_is_not_there_is_one_sentence(self, runs: SqlStore) -> None:
        with pytest.raises(HistoryError, match=r"has no run never; append it first\.$"):
            runs.runs.reported("never")
        with pytest.raises(HistoryError, match=r"has no run never; append it first\.$"):
            runs.runs.keep_sums("never", SUMS)

    def test_sums_of_the_fleet_come_back_in_the_order_of_time(self, runs: SqlStore) -> None:
        """The page's trends are made of them, without reading a single sample."""
        for day in (2, 0, 1):
            add(runs, f"r{day}", MIDNIGHT + day * DAY)
            runs.runs.keep_sums(f"r{day}", FleetSums({"ok": day}, SUMS.measures))
        add(runs, "without", MIDNIGHT + 3 * DAY)
        found = list(runs.runs.sums(MIDNIGHT + DAY))
        assert [(one.run_id, one.started_at, one.sums.verdicts) for one in found] == [
            ("r1", MIDNIGHT + DAY, {"ok": 1}),
            ("r2", MIDNIGHT + 2 * DAY, {"ok": 2}),
        ]
        assert set(found[0].sums.measures) == set(SUMS.measures)
        runs.runs.keep_sums("r1", SUMS)
        assert next(iter(runs.runs.sums(MIDNIGHT + DAY))).sums.verdicts == SUMS.verdicts, "the later word counts"

    def test_sums_stay_as_long_as_the_history(self, runs: SqlStore) -> None:
        """Of a run whose samples are long gone, the page still shows what the fleet came to."""
        add(runs, "old", MIDNIGHT, findings={}, reported=False)
        runs.runs.keep_sums("old", SUMS)
        add(runs, "new", MIDNIGHT + 300 * DAY, [sample("web2", MIDNIGHT + 300 * DAY)])
        with runs.engine.writing():
            runs.engine.change("DELETE FROM sample WHERE host_id = 1")
            runs.engine.change("UPDATE run SET samples = 0 WHERE name = 'old'")
        runs.upkeep.rebuild()
        runs.upkeep.prune(Retention(), MIDNIGHT + 300 * DAY)
        assert [one.run_id for one in runs.runs.sums()] == ["old"]
        for _month in range(4):
            runs.upkeep.prune(Retention(), MIDNIGHT + 410 * DAY)
        assert list(runs.runs.sums()) == [] and runs.info.runs == 1

    def test_an_export_has_them(self, runs: SqlStore, another: Callable[[], str]) -> None:
        """And taking it twice changes nothing."""
        add(runs, "r1", MIDNIGHT)
        runs.runs.keep_sums("r1", sums_of([sample(), sample("web2", balloon_bytes=None)], {"ok": 2}))
        add(runs, "r2", MIDNIGHT + DAY, reported=False)
        other = open_store(another())
        for _time in range(2):
            other.upkeep.load(list(runs.upkeep.export()))
            assert exported(other) == exported(runs)
            assert list(other.runs.sums()) == list(runs.runs.sums())
            assert other.info.last_report_at == MIDNIGHT
        other.close()
