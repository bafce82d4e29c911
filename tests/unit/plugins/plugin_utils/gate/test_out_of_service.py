# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is out of service, why, and how many may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import Verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import (
    Attempt,
    HostRecord,
    Service,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.out_of_service import (
    add_out_of_service,
    add_still_out,
    not_in_service_yet,
    tried_or_away,
    waiting_for_service,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import RolloutRecord
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, gate_run

ROLLOUT = RolloutRecord("rollout", NOON, ("a", "b"), drains=True, serves=True)


def record(host: str, state: HostState, message: str | None = None, run_id: str = "run-0") -> HostRecord:
    """A host in a state, with a last try to bring it back."""
    service = None if message is None else Service(run_id, NOON, message)
    return HostRecord(host, state, attempt=Attempt("run-0", NOON, "boot", "5 x"), service=service)


def test_more_hosts_out_of_service_than_may_be_bad_hold(tmp_path: Path) -> None:
    """One of a hundred may be, and is said with its reason."""
    run = gate_run(tmp_path, [f"h{number}" for number in range(100)])
    records = {name: HostRecord(name) for name in run.targets}
    for number, decision in ((2, "pass"), (3, "hold")):
        names = [f"h{place}" for place in range(number)]
        for name in names:
            records[name] = record(name, HostState.RETURNING, "Undrain: no route")
        verdict = Verdict()
        add_out_of_service(verdict, run, records, names)
        assert verdict.decision == decision
        assert "(Undrain: no route); run the same command again" in verdict.reasons[0]["sentence"]


def test_whom_this_run_has_tried_or_has_not_counts(tmp_path: Path) -> None:
    """Others are still to be brought back by a batch of it."""
    run = gate_run(tmp_path, ["tried", "to come"], "run-1")
    records = {
        "tried": record("tried", HostState.RETURNING, "It failed.", "run-1"),
        "to come": record("to come", HostState.RETURNING, "It failed."),
        "away": record("away", HostState.ACCEPTED),
        "back": record("back", HostState.IN_SERVICE),
    }
    assert waiting_for_service(ROLLOUT, records) == ["tried", "to come", "away"]
    assert tried_or_away(run, ROLLOUT, records) == ["tried", "away"]


def test_who_was_begun_and_stays_out_is_said_with_how_far_it_has_come() -> None:
    """Where nothing is drained nobody is out."""
    records = [record("a", HostState.DRAINED), record("b", HostState.FAILED), record("c", HostState.IN_SERVICE)]
    verdict = Verdict()
    add_still_out(verdict, replace(ROLLOUT, drains=False), records)
    assert not verdict.reasons
    add_still_out(verdict, ROLLOUT, records)
    said = verdict.reasons[0]["sentence"]
    assert said.startswith("2 hosts stay out of service: a (drained, perhaps changed); b (failed); the same command")
    assert verdict.decision == "pass"


def test_a_pass_is_none_on_disk_while_hosts_are_brought_back() -> None:
    """A run that dies there leaves no pass behind."""
    decision = {"decision": "pass", "sentence": "", "reasons": []}
    assert not_in_service_yet(decision, ["a"])["decision"] == "inconclusive"
    assert not_in_service_yet(decision, []) == decision
