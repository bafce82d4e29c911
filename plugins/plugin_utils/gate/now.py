# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The looks of this run at hosts as they are now, and how a decision without a change at hand ends."""

from __future__ import annotations

from dataclasses import replace

from .decide import Verdict
from .host_record import HostRecord, Look, Records
from .json_files import Plain
from .run import GateRun, checked_override

_NOT_SEEN: Look = {
    "outcome": "failed",
    "message": "The host failed or was lost before it could be looked at.",
    "facts": None,
    "taken_at": "",
}


def look_of_this_run(run: GateRun, record: HostRecord) -> Look:
    """Return this run's look at a host, in the host's environment. A look of another run is old, and nobody should take
    it for today's.
    """
    now = record.now
    seen = now if now is not None and now.get("run_id") == run.run_id else _NOT_SEEN
    return {**seen, "environment": record.environment}


def looked_at(run: GateRun) -> Records:
    """Return the hosts of the play with the looks of this run, of which nothing is kept."""
    looks = run.folder.kept_looks()
    records = run.folder.read_hosts(run.targets)
    for name in run.targets:
        if name in looks:
            environment = looks[name].get("environment") or records[name].environment
            records[name] = replace(records[name], now=looks[name], environment=environment)
    run.folder.drop_looks(looks)
    return records


def finished(run: GateRun, phase: str, verdict: Verdict, decision: Plain) -> Plain:
    """Return a decision, overridden where a person says so, and write it down."""
    if verdict.decision != "pass":
        can = all(run.settings(row["environment"])["allow_override"] for row in decision["environments"])
        reason = checked_override(run, can)
        if reason is not None:
            overridden = {"reason": reason, "decision": decision["decision"], "sentence": decision["sentence"]}
            decision = {**decision, "override": overridden, "decision": "pass", "sentence": f"Overridden: {reason}"}
            run.note("override", phase=phase, **overridden)
    run.folder.write_decision(decision)
    run.note(
        f"decided_{phase}",
        decision=decision["decision"],
        sentence=decision["sentence"],
        policy_sha256=decision["policy"]["sha256"],
    )
    return decision
