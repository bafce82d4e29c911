# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``before``: keep the look before a host is changed, and say whether it may be, as far as it alone can tell.

A host that an earlier run of the rollout has changed already, or that runs the wished kernel at its first look, is
judged and not changed. Nothing is begun here: that comes when the whole batch was let through (``touch``).
"""

from __future__ import annotations

from dataclasses import replace

from ..answer_before import answer_before
from ..host_record import HostAnswer, HostRecord, Look
from ..host_state import HostState
from ..reference import is_changed, is_there, of_other_kernel
from ..run import GateRun
from .touch import Touch, answered

_SEEN = (HostState.BACK, HostState.JUDGED)


def is_done(run: GateRun, host: str) -> bool:
    """Return whether the rollout is through with a host, so that it is not even looked at."""
    return run.folder.read_host(host).state.is_done


def keep_before(run: GateRun, host: str, environment: str, one: Look) -> Touch:
    """Keep the look, and say what the host alone tells."""
    rollout, record = run.folder.read_rollout(), run.folder.read_host(host)
    if rollout is None or rollout.open_batch_of(run.run_id, host) is None:
        return answered(host, "refused", ["No batch of this run is open, so no host may be touched."])
    expected, is_new = rollout.expected_kernel, record.state.is_untouched
    there = is_new and is_there(one, expected, rollout.wish_divides)
    again = there or is_changed(record, one, expected)
    answer: HostAnswer = {**answer_before(one, run.settings(environment)), "judged_again": again}
    if again:
        answer["may_touch"], answer["outcome"] = False, "good"
    elif record.state in _SEEN:
        # It was changed, and gives no data now: no policy makes that a reason to change it once more.
        answer["may_touch"] = False
    record = replace(
        record,
        environment=environment,
        run_id=run.run_id,
        before_answer=answer,
        now={**one, "run_id": run.run_id},
        # What is known from after an earlier try is no answer to this one.
        step_failed=None,
        after=None,
        settled=None,
    )
    if is_new:
        record = _with_reference(record, of_other_kernel(record.reference, one) if there else one)
        record = record.moved(HostState.FIT if again or answer["may_touch"] else HostState.LEFT_OUT)
    run.folder.write_host(record)
    reasons = [reason["sentence"] for reason in answer["reasons"]]
    return {**answered(host, answer["outcome"], reasons), "judged_again": again}


def _with_reference(record: HostRecord, reference: Look | None) -> HostRecord:
    return replace(record, reference=reference, sick=None, after_answer=None)
