# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``decide_before``: may the batch that has begun be touched?

Too many hosts that may not be are a ``hold``: nothing is broken yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...words.labels import hosts_phrase
from ..answer import is_sick
from ..answer_before import never_seen, with_judgement
from ..decide import Verdict, judge_environment
from ..decision import decision_of
from ..host_record import HostAnswer, Records
from ..host_state import HostState
from ..json_files import Plain
from ..open_batch import close, looks_of, open_batch
from ..out_of_service import add_still_out
from ..pool import pools_of
from ..releases import add_newest_kernel
from ..rollout_record import Batch
from ..run import GateRun


def decide_before(run: GateRun) -> Plain:
    """Decide whether the batch that has begun may be touched."""
    rollout, batch = open_batch(run)
    records = run.folder.read_hosts(rollout.targets)
    answers = _answers(run, batch, records)
    _judge(run, batch.hosts, records, answers)
    if rollout.expected_kernel is None:
        add_newest_kernel(answers, records)
    for name, answer in answers.items():
        if answer is not records[name].before_answer:
            records[name] = replace(records[name], before_answer=answer, sick=answer["sick"])
            run.folder.write_host(records[name])
    verdict, numbers, pools = Verdict(), [], pools_of(run, records)
    for environment, members in run.by_environment([records[name] for name in batch.hosts]).items():
        pool = pools[environment]
        chosen = {record.host: answers[record.host] for record in members}
        in_all = [name for name in pool.bad(answers) if name not in chosen or chosen[name]["outcome"] == "bad"]
        numbers.append(
            judge_environment(verdict, environment, chosen, in_all, len(pool.records), pool.settings, "hold")
        )
    if not any(answer.get("may_touch") or answer.get("judged_again") for answer in answers.values()):
        verdict.add(
            "hold", "nothing_to_touch", f"None of the {hosts_phrase(len(answers))} of this batch may be touched."
        )
    passed = verdict.decision == "pass"
    if not passed:
        add_still_out(verdict, rollout, records.values())
    decision = decision_of(
        run, "before", verdict, records, answers, batch=batch.number, numbers=numbers, expected=rollout.expected_kernel
    )
    if passed:
        # Only now may a host of it be touched.
        run.folder.write_rollout(rollout.with_batch(replace(batch, may_touch=True)))
    else:
        close(run, rollout, batch, decision)
    return decision


def _answers(run: GateRun, batch: Batch, records: Records) -> dict[str, HostAnswer]:
    """Return what the looks alone say of the hosts of a batch; a host that no worker of this run has looked at
    counts.
    """
    answers: dict[str, HostAnswer] = {}
    for name in batch.hosts:
        record = records[name]
        if record.run_id == run.run_id and record.before_answer is not None:
            answers[name] = record.before_answer
            continue
        if record.state.is_untouched:
            records[name] = record.moved(HostState.LEFT_OUT)
            run.folder.write_host(records[name])
        answers[name] = never_seen(run.settings(run.environment(record)))
    return answers


def _judge(run: GateRun, names: Sequence[str], records: Records, answers: dict[str, HostAnswer]) -> None:
    """Add what the audit says of the hosts of a batch; and note who is sick of those that nobody touches, since a sick
    host is no control.
    """
    others = [name for name, record in records.items() if record.state.is_untouched and record.sick is None]
    found = run.judge(looks_of(records, list(dict.fromkeys([*names, *others])), "reference"))
    for name, judgement in found.items():
        settings = run.settings(run.environment(records[name]))
        if name not in answers:
            records[name] = replace(records[name], sick=is_sick(judgement.short(), settings))
            run.folder.write_host(records[name])
        elif not answers[name].get("judged_again"):
            answers[name] = with_judgement(answers[name], judgement, settings)
