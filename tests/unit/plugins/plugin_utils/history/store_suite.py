# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every history store must do, whatever its engine: one suite, which the tests of each engine take in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    AppendResult,
    HistoryError,
    HistoryStore,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    SAMPLED,
    UNKNOWN,
    key_of,
    row_of,
    series_of,
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
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite

NAMES = [
    "web1",
    "ünïcode",
    "with space",
    "quote'\"",
    "semi;colon",
    "new\nline",
    "tab\there",
    "back\\slash",
    "per%cent",
    "{brace}",
    "null\0byte",
    "😀",
    "?",
]


class StoreSuite(Suite):
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    def test_a_first_run_that_another_writes_meanwhile_is_no_damage(self, where: str) -> None:
        """Of slices that begin at the same moment one came between two looks of another."""
        store = open_store(where)
        assert isinstance(store, SqlStore)
        engine, look = store.engine, store.engine.rows

        def looked_slowly(*asked: Any) -> Any:
            found = look(*asked)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(engine, "rows", look)
                add(store, "r1", MIDNIGHT)
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "rows", looked_slowly)
            assert SqlStore(engine).info.runs == 1
        store.close()

    def test_a_new_store_says_so_and_an_old_one_does_not(self, where: str, store: HistoryStore) -> None:
        """An execution environment that lost its history must not pass for one with a quiet fleet."""
        assert (store.info.is_new, store.info.runs, store.info.hosts, store.info.samples, store.info.first_run_at) == (
            True,
            0,
            0,
            0,
            None,
        )
        add(store, "r1", MIDNIGHT)
        add(store, "r2", MIDNIGHT + DAY)
        again = open_store(where, create=False)
        assert (again.info.is_new, again.info.runs, again.info.hosts, again.info.samples) == (False, 2, 1, 2)
        assert (again.info.first_run_at, again.info.last_run_at) == (MIDNIGHT, MIDNIGHT + DAY)
        again.close()

    def test_without_create_nothing_is_made(self, where: str) -> None:
        """A command that only reads must not make an empty history beside the one that was meant."""
        with pytest.raises(HistoryError, match=r"There is no.*an audit makes it\.$"):
            open_store(where, create=False)
        store = open_store(where)
        assert store.info.is_new
        store.close()

    def test_series_are_what_was_appended(self, store: HistoryStore) -> None:
        """The rules must see the very numbers that hosts gave."""
        samples = [
            sample(host, MIDNIGHT + day * DAY, slab=(day + 1) * GIB) for day in range(5) for host in ("web1", "web2")
        ]
        for day in range(5):
            assert add(store, f"r{day}", MIDNIGHT + day * DAY, samples[2 * day : 2 * day + 2]) == AppendResult(2, 0)
        assert all_series(store) == expected(samples)
        assert list(all_series(store)["web1"].columns["slab_unreclaimable_kib"]) == [
            1048576,
            2097152,
            3145728,
            4194304,
            5242880,
        ]
        assert store.kernels() == {key_of("6.12.0 x86_64"): "6.12.0 x86_64"}

    def test_appending_a_run_again_changes_nothing(self, store: HistoryStore) -> None:
        """A retry after a lost answer must not count a host twice, nor overwrite what was kept."""
        add(store, "r1", MIDNIGHT, findings={"web1": [finding()]})
        before = exported(store)
        other = [sample(slab=7 * GIB), sample("web2")]
        assert add(store, "r1", MIDNIGHT, [other[0]], {"web1": []}) == AppendResult(0, 1)
        assert exported(store) == before
        assert add(store, "r1", MIDNIGHT, [*other, sample("web2", slab=GIB)]) == AppendResult(1, 2)
        assert all_series(store) == expected([sample(), sample("web2")])

    def test_slices_of_one_run_are_one_run(self, store: HistoryStore) -> None:
        """AWX job slices audit parts of one inventory."""
        add(store, "r1", MIDNIGHT + 5, [sample("web1")], run_slice="1/2")
        add(store, "r1", MIDNIGHT, [sample("web2")], run_slice="2/2")
        add(store, "r1", MIDNIGHT + 9, [sample("web3")], run_slice="3/3")
        assert (store.info.runs, store.info.hosts, store.info.samples, store.info.first_run_at) == (1, 3, 3, MIDNIGHT)

    def test_a_retry_sees_the_history_without_its_own_run(self, store: HistoryStore) -> None:
        """Otherwise the second try would judge a host against itself and give another answer."""
        samples = [sample("web1", MIDNIGHT + hour * HOUR, slab=hour * GIB) for hour in range(60)]
        for number, each in enumerate(samples):
            add(
                store,
                f"r{number}",
                each.collected_at,
                [each, sample("web2", each.collected_at)] if number % 2 else [each],
            )
        for left_out in (59, 58, 30, 0):
            without = all_series(store, without_run=f"r{left_out}")
            assert without["web1"] == expected(samples[:left_out] + samples[left_out + 1 :])["web1"]
        # Two samples in one hour: the series holds the later one only, and without it the earlier one.
        add(store, "twice", MIDNIGHT + 59 * HOUR + 60, [sample(moment=MIDNIGHT + 59 * HOUR + 60)])
        assert all_series(store, without_run="twice")["web1"] == expected(samples)["web1"]
        assert all_series(store, without_run="never was") == all_series(store)
        assert (
            all_series(store, hosts=["web2"], without_run="r1")["web2"]
            == expected([sample("web2", MIDNIGHT + hour * HOUR) for hour in range(3, 60, 2)])["web2"]
        )

    def test_a_host_whose_only_run_is_left_out_has_no_series(self, store: HistoryStore) -> None:
        add(store, "r1", MIDNIGHT)
        assert all_series(store, without_run="r1") == {}

    def test_what_is_not_known_stays_unknown_and_zero_stays_zero(self, store: HistoryStore) -> None:
        """A counter that a kernel does not have is not 0, and 0 bytes are not unknown."""
        nothing = sample(
            "bare",
            boot_id=None,
            kernel_release=None,
            architecture=None,
            uptime_seconds=None,
            memory_total_bytes=None,
            memory_available_bytes=None,
            cpus_possible=None,
            threads=None,
            cgroups=None,
            vmalloc_meaning="unavailable",
            amounts={},
        )
        zero = sample(
            "zero", uptime_seconds=0, threads=0, amounts=dict.fromkeys(SAMPLED, 0) | {"unaccounted": -5 * GIB}
        )
        add(store, "r1", MIDNIGHT, [nothing, zero])
        assert all_series(store) == expected([nothing, zero])
        columns = all_series(store)["bare"].columns
        assert [name for name in columns if list(columns[name]) != [UNKNOWN]] == [
            "collected_at",
            "vmalloc_meaning",
            "origin",
        ]
        assert list(all_series(store)["zero"].columns["unaccounted_kib"]) == [-5 * 1024**2]

    def test_hosts_with_many_tebibytes_fit(self, store: HistoryStore) -> None:
        """More than 2 TiB is more KiB than four bytes hold, in the first sample of a host or in a later one."""
        samples = [sample("small then large", MIDNIGHT), sample("large", MIDNIGHT, memory_total_bytes=24 * 1024 * GIB)]
        add(store, "r1", MIDNIGHT, samples)
        later = [
            sample("small then large", MIDNIGHT + DAY, memory_total_bytes=2**63 - 1),
            sample("large", MIDNIGHT + DAY),
        ]
        add(store, "r2", MIDNIGHT + DAY, later)
        assert all_series(store) == expected([*samples, *later])

    def test_any_name_is_kept_and_found(self, store: HistoryStore) -> None:
        """Names come from inventories and hosts: none may break a statement or be taken for another."""
        hostile = [sample(name, kernel_release=name, boot_id=name) for name in NAMES]
        add(
            store,
            "r'; DROP TABLE run; --",
            MIDNIGHT,
            hostile,
            {name: [finding()] for name in NAMES},
            run_slice="\0",
            source="\ud800",
        )
        assert {series.host for series in store.series()} == {name.replace("\0", "\\x00") for name in NAMES}
        for name in NAMES:
            (series,) = store.series([name])
            assert list(series.columns["boot_key"]) == [key_of(name)]
            assert len(store.last_findings([name])) == 1
        add(store, "surrogate", MIDNIGHT, [sample("\ud800", kernel_release="\udfff")])
        assert len(list(store.series(["\ud800"]))) == 1

    def test_only_the_hosts_asked_for_are_given(self, store: HistoryStore) -> None:
        """An audit of ten hosts must not read ten thousand; and more names than a statement takes are no error."""
        names = [f"host{number}" for number in range(1203)]
        add(store, "r1", MIDNIGHT, [sample(name) for name in names])
        assert {series.host for series in store.series(["host7", "host1202", "not there"])} == {"host7", "host1202"}
        assert (
            {series.host for series in store.series(names)} == {series.host for series in store.series()} == set(names)
        )
        assert set(store.last_findings(names)) == set(store.last_findings()) == set(names)
        assert list(store.series([])) == [] and store.last_findings([]) == {}

    def test_a_clock_that_steps_back_does_not_disorder_a_series(self, store: HistoryStore) -> None:
        """Times of a series never fall, whichever sample came first."""
        moments = [MIDNIGHT + 3 * DAY, MIDNIGHT, MIDNIGHT + 5 * DAY, MIDNIGHT + DAY, MIDNIGHT + 5 * DAY]
        samples = [sample(moment=moment, slab=number * GIB) for number, moment in enumerate(moments)]
        for number, each in enumerate(samples):
            add(store, f"r{number}", each.collected_at, [each])
        assert all_series(store) == expected(samples)
        times = list(all_series(store)["web1"].columns["collected_at"])
        assert times == sorted(times) == sorted(set(moments))

    def test_a_run_may_be_appended_while_series_are_read(self, where: str, store: HistoryStore) -> None:
        """Slices end at different times; a report that reads must not hold up one that writes."""
        names = [f"host{number:04}" for number in range(1100)]
        add(store, "r1", MIDNIGHT, [sample(name) for name in names])
        reading = store.series()
        seen = [next(reading).host]
        other = open_store(where)
        add(other, "r2", MIDNIGHT + DAY, [sample(name, MIDNIGHT + DAY) for name in names])
        other.close()
        add(store, "r3", MIDNIGHT + 2 * DAY, [sample(name, MIDNIGHT + 2 * DAY) for name in names])
        seen += [series.host for series in reading]
        assert sorted(seen) == names

    def test_what_can_not_be_kept_leaves_nothing_behind(self, store: HistoryStore) -> None:
        """A run is kept whole or not at all, and the store can be used afterwards."""
        before = exported(store)
        changes: tuple[dict[str, Any], ...] = ({"severity": None}, {"value": "much"}, {"limit": []})
        for broken in changes:
            with pytest.raises((AttributeError, TypeError, ValueError)):
                add(store, "r1", MIDNIGHT, findings={"web1": [finding(**broken)]})
            assert exported(store) == before
        add(store, "r1", MIDNIGHT)
        assert store.info.samples == 1

    def test_all_samples_can_be_read_not_only_those_of_the_series(self, store: HistoryStore) -> None:
        """A replay goes through every audit that was made."""
        samples = [sample("web1", MIDNIGHT + number * 60, slab=number * GIB) for number in range(20)]
        for number in (3, 1, 2, 0, *range(4, 20)):
            add(store, f"r{number}", samples[number].collected_at, [samples[number]])
        assert len(all_series(store)["web1"]) == 4
        (series,) = store.samples()
        assert series == series_of("web1", [row_of(each) for each in samples])

    def test_slices_of_the_same_run_are_no_past(self, store: HistoryStore) -> None:
        """The second slice of a first audit must still say that the history is new."""
        add(store, "r1", MIDNIGHT, [sample("web1")], run_slice="1/2")
        without = store.info_without("r1")
        assert (without.is_new, without.runs, without.first_run_at) == (True, 0, None)
        add(store, "r2", MIDNIGHT + DAY)
        without = store.info_without("r2")
        assert (without.is_new, without.runs, without.samples, without.last_run_at) == (False, 1, 1, MIDNIGHT)

    def test_a_finding_without_numbers_is_kept(self, store: HistoryStore, another: Callable[[], str]) -> None:
        """What is not a number must neither fail the run nor an export to JSON."""
        add(store, "r1", MIDNIGHT, findings={"web1": [finding(value=float("nan"), limit=float("inf"))]})
        (kept,) = store.last_findings()["web1"]
        assert str(kept.value) == str(kept.limit) == "nan"
        other = open_store(another())
        other.upkeep.load([json.loads(json.dumps(record, allow_nan=False)) for record in store.upkeep.export()])
        assert exported(other) == exported(store)
        other.close()

    def test_a_closed_store_says_so_in_one_sentence(self, where: str) -> None:
        store = open_store(where)
        store.close()
        store.close()
        with pytest.raises(HistoryError, match=r"^[^\n]*\.$"):
            add(store, "r1", MIDNIGHT)
        with pytest.raises(HistoryError, match=r"^[^\n]*\.$"):
            list(store.series())
