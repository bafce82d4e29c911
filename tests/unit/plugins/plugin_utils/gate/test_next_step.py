# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stop says what to do next: whom to look at, and which command to run."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.next_step import next_step
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.output import last_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.check import decide_check
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_gate import decision_lines
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    SICK,
    after_look,
    begin_batch,
    end_batch,
    gate_run,
    lost_look,
)

WEB = ["web1", "web2", "web3"]


def test_a_pass_has_none(tmp_path: Path) -> None:
    """The rollout goes on by itself."""
    run = gate_run(tmp_path, WEB)
    begin_batch(run)
    assert next_step(end_batch(run, dict.fromkeys(WEB, after_look()))) is None


def test_hosts_with_more_memory_are_investigated(tmp_path: Path) -> None:
    """By the command that names what grows, for those hosts alone; the others are named, too."""
    run = gate_run(tmp_path, WEB)
    begin_batch(run)
    decision = end_batch(run, {"web1": after_look(**SICK), "web2": lost_look(), "web3": after_look()})
    step = next_step(decision) or ""
    assert step.startswith("look at web1, web2, and see what grows there: ansible-playbook ")
    assert "fleetaudit.kernel_memory.investigate --become --limit 'web1';" in step
    assert "run the same command again, which judges changed hosts again and does not change them again" in step
    assert "kernel_mem_audit_override" in step
    lines = decision_lines(decision, None)
    command = "           ansible-playbook fleetaudit.kernel_memory.investigate --become --limit 'web1'"
    assert command in lines, "a line of its own can be picked up"
    assert sum(line.startswith("NEXT") for line in lines) == 1 and len(last_line(decision)) <= 215
    assert " ".join(" ".join(lines).split()).count(str(decision["sentence"])) == 1


def test_a_batch_that_waits_is_brought_into_the_run(tmp_path: Path) -> None:
    """Running the same limited command again would be refused again."""
    first = gate_run(tmp_path, WEB, "run-1", batch=["web1"])
    begin_batch(first)
    end_batch(first, {"web1": lost_look()})
    refused = begin_batch(gate_run(tmp_path, ["web2"], "run-2", batch=["web2"]))
    assert "without a limit that leaves them out" in (next_step(refused) or "")


def test_a_check_changes_nothing_and_so_speaks_of_no_change(tmp_path: Path) -> None:
    """Nobody was seen here."""
    step = next_step(decide_check(gate_run(tmp_path, WEB))) or ""
    assert step.startswith("look at web1") and "changed hosts" not in step
