# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series in a store are a function of the samples alone: whatever the order in which they come, in one run or in many,
kept or made anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN, row_of, series_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    AMOUNTS,
    DAY,
    MIDNIGHT,
    MOMENTS,
    add,
    all_series,
    expected,
    sample,
)


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(("web1", "web2")), AMOUNTS), max_size=15), st.data())
def test_a_store_gives_the_series_of_the_sorted_rows(entries: list[tuple[int, str, int]], data: st.DataObject) -> None:
    """Through the database, by runs that come in any order, and the same once more after a rebuild and in an import."""
    samples = [sample(host, moment, slab=None if amount == UNKNOWN else amount) for moment, host, amount in entries]
    wanted = {
        host: series_of(host, trimmed([row_of(each) for each in samples if each.host == host]))
        for host in {each.host for each in samples}
    }
    with tempfile.TemporaryDirectory() as folder:
        store, other = open_store(f"{folder}/h.db"), open_store(f"{folder}/other.db")
        for number, each in enumerate(data.draw(st.permutations(samples))):
            add(store, f"r{number}", each.collected_at, [each])
        assert all_series(store) == wanted
        assert store.upkeep.verify() == []
        store.upkeep.rebuild()
        assert all_series(store) == wanted
        records = list(store.upkeep.export())
        other.upkeep.load(records)
        assert all_series(other) == wanted
        assert store.upkeep.verify() == other.upkeep.verify() == []
        store.close()
        other.close()


@pytest.fixture
def damaged(tmp_path: Path) -> SqlStore:
    """A store of three hosts and ten days, in which a byte of the series of one is another."""
    store = open_store(str(tmp_path / "h.db"))
    assert isinstance(store, SqlStore)
    for day in range(10):
        add(
            store,
            f"r{day}",
            MIDNIGHT + day * DAY,
            [sample(f"web{number}", MIDNIGHT + day * DAY) for number in (1, 2, 3)],
        )
    ((data,),) = store.engine.rows("SELECT data FROM series WHERE host_id = 2")
    broken = bytearray(data)
    broken[len(broken) // 2] ^= 4
    store.engine.change("UPDATE series SET data = ? WHERE host_id = 2", (bytes(broken),))
    return store


def test_a_damaged_series_costs_nobody_his_history_and_is_said(damaged: SqlStore) -> None:
    """One flipped bit must neither change a verdict nor make a fleet learn anew."""
    wanted = expected(sample(f"web{number}", MIDNIGHT + day * DAY) for day in range(10) for number in (1, 2, 3))
    assert damaged.remarks == []
    assert all_series(damaged) == wanted
    (remark,) = damaged.remarks
    assert "The series of web2 in the history" in remark and "was damaged" in remark and remark.endswith(".")


def test_the_next_audit_makes_a_damaged_series_anew(damaged: SqlStore) -> None:
    """What is damaged must not be lengthened."""
    assert damaged.upkeep.verify() != []
    add(damaged, "next", MIDNIGHT + 10 * DAY, [sample("web2", MIDNIGHT + 10 * DAY)])
    assert damaged.upkeep.verify() == []
    assert all_series(damaged)["web2"] == expected(sample("web2", MIDNIGHT + day * DAY) for day in range(11))["web2"]
    assert damaged.remarks == []
