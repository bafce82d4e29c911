# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase plan: the denominator of all shares, before anything can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.served import keep_service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import gate_run

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def test_plan_saves_the_targets_and_gives_the_batches(tmp_path: Path) -> None:
    """The denominator of all shares, before anything can fail. A later run may add to it and never takes away."""
    assert plan(gate_run(tmp_path, WEB)) == {"targets": 3, "serial": [3, "10%", "25%"]}
    assert plan(gate_run(tmp_path, ["web2"]))["targets"] == 3


def test_hosts_that_wait_to_be_brought_back_need_the_step_for_it(tmp_path: Path) -> None:
    """Else nobody would ever do it, and the rollout would say that all is done."""
    run = gate_run(tmp_path, WEB)
    plan(run, serves=True)
    before(run)
    after(run)
    with pytest.raises(ValueError, match="3 hosts of the rollout rollout wait to be brought back into service"):
        plan(gate_run(tmp_path, WEB, "run-2"))
    for name in WEB:
        keep_service(run, name, None)
    assert plan(gate_run(tmp_path, WEB, "run-2"))["targets"] == 3
