# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase before: what is kept of the look before a change, and whom it forbids to touch."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import keep_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.decide_before import decide_before
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.touch import keep_touch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, before_look, gate_run
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def test_hosts_of_a_stopped_batch_are_judged_again_and_not_touched(tmp_path: Path) -> None:
    """The look from before they were changed stays the reference."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run, {"web1": before_look(slab_unreclaimable_bytes=500 * MIB)})
    assert after(run, {"web1": after_look(slab_unreclaimable_bytes=3 * GIB)})["decision"] == "fail"
    again = gate_run(tmp_path, WEB, "run-2", batch=["web1"])
    row = begin(again) and keep_before(again, "web1", "production", after_look())
    assert (row["touch"], row["judge"], row["judged_again"]) == (False, False, True)
    assert decide_before(again)["decision"] == "pass"
    row = keep_touch(again, "web1")
    assert (row["touch"], row["judge"], row["judged_again"]) == (False, True, True)
    decision = after(again, {"web1": after_look(slab_unreclaimable_bytes=600 * MIB)})
    assert decision["decision"] == "pass"
    assert decision["hosts"][0]["dimensions"]["slab_unreclaimable"]["before_bytes"] == 500 * MIB
