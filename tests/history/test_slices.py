# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of slices, in each engine: what one report over a fleet is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import of_a_run as _past
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryError,
    Retention,
    RunRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import spool as _spool
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    finding,
    sample,
)

NOON = "2026-11-24T12:00:00Z"
NOON_SECONDS = 1795521600


def record(host: str, outcome: str = "facts", **facts: Any) -> dict[str, Any]:
    """A record as the gathering of a host writes it."""
    return _spool.record(
        run_id="awx-7",
        host=host,
        written_at=NOON,
        outcome=outcome,
        message=None,
        groups=["web"],
        environment=None,
        facts=facts,
    )


@pytest.fixture
def store(where: str) -> Iterator[SqlStore]:
    """An empty store."""
    opened = open_store(where)
    assert isinstance(opened, SqlStore)
    yield opened
    opened.close()


def keep(store: SqlStore, run: str, given: Iterable[Mapping[str, Any]]) -> None:
    """Keep what a slice of a run gathered. Raises HistoryError with the sentence of the report."""
    problem = _past.keep_records(_past.Past(store, "ready"), run, given)
    if problem:
        raise HistoryError(problem)


def records(store: SqlStore, run: str) -> Iterator[Mapping[str, Any]]:
    """What the slices of a run have kept."""
    return _past.records_of(_past.Past(store, "ready"), run)


def test_what_a_slice_keeps_comes_back_as_it_was(store: SqlStore) -> None:
    """Whatever a host sent: facts are text from strangers, and every engine has signs that it does not take."""
    given = [record("web1", text="\0 \ud800 ü \\N \t'"), record("wéb\\2", number=2**70), record("web3", "unreachable")]
    keep(store, "awx-7", given)
    keep(store, "awx-8", [record("other")])
    assert sorted(records(store, "awx-7"), key=lambda entry: entry["host"]) == sorted(
        given, key=lambda entry: entry["host"]
    )
    assert list(records(store, "awx-6")) == []


def test_many_records_come_back_once_each(store: SqlStore) -> None:
    """They are read in batches: none may be lost or doubled where one batch ends."""
    keep(store, "awx-7", (record(f"host{number:04}") for number in range(301)))
    assert sorted(entry["host"] for entry in records(store, "awx-7")) == [f"host{number:04}" for number in range(301)]


def test_a_second_try_replaces_the_first(store: SqlStore) -> None:
    """A slice that is run again has later news of its hosts, and leaves those of other slices alone."""
    keep(store, "awx-7", [record("web1", "failed"), record("web2", size=1)])
    keep(store, "awx-7", [record("web1", size=3)])
    keep(store, "awx-7", [record("web1", size=3)])
    assert {entry["host"]: entry["facts"] for entry in records(store, "awx-7")} == {
        "web1": {"size": 3},
        "web2": {"size": 1},
    }


def test_all_records_of_a_slice_or_none(store: SqlStore) -> None:
    """A slice that is killed while it writes must not look like one that was smaller."""
    with pytest.raises(HistoryError, match="The record of web2 does not say when it was written"):
        keep(store, "awx-7", [record("web1"), record("web2") | {"written_at": "yesterday"}])
    assert list(records(store, "awx-7")) == []


def test_records_go_after_a_week(store: SqlStore) -> None:
    """Each has some kilobytes: they are for one report and not for the history."""
    keep(store, "awx-7", [record("web1")])
    assert store.upkeep.prune(Retention(), NOON_SECONDS + 7 * DAY).records == 0
    assert store.upkeep.prune(Retention(), NOON_SECONDS + 7 * DAY + 1).records == 1
    assert list(records(store, "awx-7")) == [] and store.upkeep.verify() == []


def test_a_damaged_record_is_a_host_without_data(store: SqlStore) -> None:
    """Never a host that is missing, and never an error that costs the report of all the others."""
    keep(store, "awx-7", [record("web1"), record("web2")])
    store.engine.change("UPDATE record SET document = '[' WHERE host = 'web1'")
    assert next(entry for entry in records(store, "awx-7") if entry["host"] == "web1") == {"host": "web1"}


def test_the_report_of_all_slices_replaces_what_they_found(store: SqlStore) -> None:
    """Only the whole fleet shows whether a host is unlike the others; the next run is compared with that."""
    run = RunRecord("awx-7", MIDNIGHT)
    store.append(
        run,
        [sample("web1", MIDNIGHT), sample("web2", MIDNIGHT)],
        {"web1": [finding("percpu", "limit"), finding()], "web2": []},
    )
    again = store.append(
        run, [sample("web1", MIDNIGHT)], {"web1": [finding("percpu", "limit")], "web2": [finding()]}, judged_anew=True
    )
    assert (again.inserted, again.duplicates) == (0, 1)
    store.runs.reported("awx-7")
    kept = {host: [(each.dimension, each.kind) for each in found] for host, found in store.last_findings().items()}
    assert kept == {"web1": [("percpu", "limit")], "web2": [("slab_unreclaimable", "growth")]}
    assert store.upkeep.verify() == []


def test_the_slices_of_a_run_are_not_its_past(store: SqlStore, where: str) -> None:
    """The report of the first night must say that the store is new, though the slices were there before it."""
    add(store, "awx-7", MIDNIGHT, [sample("web1", MIDNIGHT)])
    first = _past.open_past(where, "awx-7", ["web1"])
    assert (first.state, first.summary().runs, first.previous_run_at) == ("new", 0, None)
    first.close()
    second = _past.open_past(where, "awx-8", ["web1"])
    assert (second.state, second.summary().runs) == ("ready", 1)
    second.close()
