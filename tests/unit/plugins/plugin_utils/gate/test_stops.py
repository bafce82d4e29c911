# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stops of a rollout: how long one stands, and how a person lifts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    codes,
    gate_run,
    lost_look,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def trail(run: GateRun) -> list[str]:
    """The events of the audit trail."""
    return [json.loads(line)["event"] for line in (Path(run.folder.path) / "trail.jsonl").read_text().splitlines()]


def test_a_part_of_a_stopped_batch_does_not_end_its_stop(tmp_path: Path) -> None:
    """One of two is repaired and passes; the other still stands between the rollout and the rest."""
    first = gate_run(tmp_path, WEB, batch=["web1", "web2"])
    before(first)
    assert after(first, {"web1": lost_look(), "web2": lost_look()})["decision"] == "fail"
    part = gate_run(tmp_path, WEB, "run-2", batch=["web1"], policy=LENIENT)
    assert before(part, {"web1": after_look()})["decision"] == "pass"
    assert after(part)["decision"] == "pass"
    around = before(gate_run(tmp_path, WEB, "run-3", batch=["web3"], policy=LENIENT))
    assert (around["decision"], codes(around)) == ("fail", ["stopped_before"])
    assert "bring web2 into the run" in around["sentence"]
    by_override = gate_run(tmp_path, WEB, "run-4", batch=["web3"], policy=LENIENT, override="web2 is scrap, ticket 12.")
    assert before(by_override)["decision"] == "pass"


def test_an_override_lifts_the_stop_and_keeps_its_reason(tmp_path: Path) -> None:
    """Its hosts count no more; the dimension that was found is not found again; the next new thing is."""
    hosts = [f"web{place}" for place in range(1, 14)]
    run = gate_run(tmp_path, hosts, batch=hosts[:3])
    for name in hosts:
        keep_look(run, name, "production", before_look(slab_unreclaimable_bytes=(500 + len(name)) * MIB))
    before(run, {name: before_look() for name in run.batch})
    stopped = after(run, {name: after_look(slab_unreclaimable_bytes=750 * MIB) for name in run.batch})
    assert (stopped["decision"], codes(stopped)[:2]) == ("fail", ["regression_paired", "regression_cohort"])
    assert [host["outcome"] for host in stopped["hosts"]] == ["good"] * 3
    for reason in ("yes", "short"):
        with pytest.raises(ValueError, match="needs a reason"):
            before(gate_run(tmp_path, hosts, "run-2", batch=hosts[3:8], override=reason))
    on = gate_run(tmp_path, hosts, "run-2", batch=hosts[3:8], override="Known, and paid for by ticket 4711.")
    assert before(on)["decision"] == "pass"
    decision = after(on, {name: after_look(slab_unreclaimable_bytes=750 * MIB) for name in on.batch})
    assert decision["decision"] == "pass", decision["sentence"]
    assert decision["regression"]["production"]["paired"]["dimensions"]["slab_unreclaimable"]["worse"]
    assert trail(on).count("override") == 1


def test_an_override_that_the_policy_forbids(tmp_path: Path) -> None:
    """Nobody can talk the gate into it."""
    policy = policy_of({"environments": {"production": {"gate": {"allow_override": False}}}})
    run = gate_run(tmp_path, WEB, batch=["web1"], policy=policy)
    before(run)
    after(run, {"web1": lost_look()})
    with pytest.raises(ValueError, match="allows no override"):
        before(gate_run(tmp_path, WEB, "run-2", batch=["web2"], policy=policy, override="The boss said so, twice."))
