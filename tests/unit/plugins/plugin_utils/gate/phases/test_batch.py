# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout from its first batch to its last, without Ansible: what is refused, what is let through, and what the
files say.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.batch import (
    close_untouched,
    decide_batch,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.before import is_done
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_gate import decision_lines
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    SICK,
    after_look,
    before_look,
    codes,
    gate_run,
    lost_look,
    valid,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def trail(run: GateRun) -> list[str]:
    """The events of the audit trail."""
    return [json.loads(line)["event"] for line in (Path(run.folder.path) / "trail.jsonl").read_text().splitlines()]


def test_a_whole_rollout(tmp_path: Path) -> None:
    """Two batches pass; every file says so."""
    first = gate_run(tmp_path, WEB, batch=["web1"])
    assert before(first)["decision"] == "pass"
    assert after(first)["decision"] == "pass"
    rest = gate_run(tmp_path, WEB, batch=["web2", "web3"])
    assert before(rest)["decision"] == "pass"
    decision = after(rest)
    assert decision["state"] == {"new": WEB, "old": [], "untouched": [], "unknown": []}
    assert decision["reasons"][-1]["sentence"] == "3 of 3 hosts of the rollout are done, none is left."
    assert trail(rest) == ["batch_begun", "decided_batch", "batch_begun", "decided_batch"]
    assert len(rest.folder.earlier("web1")) == 1
    assert codes(before(gate_run(tmp_path, WEB, "run-2"))) == ["done"]
    assert is_done(rest, "web1")


def test_a_touched_host_that_is_lost_in_the_next_run_is_not_judged_by_old_looks(tmp_path: Path) -> None:
    """It looked well last time; nobody has seen it today."""
    first = gate_run(tmp_path, WEB, batch=["web1", "web2"])
    before(first)
    assert after(first, {"web1": lost_look(), "web2": after_look()})["decision"] == "fail"
    again = gate_run(tmp_path, WEB, "run-2", batch=["web1"], lost=["web2"], policy=LENIENT)
    before(again, {"web1": after_look()})
    decision = after(again)
    assert [(host["name"], host["outcome"]) for host in decision["hosts"]] == [("web1", "good"), ("web2", "bad")]


def test_bad_hosts_add_up_over_batches(tmp_path: Path) -> None:
    """One of two is allowed in each batch, and one of four in all."""
    gate = {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 25}
    policy = policy_of({"environments": {"production": {"gate": gate}}})
    hosts = ["web1", "web2", "web3", "web4"]
    first = gate_run(tmp_path, hosts, batch=hosts[:2], policy=policy)
    before(first)
    assert after(first, {"web1": lost_look(), "web2": after_look()})["decision"] == "pass"
    second = gate_run(tmp_path, hosts, batch=hosts[2:], policy=policy)
    before(second)
    decision = after(second, {"web3": lost_look(), "web4": after_look()})
    assert decision["decision"] == "fail"
    assert [code for code in codes(decision) if code != "not_testable"] == ["bad_hosts", "bad_hosts_in_all", "progress"]


def test_a_sick_host_is_neither_pair_nor_control(tmp_path: Path) -> None:
    """It may be changed, and tells nothing about the others."""
    hosts = [f"web{place}" for place in range(1, 15)]
    run = gate_run(tmp_path, hosts, batch=hosts[:4])
    for name in hosts:
        keep_look(run, name, "production", before_look(**(SICK if name == "web14" else {})))
    before(run, {name: before_look(**(SICK if name == "web1" else {})) for name in run.batch})
    tests = after(run)["regression"]["production"]
    assert (tests["cohort"]["state"], tests["cohort"]["changed"], tests["cohort"]["unchanged"]) == (
        "not_testable",
        3,
        9,
    )


def test_check_mode_closes_a_batch_without_a_comparison(tmp_path: Path) -> None:
    """So that the next batch is looked at, too."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    assert valid(close_untouched(run))["decision"] == "pass"
    assert before(gate_run(tmp_path, WEB, batch=["web2"]))["decision"] == "pass"


def test_deciding_without_a_batch_is_an_error(tmp_path: Path) -> None:
    """The phase before comes first."""
    with pytest.raises(ValueError, match="No batch"):
        decide_batch(gate_run(tmp_path, WEB))


def test_hostile_names_and_texts_are_shown_safely(tmp_path: Path) -> None:
    """A host's name or kernel may try to write to the terminal or into the XML."""
    name = "web\x1b[2J]]><x>&\u202e"
    run = gate_run(tmp_path, [name])
    before(run)
    decision = after(run, {name: after_look(kernel_release="6\x1b[0m<b>")})
    assert "\x1b" not in "\n".join(decision_lines(decision, None))
