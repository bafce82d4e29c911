# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading an export back: whatever is wrong in it is named, and nothing of it is kept."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryError,
    Retention,
    RunRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import sums_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersSample,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.rollout import Step
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIB,
    MIDNIGHT,
    add,
    exported,
    finding,
    sample,
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """An export that has every kind of record."""
    store = open_store(str(tmp_path_factory.mktemp("whole") / "h.db"))
    for day in range(110):
        for hour in (2, 14)[: 1 + (day < 5)]:
            moment = MIDNIGHT + day * DAY + hour * 3600
            add(store, f"r{day}.{hour}", moment, [sample(moment=moment, slab=day * MIB)], {"web1": [finding()]})
    dentry, late = OwnerKey(OwnerKind.CACHE, "dentry"), MIDNIGHT + 109 * DAY
    owners = OwnersSample("web1", late, {dentry: 5 * MIB}, frozenset(OwnerKind), ("ext4",))
    store.append(RunRecord("o", MIDNIGHT), [], {}, owners=[owners])
    store.runs.keep_sums("r1.2", sums_of([sample()], {"ok": 1}))
    store.rollouts.begin("patch", "7.*", state="open", policy_digest="", document="", step=Step("a", "b"))
    store.rollouts.add_hosts("patch", ["web1"], state="planned", document="", step=Step("a", "b"))
    store.upkeep.prune(Retention(), MIDNIGHT + 110 * DAY, thorough=True)
    found = json.loads(json.dumps(list(store.upkeep.export())))
    store.close()
    kinds = {record["record"] for record in found}
    assert kinds == {"store", "kernel", "run", "sums", "rollout", "host", "sample", "rollup", "judged", "owners"}
    return [record for place, record in enumerate(found) if record["record"] != "sample" or place % 20 == 0]


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(2**70),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.floats(),
    st.just([[]]),
    st.just([None]),
    st.just({"": None}),
)


def spoil(record: Any, data: st.DataObject) -> None:
    """Put something odd somewhere into a record."""
    places: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key in part if isinstance(part, dict) else range(len(part)):
            places.append((part, key))
            if isinstance(part[key], (dict, list)):
                walk(part[key])

    walk(record)
    part, key = data.draw(st.sampled_from(places))
    if isinstance(part, dict) and data.draw(st.booleans()):
        del part[key]
    else:
        part[key] = data.draw(ODD)


@given(st.data())
def test_an_edited_record_is_taken_or_refused_in_a_sentence(
    records: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Never another error, and never a part of a file."""
    edited = copy.deepcopy(records)
    spoil(edited[data.draw(st.integers(1, len(edited) - 1))], data)
    store = open_store(str(tmp_path_factory.mktemp("edited") / "h.db"))
    try:
        store.upkeep.load(edited)
    except HistoryError as exc:
        assert str(exc).startswith("Record ") and str(exc).endswith("make the export anew.")
        assert (store.info.runs, store.info.hosts, list(store.rollouts.all())) == (0, 0, [])
    else:
        assert store.upkeep.verify() == []
    store.close()


def test_what_is_loaded_is_packed_at_the_next_prune(records: list[dict[str, Any]], tmp_path: Path) -> None:
    """A year that comes at once must not lie there as rows until every host has had its turn."""
    store = open_store(str(tmp_path / "h.db"))
    assert isinstance(store, SqlStore)
    add(store, "r", MIDNIGHT + 110 * DAY, [sample("web9", MIDNIGHT + 110 * DAY)])
    store.upkeep.prune(Retention(), MIDNIGHT + 110 * DAY)
    loaded = store.upkeep.load(records)
    ((before,),) = store.engine.rows("SELECT count(*) FROM sample")
    store.upkeep.prune(Retention(), MIDNIGHT + 111 * DAY)
    ((after,),) = store.engine.rows("SELECT count(*) FROM sample")
    assert before == loaded.inserted + 1 and after < before / 2
    state = exported(store)
    assert store.upkeep.load(records).inserted == 0
    assert exported(store) == state
    store.close()
