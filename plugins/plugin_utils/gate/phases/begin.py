# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``begin``: begin a batch, or refuse where an earlier stop still stands.

Ansible goes on after some failures (an unreachable host, a rescued block). So each batch asks the state on disk, and
not Ansible, whether the one before it was let through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ...words.labels import hosts_phrase, some_names
from ..before_after import kernel_of
from ..decide import Verdict
from ..decision import decision_of
from ..host_record import HostRecord, Records, is_facts
from ..host_state import HostState
from ..json_files import Plain
from ..known_rollout import known_rollout
from ..out_of_service import add_out_of_service, add_still_out, not_in_service_yet, tried_or_away, waiting_for_service
from ..releases import untouched_releases
from ..rollout_record import Batch, RolloutRecord
from ..run import GateRun
from ..stops import lift, standing, still_waiting, stopped_before
from .look import take_looks

_NAMES = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """What a batch begins with: the decision that holds until it is judged, the hosts that are not done, those that are
    and must still be brought back into service, and whether it may begin.
    """

    decision: Plain
    todo: Sequence[str]
    serve: Sequence[str]
    may_begin: bool


def begin(run: GateRun) -> Begun:
    """Begin a batch: the decision is ``inconclusive`` until it is judged, or a refusal. Where no host is to be changed,
    nothing changes.
    """
    rollout = known_rollout(run)
    take_looks(run)
    records = run.folder.read_hosts(rollout.targets)
    rollout = lift(run, rollout, records)
    todo = [name for name in run.batch if not records[name].state.is_done]
    out = set(waiting_for_service(rollout, records))
    serve = [name for name in run.batch if name in out]
    lost = _lost(run, rollout, records)
    verdict = Verdict()
    add_out_of_service(verdict, run, records, tried_or_away(run, rollout, records))
    _add_off_kernel(verdict, run, records)
    if verdict.decision != "pass":
        return Begun(_refused(run, rollout, records, verdict, None), todo, serve, may_begin=False)
    if not todo and not lost:
        return _all_done(run, rollout, records, serve)
    stop = standing(rollout, records, todo, run)
    if stop is not None:
        said = stopped_before(rollout, records, stop)
        return Begun(_refused(run, rollout, records, said, stop), todo, serve, may_begin=False)
    hosts = [*todo, *lost]
    return Begun(_begin(run, rollout, records, verdict, hosts), hosts, serve, may_begin=True)


def _begin(run: GateRun, rollout: RolloutRecord, records: Records, verdict: Verdict, hosts: list[str]) -> Plain:
    batch = Batch(len(rollout.batches) + 1, run.run_id, run.now, tuple(hosts))
    rollout = replace(rollout.with_batch(batch), wish_divides=_divides(rollout.expected_kernel, records))
    run.folder.write_rollout(rollout)
    verdict.add(
        "inconclusive",
        "under_way",
        f"Batch {batch.number} ({some_names(hosts, _NAMES)}) has begun and was not judged; no host after it may "
        "be changed.",
    )
    decision = decision_of(run, "begin", verdict, records, {}, batch=batch.number, expected=rollout.expected_kernel)
    run.folder.write_decision(decision)
    run.note("batch_begun", batch=batch.number, hosts=list(hosts))
    return decision


def _lost(run: GateRun, rollout: RolloutRecord, records: Records) -> list[str]:
    """Return the hosts that a task before the gate's has lost. They count where they were meant to be: in this
    batch.
    """
    seen = {name for batch in rollout.batches if batch.run_id == run.run_id for name in batch.hosts}
    lost = [name for name in run.lost if name not in seen and not records[name].state.is_done]
    for name in lost:
        record = replace(records[name], before_answer=None, run_id=None)
        records[name] = record.moved(HostState.LEFT_OUT) if record.state.is_untouched else record
        run.folder.write_host(records[name])
    return lost


def _add_off_kernel(verdict: Verdict, run: GateRun, records: Records) -> None:
    """Hold where a host of the batch that is done runs another kernel now than it was let through with."""
    off = [f"{name} ({release})" for name in run.batch if (release := _other_release(records[name], run)) is not None]
    if off:
        verdict.add(
            "hold",
            "off_kernel",
            f"{hosts_phrase(len(off))} that {'is' if len(off) == 1 else 'are'} done "
            f"{'runs' if len(off) == 1 else 'run'} another kernel now: {some_names(off, _NAMES)}; the next kernel "
            "needs a rollout of another name.",
        )


def _other_release(record: HostRecord, run: GateRun) -> str | None:
    """Return the release that a host which is done runs now, where it was let through with another one."""
    now, after = record.now, record.after
    if not record.state.is_done or now is None or not is_facts(now) or now.get("run_id") != run.run_id:
        return None
    if after is None or not is_facts(after) or kernel_of(after["facts"]) == kernel_of(now["facts"]):
        return None
    return str(now["facts"]["host"]["kernel_release"])


def _divides(expected: str | None, records: Records) -> bool:
    """Return whether some host that is not touched runs another kernel than the wished one."""
    if expected is None:
        return False
    return any(not fnmatchcase(release, expected) for release in untouched_releases(records).values())


def _all_done(run: GateRun, rollout: RolloutRecord, records: Records, serve: Sequence[str]) -> Begun:
    """Return a pass for a batch whose hosts are all done, unless hosts outside of this run wait."""
    waiting = [name for name in still_waiting(rollout, records, run) if name not in run.targets]
    for batch in reversed(rollout.batches):
        if set(batch.hosts) & set(waiting) and batch.decision != "pass":
            said = stopped_before(rollout, records, batch)
            return Begun(_refused(run, rollout, records, said, batch), [], serve, may_begin=False)
    verdict = Verdict()
    verdict.add(None, "done", f"All {hosts_phrase(len(run.batch))} of this batch are done already.")
    run.folder.write_rollout(rollout)
    decision = decision_of(run, "begin", verdict, records, {}, expected=rollout.expected_kernel)
    run.folder.write_decision(not_in_service_yet(decision, serve))
    return Begun(decision, [], serve, may_begin=True)


def _refused(run: GateRun, rollout: RolloutRecord, records: Records, verdict: Verdict, batch: Batch | None) -> Plain:
    number = None if batch is None else batch.number
    add_still_out(verdict, rollout, records.values())
    decision = decision_of(run, "begin", verdict, records, {}, batch=number, expected=rollout.expected_kernel)
    run.folder.write_decision(decision)
    run.note("refused", batch=number, hosts=list(run.batch), sentence=decision["sentence"])
    return decision
