# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase touch: a host is begun, before anything is done to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import keep_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.decide_before import decide_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.touch import keep_touch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    changed_record,
    gate_run,
    lost_look,
)


def allowed(tmp_path: Path, drains: bool = False, record: HostRecord | None = None, one: Any = None) -> GateRun:
    """A run whose batch was let through, over a host with that record."""
    run = gate_run(tmp_path, ["web1"], "run-2")
    plan(run, drains=drains)
    if record is not None:
        run.folder.write_host(record)
    begin(run)
    keep_before(run, "web1", "production", one or before_look())
    decide_before(run)
    return run


@pytest.mark.parametrize(
    ("state", "drains", "then"),
    [
        (None, False, HostState.CHANGING),
        (None, True, HostState.DRAINING),
        (HostState.DRAINING, True, HostState.DRAINING),
        (HostState.DRAINING, False, HostState.CHANGING),
        (HostState.DRAINED, True, HostState.DRAINED),
        (HostState.CHANGED, True, HostState.CHANGED),
        (HostState.FAILED, True, HostState.CHANGING),
    ],
)
def test_a_host_in_its_old_boot_is_begun_where_it_stood(
    tmp_path: Path, state: HostState | None, drains: bool, then: HostState
) -> None:
    """A kill in any step leaves a state from which all steps are taken, and none takes it back."""
    known = None if state is None else replace(changed_record(), state=state, after=None)
    run = allowed(tmp_path, drains, known)
    row = keep_touch(run, "web1")
    record = run.folder.read_host("web1")
    assert (row["touch"], row["judge"], record.state) == (True, True, then)
    assert record.attempt is not None and (record.attempt.run_id, record.attempt.boot_id) == ("run-2", "old-boot")


@pytest.mark.parametrize("state", [HostState.DRAINED, HostState.CHANGED, HostState.BACK, HostState.FAILED])
def test_a_host_in_another_boot_is_judged_from_where_it_was_changed(tmp_path: Path, state: HostState) -> None:
    """Its attempt stays that of the run that has changed it."""
    run = allowed(tmp_path, True, replace(changed_record(), state=state), after_look())
    row = keep_touch(run, "web1")
    record = run.folder.read_host("web1")
    assert (row["touch"], row["judge"], row["judged_again"]) == (False, True, True)
    assert record.state is HostState.BACK and record.attempt == changed_record().attempt


def test_a_host_that_was_seen_back_and_gives_no_data_is_not_changed_again(tmp_path: Path) -> None:
    """Whatever the policy says of hosts without data."""
    accepting = policy_of({"environments": {"production": {"gate": {"states": {"unknown": "accept"}}}}})
    run = gate_run(tmp_path, ["web1"], "run-2", policy=accepting)
    plan(run)
    run.folder.write_host(replace(changed_record(), state=HostState.JUDGED))
    begin(run)
    keep_before(run, "web1", "production", lost_look("failed", "odd"))
    decide_before(run)
    assert not keep_touch(run, "web1")["touch"]


def test_without_an_open_pass_nothing_is_touched(tmp_path: Path) -> None:
    """Whatever a play goes on after."""
    run = gate_run(tmp_path, ["web1"])
    assert keep_touch(run, "web1")["outcome"] == "refused"
    begin(run)
    keep_before(run, "web1", "production", before_look())
    assert not keep_touch(run, "web1")["touch"] and run.folder.read_host("web1").state is HostState.FIT
