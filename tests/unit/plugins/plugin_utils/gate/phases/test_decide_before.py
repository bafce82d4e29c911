# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase decide_before: too many hosts that may not be touched are a hold."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, gate_run, lost_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def test_too_many_hosts_that_may_not_be_touched_hold_and_nothing_is_begun(tmp_path: Path) -> None:
    """Nothing is broken by the change, so it is no failure; a later run starts afresh."""
    held = before(gate_run(tmp_path, WEB), {"web1": lost_look(), "web2": before_look(), "web3": before_look()})
    assert (held["decision"], held["state"]["untouched"]) == ("hold", WEB)
    run = gate_run(tmp_path, WEB, "run-2")
    assert before(run)["decision"] == "pass"
    assert after(run)["decision"] == "pass"


def test_a_host_that_no_worker_looked_at_counts(tmp_path: Path) -> None:
    """Its variables are broken, so its task failed before it began; or a task before the gate's lost it."""
    held = before(gate_run(tmp_path, WEB), {"web2": before_look(), "web3": before_look()})
    assert (held["decision"], held["hosts"][0]["reasons"][0]["code"]) == ("hold", "lost")
    run = gate_run(tmp_path, WEB, "run-2", batch=["web2", "web3"], lost=["web1"])
    held = before(run)
    assert (held["decision"], [host["outcome"] for host in held["hosts"]]) == ("hold", ["bad", "good", "good"])
    all_lost = gate_run(tmp_path, ["db1", "db2"], "run-3", batch=["db2"], lost=["db1"])
    assert begin(all_lost).todo == ["db2", "db1"]
