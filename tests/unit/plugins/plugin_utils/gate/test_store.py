# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout whose state is in the history store, as one in a folder; and what only the store can promise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.folder import GateFolder
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import Attempt, HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.batch import decide_batch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.soak import decide_soak
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import RolloutRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.store import StoredRollout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, codes, gate_run, lost_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after

WEB = ["web1", "web2"]
ROLLOUT = RolloutRecord("rollout", "2026-11-24T12:00:00Z", tuple(WEB))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A new history."""
    made = open_store(str(tmp_path / "history.sqlite3"))
    assert isinstance(made, SqlStore)
    yield made
    made.close()


def stored(runner: Path, store: SqlStore, has_runs: bool = True) -> StoredRollout:
    """The rollout as a runner with a folder of its own sees it, in a history that has audits or not."""
    return StoredRollout(str(runner / "gate"), "rollout", store.rollouts, "operator", "the-history", lambda: has_runs)


def stored_run(runner: Path, store: SqlStore, run_id: str, batch: list[str]) -> GateRun:
    """A run on that runner."""
    return replace(gate_run(runner, WEB, run_id, batch=batch), folder=stored(runner, store))


def test_another_runner_goes_on_and_a_lost_folder_loses_nothing(tmp_path: Path, store: SqlStore) -> None:
    """The stop stands, for whoever comes, and so does what is done."""
    first = stored_run(tmp_path / "a", store, "run-1", ["web1"])
    assert before(first)["decision"] == "pass"
    assert after(first, {"web1": lost_look()})["decision"] == "fail"
    shutil.rmtree(tmp_path / "a")
    around = before(stored_run(tmp_path / "b", store, "run-2", ["web2"]))
    assert (around["decision"], codes(around)) == ("fail", ["stopped_before"])
    assert [line["event"] for line in stored(tmp_path, store).read_trail()] == [
        "batch_begun",
        "decided_batch",
        "refused",
    ]
    assert (tmp_path / "b" / "gate" / "rollout" / "decision.json").is_file()
    assert not (tmp_path / "b" / "gate" / "rollout" / "rollout.json").exists()


def test_a_run_that_lags_behind_can_not_overwrite(tmp_path: Path, store: SqlStore) -> None:
    """It has read the state before another one has changed it."""
    one, other = stored(tmp_path, store), stored(tmp_path, store)
    one.write_rollout(ROLLOUT)
    with pytest.raises(ValueError, match="Another run has changed the rollout rollout"):
        other.write_rollout(replace(ROLLOUT, targets=()))
    one.write_host(one.read_host("web1").moved(HostState.FIT))
    late, fast = stored(tmp_path, store), stored(tmp_path, store)
    record = late.read_host("web1")
    fast.write_host(fast.read_host("web1").moved(HostState.CHANGING))
    with pytest.raises(ValueError, match="Another run has changed web1"):
        late.write_host(record.moved(HostState.LEFT_OUT))
    assert stored(tmp_path, store).read_hosts(WEB)["web1"].state is HostState.CHANGING
    assert stored(tmp_path, store).read_hosts(WEB)["web2"] == HostRecord("web2")


def test_a_rollout_that_was_begun_in_a_folder_is_finished_in_the_store(tmp_path: Path, store: SqlStore) -> None:
    """With its stop, its trail and what it knows of each host; the form is that of version 0.1.0."""
    old = gate_run(tmp_path, WEB, "run-1", batch=["web1"])
    before(old)
    assert after(old, {"web1": lost_look()})["decision"] == "fail"
    kept = stored(tmp_path, store)
    assert kept.take_over(GateFolder(str(tmp_path / "gate"), "rollout"))
    assert not kept.take_over(GateFolder(str(tmp_path / "gate"), "rollout")), "once is enough"
    again = stored_run(tmp_path / "b", store, "run-2", WEB)
    assert before(again, {"web1": lost_look()})["decision"] in ("hold", "fail")
    assert stored(tmp_path, store).read_host("web1").attempt == Attempt("run-1", NOON, "old-boot", "5.10.0 x86_64")
    assert len(stored(tmp_path, store).read_trail()) >= 2


def test_soak_of_a_rollout_that_never_was_passes(tmp_path: Path, store: SqlStore) -> None:
    """The store knows all rollouts, so nothing was forgotten; a folder may be lost, and an empty store a new one."""
    decision = decide_soak(stored_run(tmp_path, store, "run-1", WEB), 30)
    assert (decision["decision"], codes(decision)) == ("pass", ["nothing_changed"])
    empty = replace(gate_run(tmp_path, WEB, "run-1"), folder=stored(tmp_path, store, has_runs=False))
    assert decide_soak(empty, 30)["decision"] == "inconclusive"


def test_a_run_that_is_not_told_of_the_store_does_not_begin_anew(tmp_path: Path, store: SqlStore) -> None:
    """The folder says where the state is; without that every host would be untouched."""
    stored(tmp_path, store).write_rollout(ROLLOUT)
    with pytest.raises(ValueError, match="is in the history the-history, and this run was not told of it"):
        GateFolder(str(tmp_path / "gate"), "rollout").read_rollout()
    other = open_store(str(tmp_path / "other.sqlite3"))
    assert isinstance(other, SqlStore)
    with pytest.raises(ValueError, match="was in the history the-history, and the history the-history does not have"):
        stored(tmp_path, other).read_rollout()
    other.close()


def test_a_take_over_that_was_cut_short_goes_on(tmp_path: Path, store: SqlStore) -> None:
    """Else the hosts that were not brought yet would count as untouched."""
    old = gate_run(tmp_path, WEB, "run-1", batch=["web1"])
    before(old)
    after(old, {"web1": lost_look()})
    folder = GateFolder(str(tmp_path / "gate"), "rollout")
    state = folder.read_rollout()
    assert state is not None
    # What a kill left of a first try: the rollout, and a line of its trail.
    cut = StoredRollout(str(tmp_path / "elsewhere"), "rollout", store.rollouts, "operator", "the-history")
    cut.write_rollout(state)
    cut.add_to_trail(folder.read_trail()[0])
    kept = stored(tmp_path, store)
    assert kept.take_over(folder) and not kept.take_over(folder)
    assert kept.read_host("web1").state is HostState.FAILED
    assert kept.read_trail() == folder.read_trail()


def test_what_is_damaged_in_the_store_is_said(tmp_path: Path, store: SqlStore) -> None:
    """Nobody goes on with a state that can't be read."""
    kept = stored(tmp_path, store)
    kept.write_rollout(ROLLOUT)
    found = store.rollouts.get("rollout")
    assert found is not None and json.loads(found.document)["targets"] == WEB
    with store.engine.writing():
        store.engine.change("UPDATE rollout SET document = ? WHERE name = ?", ("[", "rollout"))
    with pytest.raises(ValueError, match="can't be read"):
        decide_batch(stored_run(tmp_path, store, "run-1", WEB))
