# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of a batch: save who is meant to be changed, and refuse where an earlier stop still stands.

Ansible goes on after some failures (an unreachable host, a rescued block). So each batch asks the state on disk, and
not Ansible, whether the one before it was let through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..words.labels import hosts_phrase, some_names
from .decide import Verdict
from .run import GateRun, checked_override, decision_of

DONE = ("accepted", "overridden")
_NAMES = 5


def plan(run: GateRun) -> dict[str, Any]:
    """Save the targets of a rollout, before any host of it can fail, and return them with the batches that the
    policy asks for.
    """
    state = _state(run)
    run.folder.write_rollout(state)
    settings = run.settings(_strictest(run, state["targets"]))
    return {
        "targets": len(state["targets"]),
        "serial": [settings["canary_hosts"], *(f"{share:g}%" for share in settings["batch_percent"])],
    }


def begin(run: GateRun) -> dict[str, Any]:
    """Begin a batch and return the decision that holds until it is judged: ``inconclusive``, or a refusal.

    ``todo`` are the hosts of the batch that are not done; where there is none, nothing changes.
    """
    state = _state(run)
    records = run.folder.read_hosts(state["targets"])
    todo = [name for name in run.batch if records[name]["status"] not in DONE]
    # What a task before the gate's lost was never touched, and counts where it was meant to be: in this batch.
    seen = {name for batch in state["batches"] if batch["run_id"] == run.run_id for name in batch["hosts"]}
    lost = [name for name in run.lost if name not in seen and records[name]["status"] not in DONE]
    for name in lost:
        records[name] = {**records[name], "status": _lost_status(records[name]), "before_answer": None, "run_id": None}
        run.folder.write_host(records[name])
    if not todo and not lost:
        verdict = Verdict()
        verdict.add(None, "done", f"All {hosts_phrase(len(run.batch))} of this batch are done already.")
        run.folder.write_rollout(state)
        return {**decision_of(run, "begin", verdict, records, {}, expected=state["expected_kernel"]), "todo": []}
    while (standing := _standing(state, records, todo, run)) is not None:
        environment = _strictest(run, [name for name in standing["hosts"] if name in records])
        reason = (
            checked_override(run, run.settings(environment)["allow_override"])
            if standing["run_id"] != run.run_id
            else None
        )
        if reason is None:
            return {**_refusal(run, state, records, standing), "todo": todo}
        _release(run, state, records, standing, reason)
    number = len(state["batches"]) + 1
    state["batches"].append(
        {"number": number, "run_id": run.run_id, "begun_at": run.now, "hosts": [*todo, *lost], "decision": None}
    )
    run.folder.write_rollout(state)
    verdict = Verdict()
    named = some_names([*todo, *lost], _NAMES)
    verdict.add(
        "inconclusive",
        "under_way",
        f"Batch {number} ({named}) has begun and was not judged; no host after it may be changed.",
    )
    decision = decision_of(run, "begin", verdict, records, {}, batch=number, expected=state["expected_kernel"])
    run.folder.write_decision(decision)
    run.folder.add_to_trail(
        {
            "at": run.now,
            "run_id": run.run_id,
            "event": "batch_begun",
            "batch": number,
            "hosts": todo,
            "actor": dict(run.actor),
        }
    )
    return {**decision, "todo": [*todo, *lost]}


def _state(run: GateRun) -> dict[str, Any]:
    state = run.folder.read_rollout() or {
        "rollout": run.folder.rollout,
        "created_at": run.now,
        "targets": [],
        "batches": [],
        "accepted_dimensions": [],
    }
    state["targets"] = list(dict.fromkeys([*state["targets"], *run.targets]))
    state["expected_kernel"] = run.expected_kernel or state.get("expected_kernel")
    return state


def _lost_status(record: Mapping[str, Any]) -> str:
    return "unfit" if record["status"] == "untouched" else str(record["status"])


def _standing(
    state: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]], todo: Sequence[str], run: GateRun
) -> Mapping[str, Any] | None:
    """Return the batch whose stop forbids this one, or None.

    A new run may look again at the hosts of a stopped batch, alone or all of them with others: that is how a stop ends.
    """
    for batch in reversed(state["batches"]):
        if batch["decision"] == "pass" or batch.get("released"):
            continue
        if batch["run_id"] == run.run_id:
            return dict(batch)
        waiting = {name for name in batch["hosts"] if _was_touched(records.get(name, {}))}
        if not (waiting <= set(todo) or set(todo) <= waiting):
            return dict(batch)
    return None


def _was_touched(record: Mapping[str, Any]) -> bool:
    return record.get("status") in ("begun", "bad", "refused")


def _refusal(
    run: GateRun, state: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]], standing: Mapping[str, Any]
) -> dict[str, Any]:
    verdict = Verdict()
    word = standing["decision"] or "inconclusive"
    why = standing.get("sentence") or "it was never judged, since its play ended before"
    waiting = sorted(name for name in standing["hosts"] if _was_touched(records.get(name, {})))
    what = f"bring {some_names(waiting, _NAMES)} into the run" if waiting else "run it again"
    stopped = f"Batch {standing['number']} was not let through ({word}: {str(why).rstrip('.')})"
    verdict.add(word, "stopped_before", f"{stopped}, so no other host is changed; {what}, or override with a reason.")
    decision = decision_of(
        run, "begin", verdict, records, {}, batch=standing["number"], expected=state["expected_kernel"]
    )
    run.folder.write_decision(decision)
    event = {
        "at": run.now,
        "run_id": run.run_id,
        "event": "refused",
        "batch": standing["number"],
        "hosts": list(run.batch),
    }
    run.folder.add_to_trail({**event, "actor": dict(run.actor)})
    return decision


def _release(
    run: GateRun, state: dict[str, Any], records: dict[str, dict[str, Any]], standing: Mapping[str, Any], reason: str
) -> None:
    """Let a stopped batch through by the word of a person, and write down who, why and what was overridden."""
    for name in standing["hosts"]:
        if _was_touched(records.get(name, {})):
            records[name] = {**records[name], "status": "overridden"}
            run.folder.write_host(records[name])
    for batch in state["batches"]:
        if batch["number"] == standing["number"]:
            batch["released"] = {"reason": reason, "at": run.now, "run_id": run.run_id}
    state["accepted_dimensions"] = sorted({*state["accepted_dimensions"], *(standing.get("worse_dimensions") or ())})
    run.folder.add_to_trail(
        {
            "at": run.now,
            "run_id": run.run_id,
            "event": "override",
            "batch": standing["number"],
            "reason": reason,
            "decision": standing["decision"] or "inconclusive",
            "sentence": standing.get("sentence"),
            "actor": dict(run.actor),
        }
    )


def _strictest(run: GateRun, hosts: Sequence[str]) -> str:
    """Return the environment of *hosts* with the strictest rules for overrides and canaries; the policy's default
    where there is none.
    """
    found = run.by_environment([{"host": name} for name in hosts])
    if not found:
        return run.policy.default_environment
    return min(found, key=lambda name: (run.settings(name)["allow_override"], run.settings(name)["canary_hosts"]))
