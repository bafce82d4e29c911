# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``touch``: say whether a host may be changed now that its batch was let through, and write down that it is
begun, before anything is done to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from ..before_after import kernel_of
from ..host_record import Attempt, HostAnswer, HostRecord
from ..host_state import HostState
from ..run import GateRun

_BEGUN = (HostState.DRAINED, HostState.CHANGING, HostState.CHANGED)


class Touch(TypedDict):
    """What a host's own tasks are told: whether it may be changed, is to be judged, or to be brought back."""

    host: str
    outcome: str
    done: bool
    touch: bool
    judge: bool
    serve: bool
    judged_again: bool
    reasons: list[str]


def keep_touch(run: GateRun, host: str) -> Touch:
    """Say what is to be done with a host, and begin it. A host whose batch has no open pass may not be touched."""
    rollout, record = run.folder.read_rollout(), run.folder.read_host(host)
    batch = None if rollout is None else rollout.open_batch_of(run.run_id, host)
    if rollout is None or batch is None or not batch.may_touch or record.run_id != run.run_id or record.state.is_done:
        serve = rollout is not None and record.waits_for_service(rollout.serves)
        return {**answered(host, "done" if record.state.is_done else "refused", []), "serve": serve}
    answer = record.before_answer or HostAnswer()
    again = bool(answer.get("judged_again"))
    may_touch = bool(answer.get("may_touch")) and not again
    if again:
        # It was seen in another boot, or on the wished kernel; from where it was changed is known already.
        attempt = record.attempt or _attempt(record, run, was_there=True)
        run.folder.write_host(replace(record, attempt=attempt).seen_back())
    elif may_touch:
        run.folder.write_host(replace(record, attempt=_attempt(record, run)).moved(_begun(record, rollout.drains)))
    reasons = [reason["sentence"] for reason in answer.get("reasons") or ()]
    made = answered(host, str(answer.get("outcome")), reasons)
    return {**made, "touch": may_touch, "judge": may_touch or again, "judged_again": again}


def answered(host: str, outcome: str, reasons: list[str]) -> Touch:
    """Return the answer by which nothing is done to a host."""
    return {
        "host": host,
        "outcome": outcome,
        "done": outcome == "done",
        "touch": False,
        "judge": False,
        "serve": False,
        "judged_again": False,
        "reasons": reasons,
    }


def _begun(record: HostRecord, drains: bool) -> HostState:
    """Return the state in which a host is begun; one that is drained or changed already stays so, and all steps are
    taken once more.
    """
    if record.state in _BEGUN:
        return record.state
    return HostState.DRAINING if drains and record.state is not HostState.FAILED else HostState.CHANGING


def _attempt(record: HostRecord, run: GateRun, was_there: bool = False) -> Attempt:
    one = record.now
    facts = one["facts"] if one is not None else None
    facts = facts or {"host": {"boot_id": None, "kernel_release": None, "architecture": None}}
    taken_at = run.now if one is None else one["taken_at"]
    return Attempt(run.run_id, taken_at, facts["host"]["boot_id"], kernel_of(facts), was_there)
