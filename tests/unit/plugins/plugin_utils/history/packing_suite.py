# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do when older samples are packed and old ones go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryError,
    Pruned,
    Rebuilt,
    Retention,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import row_of, series_of
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
    lines,
    sample,
)


def rows(store: SqlStore) -> int:
    """How many samples are still rows."""
    ((number,),) = store.engine.rows("SELECT count(*) FROM sample")
    return int(number)


class PackingSuite:
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    @pytest.fixture
    def packing(self, where: str) -> Iterator[SqlStore]:
        store = open_store(where)
        assert isinstance(store, SqlStore)
        store.engine.rows_days = 8
        yield store
        store.close()

    @staticmethod
    def audit(store: SqlStore, days: int, every: int = DAY, hosts: int = 1, prune: bool = True) -> None:
        """Audit hosts for days, and prune after each audit as an audit does."""
        for moment in range(MIDNIGHT, MIDNIGHT + days * DAY, every):
            samples = [sample(f"web{host}", moment, slab=moment - MIDNIGHT + host) for host in range(hosts)]
            add(store, f"r{moment}", moment, samples)
            if prune and store.upkeep.is_due(moment):
                store.upkeep.prune(Retention(), moment)

    def test_a_year_of_daily_audits_is_packed_and_every_sample_is_there(self, packing: SqlStore) -> None:
        """Nothing is lost, not even the second at which it was taken, and the rules see what they saw."""
        self.audit(packing, 130, hosts=2)
        assert 2 * 8 <= rows(packing) <= 2 * 39
        wanted = {
            f"web{host}": [sample(f"web{host}", MIDNIGHT + day * DAY, slab=day * DAY + host) for day in range(130)]
            for host in range(2)
        }
        assert {series.host: series for series in packing.samples()} == {
            host: series_of(host, [row_of(each) for each in samples]) for host, samples in wanted.items()
        }
        assert all_series(packing) == expected(each for samples in wanted.values() for each in samples)
        assert packing.info.samples == 260 and packing.upkeep.verify() == []
        assert not [record for record in exported(packing) if record["record"] == "rollup"], (
            "a sample is its own summary"
        )

    def test_each_day_a_part_of_the_hosts_is_packed(self, packing: SqlStore) -> None:
        """A large fleet must not be packed all in the first audit of a month."""
        names = [f"host{number}" for number in range(300)]
        for day in range(40):
            add(packing, f"r{day}", MIDNIGHT + day * DAY, [sample(name, MIDNIGHT + day * DAY) for name in names])
        packing.upkeep.prune(Retention(), MIDNIGHT + 40 * DAY)
        packed: list[int] = []
        for day in range(41, 78):
            before = rows(packing)
            packing.upkeep.prune(Retention(), MIDNIGHT + day * DAY)
            packed.append(before - rows(packing))
        assert 3 <= sum(number > 0 for number in packed) <= 6, "on the days of three groups of hosts"
        assert max(packed) <= 128 * 30 and rows(packing) == 0

    def test_days_without_an_audit_are_made_up_for(self, packing: SqlStore) -> None:
        """An audit once a fortnight packs as much as one a day."""
        self.audit(packing, 200, every=14 * DAY)
        packing.upkeep.prune(Retention(), MIDNIGHT + 199 * DAY)
        assert rows(packing) <= 3
        assert len(list(packing.samples())[0]) == 15 and packing.upkeep.verify() == []

    def test_samples_that_come_late_go_into_the_block_that_is_there(self, packing: SqlStore) -> None:
        """An import of the last quarter, after the daily audits of the same days."""
        self.audit(packing, 100)
        late = [sample("web0", MIDNIGHT + day * DAY + 5 * HOUR, slab=7) for day in range(0, 90, 3)]
        for each in late:
            add(packing, f"late {each.collected_at}", each.collected_at, [each], {}, source="import:pcp")
        packing.upkeep.prune(Retention(samples_days=200), MIDNIGHT + 101 * DAY, thorough=True)
        assert rows(packing) <= 39 and packing.info.samples == 130
        assert len(list(packing.samples())[0]) == 130 and packing.upkeep.verify() == []

    def test_a_run_that_comes_again_after_it_was_packed_is_the_same_run(self, packing: SqlStore) -> None:
        """The report of last month may be made once more: no host counts twice, and none is judged against itself."""
        self.audit(packing, 100)
        before = list(packing.samples())
        moment = MIDNIGHT + 10 * DAY
        again = add(packing, f"r{moment}", moment, [sample("web0", moment, slab=1), sample("web9", moment)])
        assert (again.inserted, again.duplicates) == (1, 1)
        assert list(packing.samples(["web0"])) == before
        run = f"r{MIDNIGHT + 80 * DAY}"
        without = all_series(packing, hosts=["web0"], without_run=run)["web0"]
        assert (
            without
            == expected(sample("web0", MIDNIGHT + day * DAY, slab=day * DAY) for day in range(100) if day != 80)["web0"]
        )

    def test_hourly_audits_are_exact_for_a_quarter_and_summed_up_after(self, packing: SqlStore) -> None:
        """Of a day with several samples the median, the lowest and the highest stay."""
        self.audit(packing, 140, every=8 * HOUR)
        days = [record["numbers"] for record in lines(packing, "rollup")]
        assert 140 - 90 - 31 <= len(days) <= 140 - 90
        first = days[0]
        assert (first["samples"], first["slab_unreclaimable_kib_low"], first["slab_unreclaimable_kib_high"]) == (
            3,
            0,
            16 * HOUR // 1024,
        )
        assert packing.info.samples == 140 * 3 - 3 * len(days)
        assert packing.upkeep.verify() == [] and len(all_series(packing)["web0"]) > 30

    def test_what_can_not_be_removed_is_said(self, packing: SqlStore) -> None:
        """ "keep_days: 10" that removes nothing must not look as if it had."""
        self.audit(packing, 26, prune=False)
        now = MIDNIGHT + 26 * DAY
        pruned = packing.upkeep.prune(Retention(samples_days=10), now, thorough=True)
        assert replace(pruned, stays=()) == Pruned() and packing.info.samples == 26
        assert pruned.stays and all(sentence.endswith(".") for sentence in pruned.stays)
        assert sum(int(sentence.split()[0]) for sentence in pruned.stays) == 16, "of the days before the last ten"
        assert packing.upkeep.prune(Retention(samples_days=10), now).stays == (), "an audit needs not say it daily"

    def test_what_is_in_a_series_stays_however_old_it_is(self, packing: SqlStore) -> None:
        """Hosts that are seldom audited would never have a baseline, and a series could not be made anew."""
        for number in range(12):
            moment = MIDNIGHT + number * 60 * DAY
            add(packing, f"r{number}", moment, [sample(moment=moment)])
            packing.upkeep.prune(Retention(), moment)
        (series,) = packing.samples()
        assert len(series) == 12 and packing.upkeep.rebuild() == Rebuilt(1, 0, 0)
        pruned = packing.upkeep.prune(Retention(), MIDNIGHT + 660 * DAY, thorough=True)
        assert "stay, since the rules still look at them" in " ".join(pruned.stays)
        assert all_series(packing) == expected(sample(moment=MIDNIGHT + number * 60 * DAY) for number in range(12))

    def test_after_four_hundred_days_it_goes(self, packing: SqlStore) -> None:
        """With the runs of which nothing is left."""
        self.audit(packing, 460, every=5 * DAY)
        (series,) = packing.samples()
        assert 80 <= len(series) <= 80 + 7
        assert packing.info.samples == len(series) and packing.upkeep.verify() == []
        assert packing.info.runs <= 80 + 7

    def test_a_host_that_is_gone_leaves_nothing(self, packing: SqlStore) -> None:
        """Neither in blocks nor anywhere."""
        self.audit(packing, 50, hosts=2)
        for day in range(50, 460, 10):
            moment = MIDNIGHT + day * DAY
            add(packing, f"r{moment}", moment, [sample("web0", moment)])
            packing.upkeep.prune(Retention(), moment)
        assert "web1" not in repr(exported(packing)) and packing.upkeep.verify() == []
        assert {series.host for series in packing.samples()} == {"web0"}

    def test_a_damaged_block_is_named_and_can_be_removed(self, packing: SqlStore) -> None:
        """What can't be read is said, costs no other host anything, and has a way out."""
        self.audit(packing, 100, hosts=2)
        ((day, data),) = packing.engine.rows(
            "SELECT last_day, data FROM block WHERE host_id = 1 ORDER BY last_day LIMIT 1"
        )
        broken = bytearray(bytes(data))
        broken[9] ^= 255
        with packing.engine.writing():
            packing.engine.change("UPDATE block SET data = ? WHERE last_day = ? AND host_id = 1", (bytes(broken), day))
        (problem,) = packing.upkeep.verify()
        assert problem.startswith("Blocks of older samples of web0 are not as they were written")
        assert problem.endswith("or remove them with the operation rebuild.")
        with pytest.raises(
            HistoryError, match=r"is damaged: a block of older samples of web0 is not as it was written"
        ):
            list(packing.samples())
        assert len(list(packing.samples(["web1"]))[0]) == 100, "others are read"
        packing.upkeep.prune(Retention(), MIDNIGHT + 101 * DAY, thorough=True)
        rebuilt = packing.upkeep.rebuild()
        assert rebuilt == Rebuilt(2, 1, 0)
        assert packing.upkeep.verify() == []
        assert 60 < len(list(packing.samples(["web0"]))[0]) < 100 == len(list(packing.samples(["web1"]))[0])

    def test_a_prune_that_is_cut_short_does_no_harm(self, packing: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """At whichever of its steps; the next one goes on."""
        self.audit(packing, 100, every=12 * HOUR, hosts=2, prune=False)
        before = {series.host: series for series in packing.samples()}
        real: Any = type(packing.engine).put
        left = 0

        def put(self: object, *arguments: Any, **options: Any) -> int:
            nonlocal left
            left -= 1
            if left == 0:
                raise HistoryError("cut short.")
            return int(real(self, *arguments, **options))

        monkeypatch.setattr(type(packing.engine), "put", put)
        for cut in range(1, 12):
            left = cut
            with suppress(HistoryError):
                packing.upkeep.prune(Retention(samples_days=400), MIDNIGHT + 100 * DAY, thorough=True)
            left = -1
            assert packing.upkeep.verify() == []
            assert {series.host: series for series in packing.samples()} == before
        left = -1
        packing.upkeep.prune(Retention(samples_days=400), MIDNIGHT + 100 * DAY, thorough=True)
        assert {series.host: series for series in packing.samples()} == before and packing.upkeep.verify() == []

    def test_a_clock_that_was_ahead_costs_nothing(self, packing: SqlStore) -> None:
        """One run 400 days in the future, then daily runs: nothing is lost, pruning goes on, and the next runs are
        compared with each other and not with that one.
        """
        self.audit(packing, 60)
        wrong = MIDNIGHT + 460 * DAY
        add(packing, "ahead", wrong, [sample("web0", wrong, slab=1)], {"web0": [finding()]})
        packing.upkeep.prune(Retention(), wrong)
        assert packing.info.samples == 61, "a clock that is years ahead must not empty a store"
        for day in range(61, 64):
            moment = MIDNIGHT + day * DAY
            add(packing, f"r{day}", moment, [sample("web0", moment)], {"web0": [finding("percpu", "limit")]})
            assert packing.upkeep.is_due(moment)
            packing.upkeep.prune(Retention(), moment)
        assert packing.info.last_run_at == MIDNIGHT + 63 * DAY
        (found,) = packing.last_findings()["web0"]
        assert (found.dimension, found.first_seen_at) == ("percpu", MIDNIGHT + 61 * DAY)
        times = list(all_series(packing)["web0"].columns["collected_at"])
        assert times[-1] == MIDNIGHT + 63 * DAY and packing.info.samples == 64
        assert packing.upkeep.verify() == []

    def test_pruning_keeps_what_the_rules_see_and_a_summary_of_the_rest(self, packing: SqlStore) -> None:
        """Old samples go, and neither a series nor a later rebuild may change by it."""
        samples = [sample(moment=MIDNIGHT + hour * HOUR, slab=(hour % 24) * GIB) for hour in range(0, 80 * 24, 4)]
        for number, each in enumerate(samples):
            add(packing, f"r{number}", each.collected_at, [each], {} if number % 6 else {"web1": []})
        before, every = all_series(packing), list(packing.samples())
        now = MIDNIGHT + 80 * DAY + 5 * HOUR
        packing.engine.rows_days = 8
        packing.upkeep.prune(Retention(samples_days=90), now)
        assert (all_series(packing), list(packing.samples())) == (before, every), "packing loses nothing"
        gone = packing.upkeep.prune(Retention(samples_days=20), now, thorough=True)
        block_ends = [day for day in range(MIDNIGHT // DAY, now // DAY - 20) if day % 30 == 0][-1]
        summed = block_ends - MIDNIGHT // DAY + 1
        assert gone.samples == summed * 6 and packing.info.samples == (80 - summed) * 6
        assert all_series(packing) == before == expected(samples)
        assert packing.upkeep.verify() == []
        days = [record["numbers"] for record in lines(packing, "rollup")]
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
        state = exported(packing)
        again = packing.upkeep.prune(Retention(samples_days=20), now, thorough=True)
        assert replace(again, stays=()) == Pruned(), "pruning again finds nothing"
        assert exported(packing) == state
        assert packing.upkeep.rebuild() == Rebuilt(1, 0, 0)
        assert all_series(packing) == before

    def test_a_host_that_is_seldom_audited_keeps_its_history(self, packing: SqlStore) -> None:
        """Audits every fortnight would else never have a baseline."""
        samples = [sample(moment=MIDNIGHT + number * 14 * DAY) for number in range(12)]
        for number, each in enumerate(samples):
            add(packing, f"r{number}", each.collected_at, [each])
        packing.upkeep.prune(Retention(), MIDNIGHT + 12 * 14 * DAY)
        assert all_series(packing) == expected(samples) and len(all_series(packing)["web1"]) == 12
        assert packing.upkeep.verify() == []

    def test_old_findings_and_hosts_that_are_gone_are_forgotten(self, packing: SqlStore) -> None:
        """What was replaced years ago must not stay for ever."""
        add(
            packing,
            "old",
            MIDNIGHT,
            [sample("gone"), sample("web1")],
            {"gone": [finding()], "web1": [finding()], "never seen": []},
        )
        add(packing, "new", MIDNIGHT + 399 * DAY, [sample("web1", MIDNIGHT + 399 * DAY)])
        assert packing.upkeep.prune(Retention(), MIDNIGHT + 400 * DAY) == Pruned()
        gone = packing.upkeep.prune(Retention(), MIDNIGHT + 402 * DAY)
        assert (gone.hosts, gone.findings, gone.samples) == (2, 2, 1)
        assert set(packing.last_findings()) == set(all_series(packing)) == {"web1"}
        assert len(all_series(packing)["web1"]) == 2
        assert packing.upkeep.verify() == []
        assert "gone" not in repr(exported(packing))
