# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as it goes out: ``decision.json``, with every host that it is about and where all others are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..policy.policy import Policy
from .before_after import kernel_of
from .decide import Verdict
from .host_record import HostAnswer, HostRecord, Look, is_facts
from .host_state import HostState
from .json_files import Plain
from .run import GateRun

SCHEMA = "fleetaudit.kernel_memory.decision/1"
_STATUS = {
    HostState.PLANNED: "untouched",
    HostState.LEFT_OUT: "unfit",
    HostState.FIT: "fit",
    HostState.JUDGED: "refused",
    HostState.FAILED: "bad",
}


def status_of(record: HostRecord) -> str:
    """Return the coarse word that a decision has for the state of a host, beside the state itself."""
    if record.state.is_done:
        return "overridden" if record.is_overridden else "accepted"
    return _STATUS.get(record.state, "begun")


def policy_digest(policy: Policy) -> str:
    """Return the SHA-256 of a resolved policy, so that a decision can be traced to its rules."""
    return hashlib.sha256(json.dumps(policy.plain, sort_keys=True, default=str).encode()).hexdigest()


def state_of(record: HostRecord, expected: str | None) -> str:
    """Return where a host is in the rollout: ``untouched``, ``new`` or ``old`` kernel, or ``unknown`` where it was
    touched and not seen since.
    """
    if record.state.is_untouched or record.attempt is None:
        return "untouched"
    after, before = record.after, record.reference
    if after is None or not is_facts(after):
        return "unknown"
    if before is None or not is_facts(before):
        return "new" if expected is not None else "unknown"
    return "new" if kernel_of(after["facts"]) != kernel_of(before["facts"]) else "old"


def decision_of(
    run: GateRun,
    phase: str,
    verdict: Verdict,
    records: Mapping[str, HostRecord],
    hosts: Mapping[str, HostAnswer],
    *,
    batch: int | None = None,
    numbers: Sequence[Mapping[str, Any]] = (),
    tests: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Plain:
    """Return a decision. *records* are of all targets, *hosts* the answers of those that it is about, with their
    reasons.
    """
    states: dict[str, list[str]] = {"new": [], "old": [], "untouched": [], "unknown": []}
    for name in sorted(records):
        states[state_of(records[name], expected)].append(name)
    return {
        "schema": SCHEMA,
        "tool_version": run.tool_version,
        "rollout": run.folder.rollout,
        "run_id": run.run_id,
        "phase": phase,
        "batch": batch,
        "generated_at": run.now,
        "decision": verdict.decision,
        "sentence": verdict.sentence,
        "reasons": [*verdict.reasons, *_said("no_history", run.history_note), *_said("judged_without", *run.remarks)],
        "policy": {"name": run.policy.name, "source": run.policy.source, "sha256": policy_digest(run.policy)},
        "expected_kernel": expected,
        "environments": [dict(row) for row in numbers],
        "regression": dict(tests or {}),
        "hosts": [host_row(records.get(name, HostRecord(name)), hosts[name]) for name in sorted(hosts)],
        "state": states,
        "override": None,
        "actor": dict(run.actor),
    }


def _said(code: str, *notes: str | None) -> list[dict[str, str | None]]:
    said = [note for note in dict.fromkeys(notes) if note is not None]
    return [{"decision": None, "code": code, "sentence": note} for note in said]


def undecided(rollout: str, run_id: str, tool_version: str, now: str) -> Plain:
    """Return what is on disk before a run has come to any decision, in place of that of an earlier run."""
    sentence = "This run has decided nothing yet; where it has ended, it ended before it could."
    return {
        "schema": SCHEMA,
        "tool_version": tool_version,
        "rollout": rollout,
        "run_id": run_id,
        "phase": "plan",
        "batch": None,
        "generated_at": now,
        "decision": "inconclusive",
        "sentence": sentence,
        "reasons": [{"decision": "inconclusive", "code": "undecided", "sentence": sentence}],
        "policy": None,
        "expected_kernel": None,
        "environments": [],
        "regression": {},
        "hosts": [],
        "state": {"new": [], "old": [], "untouched": [], "unknown": []},
        "override": None,
        "actor": {},
    }


def host_row(record: HostRecord, answer: HostAnswer) -> Plain:
    """Return one host of a decision."""
    before, after = record.reference, record.after or record.now
    comparison = answer.get("comparison")
    return {
        "name": record.host,
        "environment": record.environment,
        "outcome": answer["outcome"],
        "status": status_of(record),
        "state": record.state.value,
        "kernel_before": _kernel(before),
        "kernel_after": _kernel(after),
        "reasons": list(answer["reasons"]),
        "cured": list(answer.get("cured") or ()),
        "at_equal_uptime": comparison["at_equal_uptime"] if comparison else None,
        "dimensions": comparison["dimensions"] if comparison else {},
    }


def _kernel(one: Look | None) -> str | None:
    if not one or one.get("outcome") != "facts":
        return None
    release = one["facts"]["host"]["kernel_release"]
    return None if release is None else str(release)
