# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase step_failed: a step that failed is bad, and named."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.batch import decide_batch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.step_failed import keep_failed_step
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, gate_run, valid
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def test_a_step_that_failed_is_bad_and_named(tmp_path: Path) -> None:
    """The look shows where it left the host."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    keep_failed_step(run, "web1", before_look(), "dnf: no space left on device")
    decision = valid(decide_batch(run))
    assert (decision["decision"], decision["state"]["old"]) == ("fail", ["web1"])
    assert "dnf: no space left on device" in decision["sentence"]
