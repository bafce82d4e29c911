# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rollout is kept: in the history that somebody has named, else in the folder; check mode changes neither."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.keeping import Keeping, Place, keeping_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.leases import holder_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import RolloutRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.store import StoredRollout

ROLLOUT = RolloutRecord("rollout", "2026-11-24T12:00:00Z", ("web1",))
NOTHING: Mapping[str, str] = {}


def opened(
    folder: Path,
    history: str | None = None,
    environment: Mapping[str, str] = NOTHING,
    copy: Path | None = None,
    run_id: str = "run-1",
    rollout: str = "rollout",
    gate_dir: str = "gate",
) -> Keeping:
    """The rollout as a run in that folder opens it."""
    place = Place(
        str(folder / gate_dir),
        rollout,
        history,
        environment,
        str(folder),
        "operator",
        None if copy is None else str(copy),
    )
    return keeping_of(place, holder_of("here", os.getpid(), run_id), begins=True)


def test_the_state_is_in_the_history_that_somebody_has_named(tmp_path: Path) -> None:
    """By a setting or by the environment; the one beside the reports is named by nobody."""
    with closing(opened(tmp_path)) as keeping:
        assert not isinstance(keeping.folder, StoredRollout)
    with closing(opened(tmp_path, "none")) as keeping:
        assert not isinstance(keeping.folder, StoredRollout)
    with closing(opened(tmp_path, "h.sqlite3")) as keeping:
        assert isinstance(keeping.folder, StoredRollout)
        keeping.folder.write_rollout(ROLLOUT)
    with closing(opened(tmp_path, environment={"KERNEL_MEM_AUDIT_HISTORY": "h.sqlite3"})) as keeping:
        assert keeping.folder.read_rollout() == ROLLOUT
    assert (tmp_path / "h.sqlite3").is_file()
    assert not (tmp_path / "gate" / "rollout" / "rollout.json").exists()


def test_check_mode_changes_nothing(tmp_path: Path) -> None:
    """It works on a copy, of the store or of the folder, and makes no store."""
    with closing(opened(tmp_path, "h.sqlite3", copy=tmp_path / "copy")) as keeping:
        assert keeping.folder.read_rollout() is None
        keeping.take(["web1"])
    assert not (tmp_path / "h.sqlite3").exists() and not (tmp_path / "gate").exists()
    with closing(opened(tmp_path, "h.sqlite3")) as keeping:
        keeping.folder.write_rollout(ROLLOUT)
    with closing(opened(tmp_path, "h.sqlite3", copy=tmp_path / "copy")) as keeping:
        assert keeping.folder.read_rollout() == ROLLOUT
        keeping.folder.write_rollout(replace(ROLLOUT, targets=()))
    with closing(opened(tmp_path, "h.sqlite3")) as keeping:
        assert keeping.folder.read_rollout() == ROLLOUT


def test_a_run_with_a_history_and_one_without_are_not_at_the_same_hosts(tmp_path: Path) -> None:
    """They keep their states in different places, and would reboot the same host."""
    with (
        closing(opened(tmp_path, "h.sqlite3", rollout="a")) as one,
        closing(opened(tmp_path, run_id="run-2", rollout="b")) as other,
        closing(opened(tmp_path, "h.sqlite3", run_id="run-3", rollout="c", gate_dir="another")) as third,
    ):
        one.take(["web1", "web2"])
        with pytest.raises(ValueError, match="host web2 is held by process"):
            other.take(["web2", "web3"])
        with pytest.raises(ValueError, match="host web1 is held by process"):
            third.take(["web1"])
        one.give_up(["web1", "web2"])
        other.take(["web2", "web3"])
        with pytest.raises(ValueError, match="host web2"):
            one.take(["web2"])
        third.take(["web2"])
