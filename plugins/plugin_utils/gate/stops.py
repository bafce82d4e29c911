# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stops of a rollout: a batch that was not let through stands in the way of others, until its hosts were judged
again or a person lifts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..words.labels import some_names
from .decide import Verdict
from .host_record import HostRecord, Records
from .host_state import HostState
from .rollout_record import Batch, Release, RolloutRecord
from .run import GateRun, checked_override

_NAMES = 5


def waiting(rollout: RolloutRecord, records: Records, batch: Batch) -> list[str]:
    """Return the touched hosts of a batch that no later batch has let through."""
    later = {
        name
        for other in rollout.batches
        if other.number > batch.number and other.decision == "pass"
        for name in other.hosts
    }
    return [name for name in batch.hosts if name not in later and _was_touched(records.get(name))]


def still_waiting(rollout: RolloutRecord, records: Records, run: GateRun) -> list[str]:
    """Return the hosts of stopped batches of other runs that nobody has judged again, or whose stop was not lifted."""
    found: dict[str, None] = {}
    for batch in rollout.batches:
        if batch.stands and batch.run_id != run.run_id:
            found.update(dict.fromkeys(waiting(rollout, records, batch)))
    return list(found)


def standing(rollout: RolloutRecord, records: Records, todo: Sequence[str], run: GateRun) -> Batch | None:
    """Return the batch whose stop forbids this one, or None.

    A new run may look again at the hosts of a stopped batch, alone or all of them with others: that is how a stop ends.
    """
    for batch in reversed(rollout.batches):
        if not batch.stands:
            continue
        if batch.run_id == run.run_id:
            return batch
        left = set(waiting(rollout, records, batch))
        if left and not (left <= set(todo) or set(todo) <= left):
            return batch
    return None


def stopped_before(rollout: RolloutRecord, records: Records, batch: Batch) -> Verdict:
    """Return the verdict on a run that a standing stop forbids."""
    verdict = Verdict()
    why = batch.sentence or "it was never judged, since its play ended before"
    left = sorted(waiting(rollout, records, batch))
    what = f"bring {some_names(left, _NAMES)} into the run" if left else "run it again"
    word = batch.decision or "inconclusive"
    stopped = f"Batch {batch.number} was not let through ({word}: {why.rstrip('.')})"
    verdict.add(word, "stopped_before", f"{stopped}, so no other host is changed; {what}, or override with a reason.")
    return verdict


def lift(run: GateRun, rollout: RolloutRecord, records: Records) -> RolloutRecord:
    """Lift the stops that stand when a run begins, by the word of a person where one was given. Changes *records*."""
    if run.override is None or any(batch.run_id == run.run_id for batch in rollout.batches):
        return rollout
    for batch in rollout.batches:
        if not batch.stands or not waiting(rollout, records, batch):
            continue
        environment = strictest(run, [name for name in batch.hosts if name in records])
        reason = checked_override(run, run.settings(environment)["allow_override"])
        if reason is None:
            return rollout
        rollout = _release(run, rollout, records, batch, reason)
    run.folder.write_rollout(rollout)
    return rollout


def strictest(run: GateRun, hosts: Sequence[str]) -> str:
    """Return the environment of *hosts* with the strictest rules for overrides and canaries; the policy's default
    where there is none.
    """
    found = run.by_environment([HostRecord(name) for name in hosts])
    if not found:
        return run.policy.default_environment
    return min(found, key=lambda name: (run.settings(name)["allow_override"], run.settings(name)["canary_hosts"]))


def _was_touched(record: HostRecord | None) -> bool:
    return record is not None and record.state.is_touched


def _release(run: GateRun, rollout: RolloutRecord, records: Records, batch: Batch, reason: str) -> RolloutRecord:
    """Let a stopped batch through by the word of a person, and write down who, why and what was overridden."""
    lifted = [name for name in batch.hosts if _was_touched(records.get(name))]
    for name in lifted:
        record = replace(records[name].moved(HostState.OVERRIDDEN), is_overridden=True)
        records[name] = record.moved(HostState.IN_SERVICE) if record.was_there else record
    run.note(
        "override",
        batch=batch.number,
        reason=reason,
        overridden=lifted,
        decision=batch.decision or "inconclusive",
        sentence=batch.sentence,
    )
    # The trail comes first: a state that says more is taken for one that somebody edited.
    for name in lifted:
        run.folder.write_host(records[name])
    return replace(
        rollout.with_batch(replace(batch, released=Release(reason, run.now, run.run_id))),
        accepted_dimensions=tuple(sorted({*rollout.accepted_dimensions, *batch.worse_dimensions})),
    )
