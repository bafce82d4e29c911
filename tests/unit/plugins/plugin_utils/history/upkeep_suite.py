# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every history store must do with findings, with what is old, and with what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryStore,
    NewFinding,
    PastFinding,
    Pruned,
    Rebuilt,
    Retention,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    GIB,
    HOUR,
    MIDNIGHT,
    add,
    all_series,
    expected,
    exported,
    finding,
    sample,
)


def since(store: HistoryStore, host: str = "web1", **options: Any) -> dict[tuple[str, str], int]:
    """Since when the findings of a host are there, in days after MIDNIGHT."""
    return {
        (each.dimension, each.kind): (each.first_seen_at - MIDNIGHT) // DAY
        for each in store.last_findings([host], **options)[host]
    }


class UpkeepSuite:
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    @pytest.fixture
    def opened(self, where: str) -> Iterator[SqlStore]:
        store = open_store(where)
        assert isinstance(store, SqlStore)
        yield store
        store.close()

    def test_a_finding_that_stays_keeps_its_first_day(self, opened: SqlStore) -> None:
        """ "For 12 days" in the report must be true; one that went and came back is new."""
        growth, limit = ("slab_unreclaimable", "growth"), ("percpu", "limit")
        steps: list[tuple[list[NewFinding], dict[tuple[str, str], int]]] = [
            ([finding()], {growth: 0}),
            ([finding(severity="critical"), finding(*limit)], {growth: 0, limit: 1}),
            ([finding(*limit)], {limit: 1}),
            ([finding(), finding(*limit), finding(*limit, value=7.0)], {growth: 3, limit: 1}),
            ([], {}),
            ([finding()], {growth: 5}),
        ]
        for day, (findings, wanted) in enumerate(steps):
            add(opened, f"r{day}", MIDNIGHT + day * DAY, findings={"web1": findings})
            assert since(opened) == wanted

    def test_the_run_before_is_the_one_before_in_time(self, opened: SqlStore) -> None:
        """Slices and imports come in any order."""
        for day in (1, 5, 3, 7):
            add(opened, f"r{day}", MIDNIGHT + day * DAY, findings={"web1": [finding()] if day != 5 else []})
        assert since(opened) == {("slab_unreclaimable", "growth"): 7}
        add(opened, "r2", MIDNIGHT + 2 * DAY, findings={"web1": [finding()]})
        add(opened, "r8", MIDNIGHT + 8 * DAY, findings={"web1": [finding()]})
        kept = {
            record["run"]: record["findings"][0]["first_seen_at"]
            for record in opened.upkeep.export()
            if record["record"] == "judged" and record["findings"]
        }
        assert {run: (moment - MIDNIGHT) // DAY for run, moment in kept.items()} == {
            "r1": 1,
            "r2": 1,
            "r3": 1,
            "r7": 7,
            "r8": 7,
        }

    def test_no_finding_and_not_judged_are_two_things(self, opened: SqlStore) -> None:
        """ "Resolved" may be said only of a host that was judged."""
        add(opened, "r1", MIDNIGHT, [sample("web1"), sample("imported")], {"web1": [finding()], "unreachable": []})
        assert {host: len(found) for host, found in opened.last_findings().items()} == {"web1": 1, "unreachable": 0}
        assert opened.last_findings()["web1"] == [
            PastFinding("web1", "slab_unreclaimable", "growth", "warning", "confirmed", 3.5e9, 1e9, MIDNIGHT, MIDNIGHT)
        ]

    def test_a_retry_compares_with_the_run_before(self, opened: SqlStore) -> None:
        """Otherwise a second try of the report would say that nothing is new."""
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        add(opened, "r2", MIDNIGHT + DAY, findings={"web1": [], "web2": [finding()]})
        assert since(opened) == {}
        assert set(opened.last_findings(without_run="r2")) == {"web1"}
        assert since(opened, without_run="r2") == {("slab_unreclaimable", "growth"): 0}

    def test_pruning_keeps_what_the_rules_see_and_a_summary_of_the_rest(self, opened: SqlStore) -> None:
        """Old samples go, and neither a series nor a later rebuild may change by it."""
        samples = [sample(moment=MIDNIGHT + hour * HOUR, slab=(hour % 24) * GIB) for hour in range(0, 80 * 24, 4)]
        for number, each in enumerate(samples):
            add(opened, f"r{number}", each.collected_at, [each], {} if number % 6 else {"web1": []})
        before, every = all_series(opened), list(opened.samples())
        now = MIDNIGHT + 80 * DAY + 5 * HOUR
        opened.engine.rows_days = 8
        opened.upkeep.prune(Retention(samples_days=90), now)
        assert (all_series(opened), list(opened.samples())) == (before, every), "packing loses nothing"
        gone = opened.upkeep.prune(Retention(samples_days=20), now, thorough=True)
        block_ends = [day for day in range(MIDNIGHT // DAY, now // DAY - 20) if day % 30 == 0][-1]
        summed = block_ends - MIDNIGHT // DAY + 1
        assert gone.samples == summed * 6 and opened.info.samples == (80 - summed) * 6
        assert all_series(opened) == before == expected(samples)
        assert opened.upkeep.verify() == []
        days = [dict(record["numbers"]) for record in opened.upkeep.export() if record["record"] == "rollup"]
        assert [day["day"] for day in days] == [MIDNIGHT // DAY + day for day in range(summed)]
        assert {
            (
                day["samples"],
                day["slab_unreclaimable_kib_low"],
                day["slab_unreclaimable_kib"],
                day["slab_unreclaimable_kib_high"],
            )
            for day in days
        } == {(6, 0, 8 * 2**20, 20 * 2**20)}
        assert {day["percpu_kib_low"] for day in days} == {None}, "what did not vary is kept once"
        state = exported(opened)
        again = opened.upkeep.prune(Retention(samples_days=20), now, thorough=True)
        assert replace(again, stays=()) == Pruned(), "pruning again finds nothing"
        assert exported(opened) == state
        assert opened.upkeep.rebuild() == Rebuilt(1, 0, 0)
        assert all_series(opened) == before

    def test_a_host_that_is_seldom_audited_keeps_its_history(self, opened: SqlStore) -> None:
        """Audits every fortnight would else never have a baseline."""
        samples = [sample(moment=MIDNIGHT + number * 14 * DAY) for number in range(12)]
        for number, each in enumerate(samples):
            add(opened, f"r{number}", each.collected_at, [each])
        opened.upkeep.prune(Retention(), MIDNIGHT + 12 * 14 * DAY)
        assert all_series(opened) == expected(samples) and len(all_series(opened)["web1"]) == 12
        assert opened.upkeep.verify() == []

    def test_old_findings_and_hosts_that_are_gone_are_forgotten(self, opened: SqlStore) -> None:
        """What was replaced years ago must not stay for ever."""
        add(
            opened,
            "old",
            MIDNIGHT,
            [sample("gone"), sample("web1")],
            {"gone": [finding()], "web1": [finding()], "never seen": []},
        )
        add(opened, "new", MIDNIGHT + 399 * DAY, [sample("web1", MIDNIGHT + 399 * DAY)])
        assert opened.upkeep.prune(Retention(), MIDNIGHT + 400 * DAY) == Pruned()
        gone = opened.upkeep.prune(Retention(), MIDNIGHT + 402 * DAY)
        assert (gone.hosts, gone.findings, gone.samples) == (2, 2, 1)
        assert set(opened.last_findings()) == set(all_series(opened)) == {"web1"}
        assert len(all_series(opened)["web1"]) == 2
        assert opened.upkeep.verify() == []
        assert "gone" not in repr(exported(opened))

    @pytest.mark.parametrize(
        ("damage", "sentence"),
        [
            ("DELETE FROM series WHERE host_id = 1", "The series of web1 is not what"),
            ("UPDATE series SET newest_at = 7 WHERE host_id = 1", "The series of web1 is not what"),
            ("UPDATE series SET form = 9", "The series of web1, web2 are not what"),
            ("UPDATE sample SET percpu_kib = percpu_kib + 1", "The series of web1, web2 are not what"),
            ("UPDATE run SET samples = 9", "1 runs have another number of samples"),
        ],
    )
    def test_damage_is_found_and_a_rebuild_mends_series(self, opened: SqlStore, damage: str, sentence: str) -> None:
        add(opened, "r1", MIDNIGHT, [sample("web1"), sample("web2")])
        with opened.engine.writing():
            opened.engine.change(damage)
        assert [problem for problem in opened.upkeep.verify() if sentence in problem]
        assert "with the operation rebuild." in " ".join(opened.upkeep.verify()), "what to do is said"
        assert opened.upkeep.rebuild() == Rebuilt(2, 0, 0)
        assert opened.upkeep.verify() == []

    @pytest.mark.parametrize("table", ["sample", "series", "judged", "latest", "finding"])
    def test_rows_without_a_host_are_found(self, opened: SqlStore, table: str) -> None:
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        with opened.engine.writing():
            opened.engine.change("DELETE FROM host")
        assert f"1 rows of the table {table} are of a host that is not there." in opened.upkeep.verify()

    @pytest.mark.parametrize("table", ["sample", "judged", "finding", "run_slice"])
    def test_rows_without_a_run_are_found(self, opened: SqlStore, table: str) -> None:
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        with opened.engine.writing():
            opened.engine.change("DELETE FROM run")
        assert f"1 rows of the table {table} are of a run that is not there." in opened.upkeep.verify()
