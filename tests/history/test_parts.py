# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of large tables on a real server: made when they are needed, and gone when they are empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.postgresql import PostgresqlEngine
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Retention
from ansible_collections.fleetaudit.kernel_memory.tests.history.conftest import Server
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    all_series,
    expected,
    sample,
)


@pytest.fixture
def store(postgresql: str) -> Iterator[SqlStore]:
    """An empty store on the server."""
    opened = open_store(postgresql)
    assert isinstance(opened, SqlStore)
    yield opened
    assert opened.upkeep.verify() == []
    opened.close()


def parts(server: Server, table: str) -> list[str]:
    """The parts of a table."""
    whole = f"'kernel_memory.{table}'::regclass"
    found = server.sql(f"SELECT relname FROM pg_class JOIN pg_inherits ON oid = inhrelid WHERE inhparent = {whole}")
    return sorted(found.splitlines())


def test_samples_lie_in_parts_of_thirty_days(store: SqlStore, server: Server) -> None:
    """And what is from before the store was made in one part of its own, however far back it reaches."""
    begun = store.engine.now()
    moments = [begun + day * DAY for day in range(0, 100, 10)] + [begun - 500 * DAY, 5 * DAY]
    for number, moment in enumerate(moments):
        add(store, f"r{number}", moment, [sample(moment=moment)])
    found = parts(server, "sample")
    assert found[-1] == "sample_before" and 3 <= len(found) - 1 <= 5
    assert all(name.removeprefix("sample_").isdigit() for name in found[:-1])
    assert all_series(store) == expected(sample(moment=moment) for moment in moments)
    assert server.sql("SELECT count(*) FROM kernel_memory.sample_before") == "2"


def test_a_part_goes_when_it_is_empty_and_old(store: SqlStore, server: Server) -> None:
    """At once, and without anything to clean up; a year of a fleet is blocks."""
    first = store.engine.now() + 40 * DAY
    for day in range(0, 300, 5):
        add(store, f"r{day}", first + day * DAY, [sample(moment=first + day * DAY)])
        store.upkeep.prune(Retention(), first + day * DAY)
    assert len(parts(server, "sample")) <= 1 + 6, "the newest 90 to 120 days, and the first"
    assert len(list(store.samples())[0]) == 60
    ((rows,),) = store.engine.rows("SELECT count(*) FROM sample")
    assert 90 // 5 <= rows <= 120 // 5 + 1
    assert parts(server, "block")[-1] == "block_before" and len(parts(server, "block")) >= 2


def test_a_part_with_rows_stays(store: SqlStore, server: Server) -> None:
    """However old: nothing may go with it."""
    engine = store.engine
    assert isinstance(engine, PostgresqlEngine)
    moment = engine.now() + 40 * DAY
    add(store, "r1", moment, [sample(moment=moment)])
    before = parts(server, "sample")
    engine.tidy(moment + 1000 * DAY)
    assert parts(server, "sample") == before and store.info.samples == 1


def test_a_row_that_moves_to_another_time_moves_to_its_part(store: SqlStore, server: Server) -> None:
    """A run whose clock was ahead is put back."""
    for day in (0, 1, 500, 2):
        add(store, f"r{day}", MIDNIGHT + day * DAY, [sample(moment=MIDNIGHT + day * DAY)])
    store.upkeep.prune(Retention(), MIDNIGHT + 3 * DAY)
    assert list(all_series(store)["web1"].columns["collected_at"])[-1] == MIDNIGHT + 2 * DAY
    assert len(next(store.samples())) == 4


def test_two_that_need_a_part_at_once_make_it_once(store: SqlStore, postgresql: str, server: Server) -> None:
    """The second sees it, though it looked before the first was done."""
    other = open_store(postgresql)
    moment = store.engine.now() + 400 * DAY
    add(store, "r1", moment, [sample("web1", moment)])
    add(other, "r1", moment, [sample("web2", moment)])
    other.close()
    assert len(parts(server, "sample")) == 2 and store.info.samples == 2
