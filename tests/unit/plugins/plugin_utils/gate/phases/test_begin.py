# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase begin: what is refused, and what is begun."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, codes, gate_run, lost_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def test_the_decision_on_disk_never_says_pass_while_a_batch_is_under_way(tmp_path: Path) -> None:
    """If the play dies now, this is what a pipeline reads."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    assert before(run)["decision"] == "pass"
    assert run.folder.read_decision()["decision"] == "inconclusive"


def test_a_stop_refuses_every_later_batch_of_the_run(tmp_path: Path) -> None:
    """Also where Ansible goes on because somebody rescued the failure."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    assert after(run, {"web1": lost_look()})["decision"] == "fail"
    for batch in (["web2"], ["web1", "web2"]):
        refused = before(gate_run(tmp_path, WEB, batch=batch))
        assert (refused["decision"], codes(refused)) == ("fail", ["stopped_before"])
        assert "It did not come back" in refused["sentence"]


def test_a_batch_that_was_never_judged_refuses_the_next(tmp_path: Path) -> None:
    """Its play ended in between; a later run must bring its hosts."""
    before(gate_run(tmp_path, WEB, batch=["web1"]))
    assert codes(before(gate_run(tmp_path, WEB, batch=["web2"]))) == ["stopped_before"]
    later = before(gate_run(tmp_path, WEB, "run-2", batch=["web2"]))
    assert (later["decision"], codes(later)) == ("inconclusive", ["stopped_before"])
    assert "bring web1 into the run" in later["sentence"]
    assert before(gate_run(tmp_path, WEB, "run-3"), {name: before_look() for name in WEB})["decision"] == "pass"
