# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One gate run over a rollout: what it is told, which environment a host is in, and the shape of a decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.owners import OwnersHistory
from ..model.sample import Series
from ..policy.gate_settings import plain_gate_settings
from ..policy.policy import Policy
from .before_after import kernel_of
from .decide import Verdict
from .folder import GateFolder
from .judgement import HostJudgement, Judge, Seen
from .rollout_shapes import HostAnswer, HostRecord, Look, Plain

SCHEMA = "fleetaudit.kernel_memory.decision/1"
SHORTEST_REASON = 10


@dataclass(frozen=True)
class GateRun:
    """What one run of a play tells the gate. ``targets`` are all hosts of the play, ``batch`` those that are still
    in it now.
    """

    folder: GateFolder
    run_id: str
    now: str
    policy: Policy
    tool_version: str
    targets: Sequence[str] = ()
    batch: Sequence[str] = ()
    lost: Sequence[str] = ()
    """Targets that a task before the gate's has lost."""
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    expected_kernel: str | None = None
    override: str | None = None
    actor: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, Series] | None = None
    """What the history knows of hosts; None where no history is kept."""
    owners: Mapping[str, OwnersHistory] = field(default_factory=dict)
    """What it knows of who held their memory."""
    history_note: str | None = None
    """Why the history could not be asked, where it should have been."""

    def environment(self, record: HostRecord) -> str:
        """Return the environment of a host: the one its own look found, else by its groups."""
        known = record.get("environment")
        if known in self.policy.environments:
            return str(known)
        return self.policy.environment_of(self.groups.get(str(record["host"]), ()))[0]

    def judge(self, looks: Mapping[str, Look]) -> dict[str, HostJudgement]:
        """Return the judgement of the audit on each host whose look has facts, all of them as one pool."""
        seen = [
            Seen(
                host,
                self.environment({"host": host, "environment": one.get("environment")}),
                tuple(self.groups.get(host, ())),
                one["taken_at"],
                one["facts"],
            )
            for host, one in looks.items()
            if one is not None and one["outcome"] == "facts"
        ]
        return Judge(self.policy, self.series, self.owners).judge(seen, self.now)

    def settings(self, environment: str) -> dict[str, Any]:
        """Return the plain gate settings of an environment."""
        return plain_gate_settings(self.policy.environments[environment].gate)

    def by_environment(self, records: Iterable[HostRecord]) -> dict[str, list[HostRecord]]:
        """Return records by environment, in the order of the policy."""
        found: dict[str, list[HostRecord]] = {}
        for record in records:
            found.setdefault(self.environment(record), []).append(record)
        return {name: found[name] for name in self.policy.environments if name in found}


def policy_digest(policy: Policy) -> str:
    """Return the SHA-256 of a resolved policy, so that a decision can be traced to its rules."""
    return hashlib.sha256(json.dumps(policy.plain, sort_keys=True, default=str).encode()).hexdigest()


def state_of(record: HostRecord, expected: str | None) -> str:
    """Return where a host is in the rollout: ``untouched``, ``new`` or ``old`` kernel, or ``unknown`` where it was
    touched and not seen since.
    """
    if record["status"] in ("untouched", "unfit", "fit") or not record.get("attempt"):
        return "untouched"
    after, before = record.get("after"), record.get("reference")
    if after is None or after["outcome"] != "facts":
        return "unknown"
    if before is None or before["outcome"] != "facts":
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
        "reasons": [*verdict.reasons, *_said(run.history_note)],
        "policy": {"name": run.policy.name, "source": run.policy.source, "sha256": policy_digest(run.policy)},
        "expected_kernel": expected,
        "environments": [dict(row) for row in numbers],
        "regression": dict(tests or {}),
        "hosts": [
            host_row(name, records.get(name, {"host": name, "status": "untouched"}), hosts[name])
            for name in sorted(hosts)
        ],
        "state": states,
        "override": None,
        "actor": dict(run.actor),
    }


def _said(note: str | None) -> list[dict[str, str | None]]:
    return [] if note is None else [{"decision": None, "code": "no_history", "sentence": note}]


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


def host_row(name: str, record: HostRecord, answer: HostAnswer) -> Plain:
    """Return one host of a decision."""
    before, after = record.get("reference"), record.get("after") or record.get("now")
    comparison = answer.get("comparison")
    return {
        "name": name,
        "environment": record.get("environment"),
        "outcome": answer["outcome"],
        "status": record["status"],
        "kernel_before": _kernel(before),
        "kernel_after": _kernel(after),
        "reasons": list(answer["reasons"]),
        "cured": list(answer.get("cured") or ()),
        "at_equal_uptime": comparison["at_equal_uptime"] if comparison else None,
        "dimensions": comparison["dimensions"] if comparison else {},
    }


def checked_override(run: GateRun, allowed: bool) -> str | None:
    """Return the reason of an override, or None where none is given. Raises ValueError where it can't stand."""
    if run.override is None or not run.override.strip():
        return None
    if not allowed:
        raise ValueError("The policy allows no override here (gate.allow_override is false), so the stop stands.")
    return checked_reason(run.override, "An override")


def checked_reason(given: str | None, what: str) -> str:
    """Return the reason that a person has given for *what*, in one line. Raises ValueError where it is none."""
    reason = " ".join((given or "").split())
    if len(reason) < SHORTEST_REASON or reason.lower() in ("true", "yes", "1", "force"):
        raise ValueError(
            f"{what} needs a reason that somebody can understand next year, of {SHORTEST_REASON} characters at "
            f"least; {reason!r} is none."
        )
    return reason


def _kernel(one: Look | None) -> str | None:
    if not one or one.get("outcome") != "facts":
        return None
    release = one["facts"]["host"]["kernel_release"]
    return None if release is None else str(release)
