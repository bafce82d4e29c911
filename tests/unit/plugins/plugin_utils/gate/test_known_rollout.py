# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollout that a run goes on with: its wish, its targets, and its trail."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.known_rollout import known_rollout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch, end_batch, gate_run, lost_look

WEB = ["web1", "web2"]


def stopped(tmp_path: Path) -> GateRun:
    """A rollout whose first host did not come back."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    begin_batch(run)
    assert end_batch(run, {"web1": lost_look()})["decision"] == "fail"
    return run


def test_another_wish_needs_another_rollout(tmp_path: Path) -> None:
    """Without a word the wish stays."""
    plan(gate_run(tmp_path, WEB, expected_kernel="6.12.*"))
    assert known_rollout(gate_run(tmp_path, ["db1"], "run-2")).expected_kernel == "6.12.*"
    assert known_rollout(gate_run(tmp_path, ["db1"], "run-2")).targets == ("web1", "web2", "db1")
    with pytest.raises(ValueError, match="is one to the kernel 6.12.*, and not to 6.18"):
        known_rollout(gate_run(tmp_path, WEB, "run-2", expected_kernel="6.18"))


def test_hosts_without_their_rollout_are_refused(tmp_path: Path) -> None:
    """What was decided of them is gone."""
    run = stopped(tmp_path)
    os.unlink(os.path.join(run.folder.path, "rollout.json"))
    with pytest.raises(ValueError, match=r"changed already \(web1\), but its rollout.json is gone"):
        known_rollout(gate_run(tmp_path, WEB, "run-2"))


def test_a_state_that_says_more_than_the_trail_was_edited(tmp_path: Path) -> None:
    """Let through, not touched, or a batch that passed: each must be in the trail."""
    run = stopped(tmp_path)
    record = run.folder.read_host("web1")
    for edited, said in (
        (replace(record, state=HostState.ACCEPTED), "of web1 says that the rollout let it through"),
        (HostRecord("web1"), "of web1 says that the rollout has not touched it"),
    ):
        run.folder.write_host(edited)
        with pytest.raises(ValueError, match=said):
            known_rollout(gate_run(tmp_path, WEB, "run-2"))
    run.folder.write_host(record)
    rollout = known_rollout(gate_run(tmp_path, WEB, "run-2"))
    run.folder.write_rollout(rollout.with_batch(replace(rollout.batches[0], decision="pass")))
    with pytest.raises(ValueError, match="says that batch 1 was let through"):
        known_rollout(gate_run(tmp_path, WEB, "run-2"))


def test_an_override_of_a_check_lets_no_host_through(tmp_path: Path) -> None:
    """It is about that check, and its line names no batch."""
    run = stopped(tmp_path)
    run.note("override", phase="check", reason="Nobody looks at it.")
    run.folder.write_host(replace(run.folder.read_host("web1"), state=HostState.ACCEPTED))
    with pytest.raises(ValueError, match="let it through"):
        known_rollout(gate_run(tmp_path, WEB, "run-2"))
