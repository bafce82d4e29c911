# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate playbook: go or no-go for a fleet, around a change that something else makes, and days after one."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import MIB, GateLab, Outcome
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PHASE = "kernel_mem_audit_gate_phase"


def gate(lab: GateLab, phase: str, *arguments: str) -> Outcome:
    """Run the gate playbook."""
    return lab.play("fleetaudit.kernel_memory.gate", "-e", f"{PHASE}={phase}", *arguments)


def test_check_is_go_for_a_healthy_fleet_and_no_go_for_a_sick_one(lab: GateLab) -> None:
    """The exit code, decision.json and the JUnit file of a pipeline."""
    lab.hosts({"web1": "good", "web2": "good"})
    go = lab.play("fleetaudit.kernel_memory.gate", "-e", "kernel_mem_audit_junit=gate.xml")
    assert (go.exit_code, go.word) == (0, "pass"), go.output
    assert 'failures="0" errors="0"' in (go.folder / "gate.xml").read_text()
    lab.hosts({"web1": "good", "web2": "sick", "web3": "unreachable", "web4": "broken_variables"})
    no_go = gate(lab, "check", "-e", "kernel_mem_audit_junit=gate.xml")
    assert (no_go.exit_code, no_go.word) == (2, "fail"), no_go.output
    assert [host["outcome"] for host in no_go.decision["hosts"]] == ["good", "bad", "bad", "bad"]
    assert 'failures="4" errors="0"' in (no_go.folder / "gate.xml").read_text()
    assert "GATE FAIL" in no_go.output


def test_before_and_after_gate_a_change_that_something_else_makes(lab: GateLab) -> None:
    """Two jobs with another tool between them: the state on disk carries the rollout."""
    lab.hosts({"web1": "good", "web2": "regression"})
    assert gate(lab, "before").exit_code == 0
    for name in ("web1", "web2"):
        subprocess.run(["sh", str(lab.folder / "reboot.sh"), str(lab.folder / "hosts" / name)], check=True)
    stopped = gate(lab, "after")
    assert (stopped.exit_code, stopped.word) == (2, "fail"), stopped.output
    assert [host["outcome"] for host in stopped.decision["hosts"]] == ["good", "bad"]


def days_ago(lab: GateLab, days: float) -> None:
    """Let the rollout have been so many days ago."""

    def earlier(one: Any) -> Any:
        if isinstance(one, dict):
            return {
                key: _moved(value, days) if key == "taken_at" and value else earlier(value)
                for key, value in one.items()
            }
        return one

    for path in (lab.folder / "work" / "gate" / "rollout" / "hosts").iterdir():
        path.write_text(json.dumps(earlier(json.loads(path.read_text()))))


def _moved(moment: str, days: float) -> str:
    return (datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ") - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_soak_holds_then_passes_then_finds_a_leak(lab: GateLab) -> None:
    """Two days after the rollout it is too soon, after nine it is over; a host that has grown by then fails it."""
    lab.hosts({"web1": "good", "web2": "good"})
    assert lab.rolling().exit_code == 0
    days_ago(lab, 2)
    early = gate(lab, "soak")
    assert (early.exit_code, early.word) == (2, "hold"), early.output
    days_ago(lab, 7)
    over = gate(lab, "soak")
    assert (over.exit_code, over.word) == (0, "pass"), over.output
    tree = lab.folder / "hosts" / "web2" / "now" / "proc" / "meminfo"
    lab._meminfo(tree, tree, 900 * MIB)
    leaking = gate(lab, "soak")
    assert (leaking.exit_code, leaking.word) == (2, "fail"), leaking.output
    assert leaking.codes("web2") == ["growth"]
    nothing = gate(lab, "soak", "-e", "kernel_mem_audit_within_days=5")
    assert (nothing.exit_code, nothing.word) == (0, "pass"), nothing.output
    assert "Nothing was rolled out" in nothing.output


def test_the_wrapper_has_an_exit_code_for_each_decision(lab: GateLab) -> None:
    """ansible-playbook ends with 2 for fail and inconclusive alike; `kernel-memory gate` tells them apart."""

    def ended(*arguments: str) -> int:
        command = [
            sys.executable,
            str(ROOT / "cli" / "gate.py"),
            str(Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            str(lab.inventory),
        ]
        return subprocess.run([*command, *arguments], cwd=lab.folder / "work", check=False).returncode

    lab.hosts({"web1": "good"})
    assert ended() == 0
    assert ended("-e", "kernel_mem_audit_gate_phase=soak") == 11
    assert ended("-e", "kernel_mem_audit_hosts=nobody") == 2
    # Wherever the folder is: only the play knows.
    elsewhere = {"kernel_mem_audit_gate_dir": str(lab.folder / "work" / "decisions")}
    assert ended("-e", json.dumps(elsewhere)) == 0
    (lab.folder / "work" / "settings.json").write_text(json.dumps(elsewhere))
    assert ended("-e", "@settings.json") == 0 and ended("-e", "@settings.json", "--check") == 0
    assert ended("--syntax-check") == 2
    lab.hosts({"web1": "sick"})
    assert ended() == 10
    assert ended("-e", json.dumps(elsewhere)) == 10


def test_the_example_of_an_own_play_is_a_play(lab: GateLab) -> None:
    """With its hook found beside it."""
    lab.hosts({"web1": "good"})
    checked = lab.play(str(ROOT / "docs" / "examples" / "gate-own-play.yml"), "--syntax-check")
    assert checked.exit_code == 0, checked.output
