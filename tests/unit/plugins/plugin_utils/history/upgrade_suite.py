# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with a store of an older release."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.migrations import STEPS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.schema import TABLES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    SCHEMA_VERSION,
    HistoryError,
    Retention,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.views import view_statements
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, UNKNOWN, Origin
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    add,
    all_series,
    exported,
    finding,
    lines,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.release_0_1_0 import (
    LAST_AUDIT,
    asked,
    expected_answers,
    exported_lines,
)


def opened(where: str, *, create: bool = True) -> SqlStore:
    """An open store."""
    store = open_store(where, create=create)
    assert isinstance(store, SqlStore)
    return store


def test_every_schema_has_a_step_to_the_next() -> None:
    """Whoever raises the version writes the way to it."""
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))


class UpgradeSuite:
    """Whoever takes it in has the fixtures ``old``, the address of the store of release 0.1.0, and ``another``."""

    def test_it_is_read_before_it_is_upgraded(self, old: str) -> None:
        """A command that only reads changes nothing, and says what 0.1.0 said."""
        store = opened(old, create=False)
        assert asked(store) == expected_answers()
        assert (store.info.schema_version, store.info.last_report_at) == (1, LAST_AUDIT)
        assert not list(store.owners.of(["web1"])) and not list(store.runs.sums()) and not store.rollouts.all()
        assert len(list(store.upkeep.export())) == len(exported_lines())
        with pytest.raises(
            HistoryError, match=r"is of schema 1 and was opened to be read, so nothing was written to it"
        ):
            add(store, "new", LAST_AUDIT + DAY)
        store.close()
        again = opened(old, create=False)
        assert again.engine.version == 1
        again.close()

    def test_it_is_upgraded_when_it_is_opened_for_writing(self, old: str) -> None:
        """No baseline is lost, and nothing is said otherwise than before."""
        store = opened(old)
        assert asked(store) == expected_answers()
        assert (store.info.schema_version, store.info.last_report_at) == (SCHEMA_VERSION, LAST_AUDIT)
        store.close()
        again = opened(old)
        assert again.remarks == [] and asked(again) == expected_answers()
        again.close()

    def test_it_has_the_tables_of_a_new_store_afterwards(self, old: str, another: Callable[[], str]) -> None:
        """Two kinds of stores would need two kinds of tests for ever."""
        upgraded, new = opened(old), opened(another())
        views = {statement.split()[-1] for statement in view_statements("sqlite", COLUMNS)[::2]}
        for name in (*TABLES, *views):
            there, wanted = upgraded.engine.columns(name), new.engine.columns(name)
            if name.endswith("sample"):  # whose columns come in the order in which they were added
                there, wanted = tuple(sorted(there)), tuple(sorted(wanted))
            assert there == wanted != (), name
        upgraded.close()
        new.close()

    def test_what_was_imported_is_known_as_that(self, old: str) -> None:
        """A growth that rests on imports alone is only suspected; of the rest nobody knows it any more."""
        store = opened(old)
        every = {series.host: list(series.columns["origin"]) for series in store.samples()}
        assert {host: set(origins) for host, origins in every.items() if set(origins) != {UNKNOWN}} == {
            "imported": {int(Origin.IMPORTED)}
        }
        assert set(all_series(store)["imported"].columns["origin"]) == {int(Origin.IMPORTED)}
        store.close()

    def test_its_past_is_packed_and_stays_the_same(self, old: str) -> None:
        """Rows become blocks, summaries of days go into blocks, and no number changes."""
        store = opened(old)
        store.engine.rows_days = 8
        days = [record for record in exported(store) if record["record"] == "rollup"]
        store.upkeep.prune(Retention(), LAST_AUDIT, thorough=True)
        ((rows,),) = store.engine.rows("SELECT count(*) FROM sample")
        assert rows < store.info.samples / 2
        assert asked(store) == expected_answers()
        assert [record for record in exported(store) if record["record"] == "rollup"] == days and len(days) == 254
        store.close()

    def test_the_next_audits_go_on_with_it(self, old: str) -> None:
        """Its series grow, and a finding keeps its first day."""
        store = opened(old)
        moment = LAST_AUDIT + DAY
        before = expected_answers()
        add(
            store, "next", moment, [sample("web1", moment), sample("large", moment)], {"web1": [finding()], "large": []}
        )
        series = all_series(store)
        for host in ("web1", "large"):
            kept = list(series[host].columns["collected_at"])
            assert set(before["series"][host]["collected_at"][-28:]) <= set(kept) and kept[-1] == moment
        (found,) = store.last_findings(["web1"])["web1"]
        assert found.first_seen_at == next(
            one[6] for one in before["last_findings"]["web1"] if one[0] == "slab_unreclaimable"
        )
        assert store.upkeep.verify() == []
        store.close()

    def test_what_it_exported_is_read_back(self, old: str, another: Callable[[], str]) -> None:
        """Whoever has but the file of lines has his history."""
        upgraded, other = opened(old), opened(another())
        lines = exported_lines()
        assert other.upkeep.load(lines).inserted == expected_answers()["info"]["samples"]
        assert other.upkeep.load(lines).inserted == 0
        wanted = [record | {"judged_live": None} for record in exported(upgraded)]
        assert [record | {"judged_live": None} for record in exported(other)] == wanted
        assert asked(other) | {"records": []} == expected_answers() | {"records": []}
        other.engine.rows_days = 8
        other.upkeep.prune(Retention(), LAST_AUDIT, thorough=True)
        assert other.upkeep.load(json.loads(json.dumps(list(upgraded.upkeep.export())))).inserted == 0, (
            "from blocks, too"
        )
        assert asked(other)["samples"] == expected_answers()["samples"]
        upgraded.close()
        other.close()

    def test_more_columns_than_this_release_knows_are_kept(self, old: str) -> None:
        """A newer release may have used the store: its dimension is neither damage nor lost."""
        store = opened(old)
        with store.engine.writing():
            store.engine.change("ALTER TABLE sample ADD COLUMN future_kib bigint")
            of_web2 = "host_id = (SELECT host_id FROM host WHERE name = 'web2')"
            store.engine.change(f"UPDATE sample SET future_kib = 77 WHERE {of_web2}")
        store.close()
        store = opened(old)
        store.engine.rows_days = 8
        assert store.upkeep.rebuild().series == 8
        assert asked(store) == expected_answers()
        add(store, "next", LAST_AUDIT + DAY, [sample("web2", LAST_AUDIT + DAY)])
        store.upkeep.prune(Retention(), LAST_AUDIT + DAY, thorough=True)
        assert store.upkeep.verify() == []
        samples = [record for record in lines(store, "sample") if record["host"] == "web2"]
        kept = [record["numbers"]["future_kib"] for record in samples]
        assert kept.count(77) == len(expected_answers()["samples"]["web2"]["threads"]) and kept.count(None) == 1
        store.close()

    def test_fewer_columns_are_read_and_come_back_when_it_is_written(self, old: str) -> None:
        """A dimension that this release knows and the store has not is null, and costs nobody the past."""
        store = opened(old)
        moment = LAST_AUDIT + DAY
        add(store, "next", moment, [sample("web1", moment, files=9)])
        with store.engine.writing():
            for view in ("grafana_sample",):
                store.engine.change(f"DROP VIEW {view}")
            store.engine.change("ALTER TABLE sample DROP COLUMN conntrack_limit")
        store.upkeep.rebuild()
        store.close()
        reading = opened(old, create=False)
        columns = all_series(reading)["web1"].columns
        assert set(columns["conntrack_limit"]) == {UNKNOWN} and columns["files"][-1] == 9
        reading.close()
        store = opened(old)
        assert store.engine.columns("sample")[-1] == "conntrack_limit" and store.remarks == []
        add(store, "after", moment + DAY, [sample("web1", moment + DAY, conntrack_limit=5)])
        assert list(all_series(store)["web1"].columns["conntrack_limit"])[-2:] == [UNKNOWN, 5]
        assert store.upkeep.verify() == []
        store.close()
