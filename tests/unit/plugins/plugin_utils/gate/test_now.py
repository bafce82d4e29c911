# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks of this run at hosts as they are, and the end of a decision without a change."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import Verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decision import decision_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.now import (
    finished,
    look_of_this_run,
    looked_at,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, gate_run


def test_a_look_of_another_run_is_none_of_today(tmp_path: Path) -> None:
    """Nobody takes it for today's."""
    run = gate_run(tmp_path, ["web1", "web2"])
    keep_look(run, "web1", "production", before_look())
    keep_look(gate_run(tmp_path, ["web2"], "run-0"), "web2", "staging", before_look())
    records = looked_at(run)
    assert [look_of_this_run(run, records[name])["outcome"] for name in run.targets] == ["facts", "failed"]
    assert records["web2"].environment == "staging" and run.folder.kept_looks() == {}


def test_an_override_is_written_down_with_what_it_overrides(tmp_path: Path) -> None:
    """The decision passes, and the trail says in spite of what."""
    run = gate_run(tmp_path, ["web1"], override="Known since ticket 4711.")
    verdict = Verdict()
    verdict.add("hold", "too_soon", "It is too soon.")
    decision = finished(run, "soak", verdict, decision_of(run, "soak", verdict, {}, {}))
    assert (decision["decision"], decision["override"]["decision"]) == ("pass", "hold")
    assert [line["event"] for line in run.folder.read_trail()] == ["override", "decided_soak"]
    assert run.folder.read_decision() == decision
