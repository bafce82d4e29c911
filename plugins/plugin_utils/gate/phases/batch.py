# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``batch``: judge each host of a batch, test all changed hosts together, decide whether the rollout may go
on, and write down who is where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...words.labels import hosts_phrase, some_names
from ..answer_after import answer_after
from ..before_after import earlier_of, past_at_equal_uptime, usual_spreads
from ..decide import Verdict, judge_environment, judge_tests
from ..decision import decision_of
from ..host_record import HostAnswer, HostRecord, Look, Records, is_facts
from ..host_state import HostState
from ..json_files import Plain
from ..open_batch import close, closed, looks_of, note_decision, open_batch
from ..out_of_service import add_still_out, not_in_service_yet
from ..pool import pools_of
from ..regression import regression_sentence
from ..rollout_record import RolloutRecord
from ..run import GateRun
from ..stops import still_waiting


def decide_batch(run: GateRun) -> Plain:
    """Decide whether the rollout may go on after this batch."""
    rollout, batch = open_batch(run)
    records = run.folder.read_hosts(rollout.targets)
    touched = [name for name in batch.hosts if not records[name].state.is_untouched]
    for name in touched:
        if records[name].run_id != batch.run_id:
            records[name] = replace(records[name], after=None, step_failed=None)
    answers = _judge(run, rollout, records, touched)
    verdict, numbers, tests = Verdict(), [], {}
    worse: list[str] = []
    # With what was just answered.
    pools = pools_of(run, records)
    for environment, members in run.by_environment([records[name] for name in touched]).items():
        pool = pools[environment]
        chosen = {record.host: answers[record.host] for record in members}
        tests[environment] = pool.tests()
        sentences = _worse_sentences(tests[environment], rollout.accepted_dimensions)
        worse.extend(name.partition(".")[2] for name in sentences)
        # First what is wrong with the change, then the hosts that show it.
        judge_tests(verdict, tests[environment], sentences, pool.settings)
        numbers.append(
            judge_environment(verdict, environment, chosen, pool.bad({}), len(pool.records), pool.settings, "fail")
        )
    if not touched:
        verdict.add("inconclusive", "nothing_to_touch", "No host of this batch was touched.")
    passed = verdict.decision == "pass"
    accepted = _settle_hosts(records, touched, answers, passed)
    _say_where_it_stands(verdict, records, passed)
    if passed:
        _add_those_who_wait(verdict, run, rollout, records, touched)
    add_still_out(verdict, rollout, [records[name] for name in touched])
    decision = decision_of(
        run,
        "batch",
        verdict,
        records,
        answers,
        batch=batch.number,
        numbers=numbers,
        tests=tests,
        expected=rollout.expected_kernel,
    )
    note_decision(run, batch.number, batch.hosts, decision, touched, accepted)
    for name in touched:
        run.folder.write_host(records[name])
        _keep_earlier(run, records[name])
    batch = replace(closed(run, batch, decision), worse_dimensions=tuple(sorted(set(worse))))
    run.folder.write_rollout(rollout.with_batch(replace(batch, decision="pass") if passed else batch))
    out = [name for name in accepted if records[name].waits_for_service(rollout.serves)]
    run.folder.write_decision(not_in_service_yet(decision, out))
    return decision


def close_untouched(run: GateRun) -> Plain:
    """Close a batch in check mode, where it was looked at and nothing was changed."""
    rollout, batch = open_batch(run)
    verdict = Verdict()
    records = run.folder.read_hosts(rollout.targets)
    failed = {name: message for name in batch.hosts if (message := records[name].step_failed) is not None}
    for name, message in failed.items():
        verdict.add("fail", "step_failed", f"A step of the change would fail on {name}: {message.rstrip('.')}.")
    verdict.add(
        None, "check_mode", "Check mode: the hosts were looked at and not changed, so there is nothing to compare."
    )
    decision = decision_of(run, "batch", verdict, records, {}, batch=batch.number, expected=rollout.expected_kernel)
    close(run, rollout, batch, decision)
    return decision


def _judge(run: GateRun, rollout: RolloutRecord, records: Records, touched: Sequence[str]) -> dict[str, HostAnswer]:
    """Return what the gate says of each touched host, and note it in its record."""
    was, now = (run.judge(looks_of(records, touched, which)) for which in ("reference", "after"))
    pools = pools_of(run, records)
    earlier = {name: run.folder.earlier(name) for name in touched}
    spreads = _usual_spreads(run, [records[name] for name in touched], earlier)
    answers: dict[str, HostAnswer] = {}
    for name in touched:
        record = records[name]
        environment = run.environment(record)
        answers[name] = answer_after(
            record,
            pools[environment].settings,
            was=was.get(name),
            now=now.get(name),
            expected_kernel=rollout.expected_kernel,
            earlier=earlier[name],
            series=(run.series or {}).get(name),
            alone=pools[environment].is_small,
            hosts=len(pools[environment].records),
            spreads=spreads[environment],
        )
        is_bad = answers[name]["outcome"] == "bad"
        answers[name]["allowed_before"] = is_bad and record.is_allowed
        record = replace(record, after_answer=answers[name])
        records[name] = record.moved(HostState.FAILED) if is_bad else record
    return answers


def _usual_spreads(
    run: GateRun, touched: Sequence[HostRecord], earlier: Mapping[str, Sequence[Plain]]
) -> dict[str, dict[str, float]]:
    """Return, by environment, what the hosts of a batch usually spread by from boot to boot."""
    return {
        environment: usual_spreads(
            [
                past_at_equal_uptime(one["facts"], (run.series or {}).get(record.host), earlier[record.host])
                for record in members
                if (one := record.after) is not None and is_facts(one)
            ]
        )
        for environment, members in run.by_environment(touched).items()
    }


def _worse_sentences(tests: Mapping[str, Plain], known: Sequence[str]) -> dict[str, str]:
    """Return a sentence for each dimension that is worse by a test, by ``test.dimension``, but for those *known*."""
    return {
        f"{kind}.{name}": regression_sentence(name, row, kind)
        for kind, test in tests.items()
        for name, row in test["dimensions"].items()
        if row["worse"] and name not in known
    }


def _settle_hosts(
    records: Records, touched: Sequence[str], answers: Mapping[str, HostAnswer], passed: bool
) -> list[str]:
    """Give the judged hosts of a batch their next state; return those that were let through."""
    accepted = []
    for name in touched:
        record = records[name]
        if answers[name]["outcome"] == "bad":
            # Its batch could bear it; the next run must not stop for it alone.
            records[name] = replace(record, is_allowed=passed)
        elif passed:
            accepted.append(name)
            records[name] = _accepted(record)
        elif record.state is HostState.BACK:
            records[name] = record.moved(HostState.JUDGED)
    return accepted


def _accepted(record: HostRecord) -> HostRecord:
    record = record.seen_back().moved(HostState.ACCEPTED)
    if record.was_there:
        record = record.moved(HostState.IN_SERVICE)
    # Whose memory it is has been asked; it is by far the largest part of a look.
    return replace(
        record,
        reference=_without_attribution(record.reference),
        first=_without_attribution(record.first),
        after=_without_attribution(record.after),
        is_allowed=False,
    )


def _without_attribution(one: Look | None) -> Look | None:
    if one is None or one["facts"] is None:
        return one
    return {**one, "facts": {**one["facts"], "attribution": {}}}


def _keep_earlier(run: GateRun, record: HostRecord) -> None:
    after = record.after
    if after is not None and is_facts(after) and record.is_settled():
        run.folder.add_earlier(record.host, earlier_of(after["facts"]))


def _add_those_who_wait(
    verdict: Verdict, run: GateRun, rollout: RolloutRecord, records: Records, touched: Sequence[str]
) -> None:
    """Hold where a part of a stopped batch was judged again, and the rest of it is not even in this run."""
    waiting = [name for name in still_waiting(rollout, records, run) if name not in {*run.targets, *touched}]
    if waiting:
        verdict.add(
            "hold",
            "others_wait",
            f"This batch is no worse than before, but {some_names(sorted(waiting), 5)} of a batch that was stopped "
            f"{'waits' if len(waiting) == 1 else 'wait'} still; bring {'it' if len(waiting) == 1 else 'them'} into the "
            "run.",
        )


def _say_where_it_stands(verdict: Verdict, records: Records, passed: bool) -> None:
    done = sum(record.state.is_done for record in records.values())
    untouched = sum(record.state.is_untouched for record in records.values())
    if passed:
        rest = (
            f"{hosts_phrase(untouched)} {'is' if untouched == 1 else 'are'} not changed"
            if untouched
            else "none is left"
        )
        verdict.add(
            None,
            "progress",
            f"{done:,} of {hosts_phrase(len(records))} of the rollout {'is' if done == 1 else 'are'} done, {rest}.",
        )
    else:
        verdict.add(None, "progress", f"{hosts_phrase(untouched)} {'was' if untouched == 1 else 'were'} not touched.")
