# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of a batch: save who is meant to be changed, and refuse where an earlier stop still stands.

Ansible goes on after some failures (an unreachable host, a rescued block). So each batch asks the state on disk, and
not Ansible, whether the one before it was let through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from ..words.labels import hosts_phrase, some_names
from .before_after import kernel_of
from .decide import Verdict, allowed
from .rollout_shapes import (
    DONE,
    NOT_TOUCHED,
    TOUCHED,
    Batch,
    HostRecord,
    Plain,
    Planned,
    Records,
    RolloutState,
    attempt_of,
    is_facts,
)
from .run import GateRun, checked_override, decision_of

_NAMES = 5


def plan(run: GateRun, serves: bool = False) -> Planned:
    """Save the targets of a rollout, before any host of it can fail, and return them with the batches that the
    policy asks for. *serves* says that hosts are brought back into service by a step of their own.
    """
    state: RolloutState = {**_state(run), "serves": serves}
    run.folder.write_rollout(state)
    settings = run.settings(_strictest(run, state["targets"]))
    return {
        "targets": len(state["targets"]),
        "serial": [settings["canary_hosts"], *(f"{share:g}%" for share in settings["batch_percent"])],
    }


def open_batch(state: RolloutState | None, run_id: str, host: str) -> Batch | None:
    """Return the batch of this run that has begun, was not decided yet, and has *host*; None where there is none."""
    batches = state["batches"] if state else []
    if not batches or batches[-1]["decision"] is not None:
        return None
    batch = batches[-1]
    return batch if batch["run_id"] == run_id and host in batch["hosts"] else None


def begin(run: GateRun) -> Plain:
    """Begin a batch and return the decision that holds until it is judged: ``inconclusive``, or a refusal.

    ``todo`` are the hosts of the batch that are not done; where there is none, nothing changes. ``serve`` are those
    that are done and were not brought back into service.
    """
    state = _state(run)
    records = run.folder.read_hosts(state["targets"])
    _lift(run, state, records)
    todo = [name for name in run.batch if records[name]["status"] not in DONE]
    serve = [name for name in run.batch if records[name].get("in_service") is False]
    # What a task before the gate's lost was never touched, and counts where it was meant to be: in this batch.
    seen = {name for batch in state["batches"] if batch["run_id"] == run.run_id for name in batch["hosts"]}
    lost = [name for name in run.lost if name not in seen and records[name]["status"] not in DONE]
    for name in lost:
        records[name] = {**records[name], "status": _lost_status(records[name]), "before_answer": None, "run_id": None}
        run.folder.write_host(records[name])
    verdict = Verdict()
    add_out_of_service(verdict, run, records, _tried_or_away(run, records))
    _add_off_kernel(verdict, run, records)
    if verdict.decision != "pass":
        return {**_refused(run, state, records, verdict, None), "todo": todo, "serve": serve}
    if not todo and not lost:
        return {**_all_done(run, state, records, serve), "todo": [], "serve": serve}
    standing = _standing(state, records, todo, run)
    if standing is not None:
        return {**_refusal(run, state, records, standing), "todo": todo, "serve": serve}
    state["wish_divides"] = _divides(state["expected_kernel"], records)
    number = len(state["batches"]) + 1
    state["batches"].append(
        {"number": number, "run_id": run.run_id, "begun_at": run.now, "hosts": [*todo, *lost], "decision": None}
    )
    run.folder.write_rollout(state)
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
    return {**decision, "todo": [*todo, *lost], "serve": serve}


def still_waiting(state: RolloutState, records: Mapping[str, HostRecord], run: GateRun) -> list[str]:
    """Return the hosts of stopped batches of other runs that nobody has judged again, or whose stop was not lifted."""
    found: dict[str, None] = {}
    for batch in state["batches"]:
        if batch["decision"] != "pass" and not batch.get("released") and batch["run_id"] != run.run_id:
            found.update(dict.fromkeys(_waiting(state, records, batch)))
    return list(found)


def add_out_of_service(verdict: Verdict, run: GateRun, records: Mapping[str, HostRecord], names: Sequence[str]) -> None:
    """Hold where more hosts can't be brought back into service than may be bad in the whole rollout."""
    for environment, members in run.by_environment([records[name] for name in names]).items():
        settings = run.settings(environment)
        targets = sum(run.environment(record) == environment for record in records.values())
        limit = allowed(settings["maximum_bad_hosts_in_all"], settings["maximum_bad_percent_in_all"], targets)
        out = sorted(str(record["host"]) for record in members)
        messages = [record["service"]["message"] or "" for record in members if "service" in record]
        why = next((f" ({message.rstrip('.')})" for message in messages if message), "")
        is_over = limit is not None and len(out) > limit
        verdict.add(
            "hold" if is_over else None,
            "out_of_service",
            f"{hosts_phrase(len(out))} in {environment} {'is' if len(out) == 1 else 'are'} done and not back in "
            f"service: {some_names(out, _NAMES)}{why}; run the same command again to bring "
            f"{'it' if len(out) == 1 else 'them'} back.",
        )


def _state(run: GateRun) -> RolloutState:
    found = run.folder.read_rollout()
    if found is None:
        _check_nothing_was_lost(run)
    state = found or {
        "rollout": run.folder.rollout,
        "created_at": run.now,
        "targets": [],
        "batches": [],
        "accepted_dimensions": [],
    }
    wished = state.get("expected_kernel")
    if wished is not None and run.expected_kernel is not None and wished != run.expected_kernel:
        raise ValueError(
            f"The rollout {run.folder.rollout} is one to the kernel {wished}, and not to {run.expected_kernel}; give "
            "the next kernel a rollout of its own with kernel_mem_audit_rollout."
        )
    state["targets"] = list(dict.fromkeys([*state["targets"], *run.targets]))
    state["expected_kernel"] = run.expected_kernel or wished
    if found is not None:
        _check_against_trail(run, state["targets"])
    return state


def _check_nothing_was_lost(run: GateRun) -> None:
    changed = [record["host"] for record in run.folder.all_hosts() if record.get("attempt")]
    if changed:
        raise ValueError(
            f"{run.folder.path} has hosts that were changed already ({some_names(sorted(changed), _NAMES)}), but its "
            "rollout.json is gone, and with it what was decided; restore it, or begin a rollout of another name."
        )


def _check_against_trail(run: GateRun, targets: Sequence[str]) -> None:
    """Refuse a state that says of a host that it was let through where the trail does not."""
    let_through: set[str] = set()
    for line in run.folder.read_trail():
        if line.get("event") == "decided_batch":
            # Lines of 0.1.0 have no list of the hosts that were let through.
            before = line["hosts"] if line["decision"] == "pass" else ()
            let_through.update(line["accepted"] if "accepted" in line else before)
        elif line.get("event") == "override":
            let_through.update(line["overridden"] if "overridden" in line else targets)
    edited = [name for name in targets if name not in let_through and run.folder.read_host(name)["status"] in DONE]
    if edited:
        raise ValueError(
            f"The state of {some_names(edited, _NAMES)} says that the rollout let it through, and the trail "
            f"{run.folder.path}/trail.jsonl does not; somebody has edited one of them. Restore both, or begin a "
            "rollout of another name."
        )


def _lost_status(record: HostRecord) -> str:
    return "unfit" if record["status"] in NOT_TOUCHED else str(record["status"])


def _lift(run: GateRun, state: RolloutState, records: Records) -> None:
    """Lift the stops that stand when a run begins, by the word of a person where one was given."""
    if run.override is None or any(batch["run_id"] == run.run_id for batch in state["batches"]):
        return
    for batch in state["batches"]:
        if batch["decision"] == "pass" or batch.get("released") or not _waiting(state, records, batch):
            continue
        environment = _strictest(run, [name for name in batch["hosts"] if name in records])
        reason = checked_override(run, run.settings(environment)["allow_override"])
        if reason is None:
            return
        _release(run, state, records, batch, reason)
    run.folder.write_rollout(state)


def _waiting(state: RolloutState, records: Mapping[str, HostRecord], batch: Batch) -> list[str]:
    """Return the touched hosts of a batch that no later batch has let through."""
    later = {
        name
        for other in state["batches"]
        if other["number"] > batch["number"] and other["decision"] == "pass"
        for name in other["hosts"]
    }
    return [name for name in batch["hosts"] if name not in later and _was_touched(records.get(name))]


def _standing(
    state: RolloutState, records: Mapping[str, HostRecord], todo: Sequence[str], run: GateRun
) -> Batch | None:
    """Return the batch whose stop forbids this one, or None.

    A new run may look again at the hosts of a stopped batch, alone or all of them with others: that is how a stop ends.
    """
    for batch in reversed(state["batches"]):
        if batch["decision"] == "pass" or batch.get("released"):
            continue
        if batch["run_id"] == run.run_id:
            return batch
        waiting = set(_waiting(state, records, batch))
        if waiting and not (waiting <= set(todo) or set(todo) <= waiting):
            return batch
    return None


def _tried_or_away(run: GateRun, records: Mapping[str, HostRecord]) -> list[str]:
    """Return the hosts that are out of service and will not be brought back by a batch of this run that is to come."""
    out = [name for name, record in records.items() if record.get("in_service") is False]
    tried = {name for name in out if "service" in records[name] and records[name]["service"]["run_id"] == run.run_id}
    accepted = {name for name in out if records[name].get("run_id") == run.run_id}
    return [name for name in out if name in tried | accepted or name not in run.targets]


def _add_off_kernel(verdict: Verdict, run: GateRun, records: Mapping[str, HostRecord]) -> None:
    """Hold where a host of the batch that is done runs another kernel now than it was let through with."""
    off = []
    for name in run.batch:
        record = records[name]
        now, after = record.get("now"), record.get("after")
        if record["status"] not in DONE or not now or now["outcome"] != "facts" or now.get("run_id") != run.run_id:
            continue
        if after and after["outcome"] == "facts" and kernel_of(after["facts"]) != kernel_of(now["facts"]):
            off.append(f"{name} ({now['facts']['host']['kernel_release']})")
    if off:
        verdict.add(
            "hold",
            "off_kernel",
            f"{hosts_phrase(len(off))} that {'is' if len(off) == 1 else 'are'} done "
            f"{'runs' if len(off) == 1 else 'run'} another kernel now: {some_names(off, _NAMES)}; the next kernel "
            "needs a rollout of another name.",
        )


def _divides(expected: str | None, records: Mapping[str, HostRecord]) -> bool:
    """Return whether some host that is not touched runs another kernel than the wished one."""
    if expected is None:
        return False
    return any(not fnmatchcase(release, expected) for release in untouched_releases(records).values())


def untouched_releases(records: Mapping[str, HostRecord]) -> dict[str, str]:
    """Return the kernel release of each host that was looked at and not touched."""
    return {
        name: str(one["facts"]["host"]["kernel_release"] or "")
        for name, record in records.items()
        if record["status"] in NOT_TOUCHED and (one := record.get("reference")) is not None and is_facts(one)
    }


def _all_done(run: GateRun, state: RolloutState, records: Mapping[str, HostRecord], serve: Sequence[str]) -> Plain:
    """Return the decision for a batch whose hosts are all done: a pass, unless hosts outside of this run wait."""
    waiting = [name for name in still_waiting(state, records, run) if name not in run.targets]
    for batch in reversed(state["batches"]):
        if set(batch["hosts"]) & set(waiting) and batch["decision"] != "pass":
            return _refusal(run, state, records, batch)
    verdict = Verdict()
    verdict.add(None, "done", f"All {hosts_phrase(len(run.batch))} of this batch are done already.")
    run.folder.write_rollout(state)
    decision = decision_of(run, "begin", verdict, records, {}, expected=state["expected_kernel"])
    run.folder.write_decision(not_in_service_yet(decision, serve))
    return decision


def not_in_service_yet(decision: Plain, serve: Sequence[str]) -> Plain:
    """Return a decision as it is on disk while hosts are being brought back into service: no pass yet."""
    if not serve or decision["decision"] != "pass":
        return dict(decision)
    sentence = f"{hosts_phrase(len(serve))} {'is' if len(serve) == 1 else 'are'} being brought back into service."
    reason = {"decision": "inconclusive", "code": "not_in_service_yet", "sentence": sentence}
    return {**decision, "decision": "inconclusive", "sentence": sentence, "reasons": [reason, *decision["reasons"]]}


def _was_touched(record: HostRecord | None) -> bool:
    return record is not None and record["status"] in TOUCHED


def _refusal(run: GateRun, state: RolloutState, records: Mapping[str, HostRecord], standing: Batch) -> Plain:
    verdict = Verdict()
    word = standing["decision"] or "inconclusive"
    why = standing.get("sentence") or "it was never judged, since its play ended before"
    waiting = sorted(_waiting(state, records, standing))
    what = f"bring {some_names(waiting, _NAMES)} into the run" if waiting else "run it again"
    stopped = f"Batch {standing['number']} was not let through ({word}: {str(why).rstrip('.')})"
    verdict.add(word, "stopped_before", f"{stopped}, so no other host is changed; {what}, or override with a reason.")
    return _refused(run, state, records, verdict, standing["number"])


def _refused(
    run: GateRun, state: RolloutState, records: Mapping[str, HostRecord], verdict: Verdict, number: int | None
) -> Plain:
    decision = decision_of(run, "begin", verdict, records, {}, batch=number, expected=state["expected_kernel"])
    run.folder.write_decision(decision)
    event = {"at": run.now, "run_id": run.run_id, "event": "refused", "batch": number, "hosts": list(run.batch)}
    run.folder.add_to_trail({**event, "sentence": decision["sentence"], "actor": dict(run.actor)})
    return decision


def _release(run: GateRun, state: RolloutState, records: Records, standing: Batch, reason: str) -> None:
    """Let a stopped batch through by the word of a person, and write down who, why and what was overridden."""
    lifted = [name for name in standing["hosts"] if _was_touched(records.get(name))]
    for name in lifted:
        records[name] = {**records[name], "status": "overridden"}
        if state.get("serves") and not attempt_of(records[name]).get("was_there"):
            records[name]["in_service"] = False
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
            "overridden": lifted,
            "decision": standing["decision"] or "inconclusive",
            "sentence": standing.get("sentence"),
            "actor": dict(run.actor),
        }
    )
    # The trail comes first: a state that says more than it is taken for one that somebody edited.
    for name in lifted:
        run.folder.write_host(records[name])


def _strictest(run: GateRun, hosts: Sequence[str]) -> str:
    """Return the environment of *hosts* with the strictest rules for overrides and canaries; the policy's default
    where there is none.
    """
    found = run.by_environment([{"host": name} for name in hosts])
    if not found:
        return run.policy.default_environment
    return min(found, key=lambda name: (run.settings(name)["allow_override"], run.settings(name)["canary_hosts"]))
