# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases that decide hold the leases on their hosts while they do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.keeping import Place, keeping_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.leases import holder_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.after import keep_after
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import keep_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.deciding import begun, decided
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.served import keep_service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.touch import keep_touch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    begin_batch,
    codes,
    end_batch,
    gate_run,
)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Any]]:
    """Two runs over the same folder."""
    place = Place(str(tmp_path / "gate"), "rollout", None, {}, str(tmp_path), "operator")
    made = [keeping_of(place, holder_of("here", os.getpid(), run_id), begins=True) for run_id in ("run-1", "run-2")]
    yield made
    for keeping in made:
        keeping.close()


def test_a_batch_holds_its_hosts_from_its_beginning_to_its_decision(tmp_path: Path, two: list[Any]) -> None:
    """Nobody else changes them in between."""
    one, other = two
    run = gate_run(tmp_path, ["web1", "web2"])
    assert begun(one, run).may_begin
    with pytest.raises(ValueError, match="Another run is changing them"):
        begun(other, gate_run(tmp_path, ["web1", "web2"], "run-2"))
    for name in run.batch:
        keep_before(run, name, "production", before_look())
    assert decided("decide_before", one, run, 30)["decision"] == "pass"
    for name in run.batch:
        keep_touch(run, name)
        keep_after(run, name, [after_look()], None, 1)
    assert decided("batch", one, run, 30)["decision"] == "pass"
    assert begun(other, gate_run(tmp_path, ["web1", "web2"], "run-2")).decision["decision"] == "pass"


def test_a_host_that_waits_for_service_within_the_budget_stops_nothing(tmp_path: Path, two: list[Any]) -> None:
    """It is said, and the batch begins."""
    lenient = policy_of({"environments": {"production": {"gate": {"maximum_bad_percent_in_all": 50}}}})
    first = gate_run(tmp_path, ["web1", "web2"], batch=["web1"], policy=lenient)
    plan(first, serves=True)
    begin_batch(first)
    end_batch(first)
    keep_service(first, "web1", "It failed.")
    made = begun(two[0], gate_run(tmp_path, ["web1", "web2"], batch=["web2"], policy=lenient))
    assert (made.may_begin, list(made.todo)) == (True, ["web2"])
    assert codes(made.decision) == ["out_of_service", "under_way"]


def test_a_check_needs_no_batch(tmp_path: Path, two: list[Any]) -> None:
    """Nor does it change anything."""
    assert decided("check", two[0], gate_run(tmp_path, ["web1"]), 30)["phase"] == "check"
    assert decided("soak", two[0], gate_run(tmp_path, ["web1"]), 30)["phase"] == "soak"
