# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a batch: judge each host, test all changed hosts together, decide, and write down who is where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..words.labels import hosts_phrase, some_names
from .before_after import earlier_of, past_at_equal_uptime, usual_spreads
from .begin import add_out_of_service, not_in_service_yet, still_waiting, untouched_releases
from .decide import Verdict, judge_environment, judge_tests
from .host import answer_after, is_sick, with_judgement
from .pool import pools_of
from .regression import regression_sentence
from .rollout_shapes import (
    DONE,
    NOT_TOUCHED,
    Batch,
    HostAnswer,
    HostRecord,
    Look,
    Plain,
    Reason,
    Records,
    RolloutState,
    attempt_of,
    is_facts,
    is_settled,
)
from .run import GateRun, decision_of


def decide_before(run: GateRun) -> Plain:
    """Decide whether the batch that has begun may be touched. Too many hosts that may not be are a ``hold``: nothing
    is broken yet.
    """
    state, batch = _open_batch(run)
    records = run.folder.read_hosts(state["targets"])
    answers: dict[str, HostAnswer] = {}
    for name in batch["hosts"]:
        record = records[name]
        answer = record.get("before_answer")
        if record.get("run_id") != run.run_id or answer is None:
            records[name] = record = {
                **record,
                "status": "unfit" if record["status"] in NOT_TOUCHED else record["status"],
            }
            run.folder.write_host(record)
            answers[name] = _never_seen(run.settings(run.environment(record)))
        else:
            answers[name] = answer
    _judge_before(run, batch["hosts"], records, answers)
    if state["expected_kernel"] is None:
        _add_newest_kernel(answers, records)
    for name, answer in answers.items():
        if answer is not records[name].get("before_answer"):
            records[name] = {**records[name], "before_answer": answer, "sick": answer["sick"]}
            run.folder.write_host(records[name])
    verdict, numbers, pools = Verdict(), [], pools_of(run, records)
    for environment, members in run.by_environment([records[name] for name in batch["hosts"]]).items():
        pool = pools[environment]
        chosen = {str(record["host"]): answers[str(record["host"])] for record in members}
        in_all = [name for name in pool.bad(answers) if name not in chosen or chosen[name]["outcome"] == "bad"]
        numbers.append(
            judge_environment(verdict, environment, chosen, in_all, len(pool.records), pool.settings, "hold")
        )
    if not any(answer.get("may_touch") or answer.get("judged_again") for answer in answers.values()):
        verdict.add(
            "hold", "nothing_to_touch", f"None of the {hosts_phrase(len(answers))} of this batch may be touched."
        )
    decision = decision_of(
        run,
        "before",
        verdict,
        records,
        answers,
        batch=batch["number"],
        numbers=numbers,
        expected=state["expected_kernel"],
    )
    if verdict.decision == "pass":
        # Only now may a host of it be touched.
        batch["may_touch"] = True
        run.folder.write_rollout(state)
        return decision
    _close(run, state, batch, decision)
    return decision


def decide_batch(run: GateRun) -> Plain:
    """Decide whether the rollout may go on after this batch."""
    state, batch = _open_batch(run)
    expected = state["expected_kernel"]
    records = run.folder.read_hosts(state["targets"])
    touched = [name for name in batch["hosts"] if records[name]["status"] not in NOT_TOUCHED]
    for name in touched:
        if records[name].get("run_id") != batch["run_id"]:
            records[name] = {**records[name], "after": None, "step_failed": None}
    was = run.judge(_looks(records, touched, "reference"))
    now = run.judge(_looks(records, touched, "after"))
    answers: dict[str, HostAnswer] = {}
    pools = pools_of(run, records)
    earlier = {name: run.folder.earlier(name) for name in touched}
    spreads = _usual_spreads(run, [records[name] for name in touched], earlier)
    for name in touched:
        record = records[name]
        pool = pools[run.environment(record)]
        answers[name] = answer_after(
            record,
            pool.settings,
            was=was.get(name),
            now=now.get(name),
            expected_kernel=expected,
            earlier=earlier[name],
            series=(run.series or {}).get(name),
            alone=pool.is_small,
            spreads=spreads[run.environment(record)],
        )
        is_bad = answers[name]["outcome"] == "bad"
        answers[name]["allowed_before"] = bool(is_bad and record.get("allowed"))
        records[name] = {**record, "after_answer": answers[name], "status": "bad" if is_bad else record["status"]}
    verdict, numbers, tests = Verdict(), [], {}
    worse: list[str] = []
    # With what was just answered.
    pools = pools_of(run, records)
    for environment, members in run.by_environment([records[name] for name in touched]).items():
        pool = pools[environment]
        chosen = {str(record["host"]): answers[str(record["host"])] for record in members}
        tests[environment] = pool.tests()
        sentences = {
            f"{kind}.{name}": regression_sentence(name, row, kind)
            for kind, test in tests[environment].items()
            for name, row in test["dimensions"].items()
            if row["worse"] and name not in state["accepted_dimensions"]
        }
        worse.extend(name.partition(".")[2] for name in sentences)
        # First what is wrong with the change, then the hosts that show it.
        judge_tests(verdict, tests[environment], sentences, pool.settings)
        numbers.append(
            judge_environment(verdict, environment, chosen, pool.bad({}), len(pool.records), pool.settings, "fail")
        )
    if not touched:
        verdict.add("inconclusive", "nothing_to_touch", "No host of this batch was touched.")
    passed = verdict.decision == "pass"
    accepted = _settle_hosts(records, touched, answers, passed, bool(state.get("serves")))
    batch["worse_dimensions"] = sorted(set(worse))
    _say_where_it_stands(verdict, records, passed)
    if passed:
        _add_those_who_wait(verdict, run, state, records, touched)
    decision = decision_of(
        run, "batch", verdict, records, answers, batch=batch["number"], numbers=numbers, tests=tests, expected=expected
    )
    _add_to_trail(run, batch, decision, accepted)
    for name in touched:
        run.folder.write_host(records[name])
        after = records[name].get("after")
        if after and after["outcome"] == "facts" and is_settled(records[name]):
            run.folder.add_earlier(name, earlier_of(after["facts"]))
    _decided(run, batch, "pass" if passed else decision["decision"], decision["sentence"])
    run.folder.write_rollout(state)
    out = [name for name in accepted if records[name].get("in_service") is False]
    run.folder.write_decision(not_in_service_yet(decision, out))
    return decision


def decide_service(run: GateRun) -> Plain:
    """Decide, after the hosts of a batch were brought back into service, whether the rollout may go on."""
    state = run.folder.read_rollout()
    decision = run.folder.read_decision()
    if state is None or decision is None:
        raise ValueError("No batch of this rollout was decided, so nobody can be brought back into service.")
    records = run.folder.read_hosts(state["targets"])
    verdict = Verdict()
    for reason in decision["reasons"]:
        if reason["code"] != "not_in_service_yet":
            verdict.add(reason["decision"], reason["code"], reason["sentence"])
    out = [name for name in run.batch if records[name].get("in_service") is False]
    add_out_of_service(verdict, run, records, out)
    decision = {
        **decision,
        "phase": "service",
        "decision": verdict.decision,
        "sentence": verdict.sentence,
        "reasons": verdict.reasons,
    }
    _add_to_trail(run, {"number": decision["batch"], "hosts": list(run.batch)}, decision, ())
    run.folder.write_decision(decision)
    return decision


def close_untouched(run: GateRun) -> Plain:
    """Close a batch in check mode, where it was looked at and nothing was changed."""
    state, batch = _open_batch(run)
    verdict = Verdict()
    records = run.folder.read_hosts(state["targets"])
    failed = {name: str(records[name]["step_failed"]) for name in batch["hosts"] if records[name].get("step_failed")}
    for name, message in failed.items():
        verdict.add("fail", "step_failed", f"A step of the change would fail on {name}: {message.rstrip('.')}.")
    verdict.add(
        None, "check_mode", "Check mode: the hosts were looked at and not changed, so there is nothing to compare."
    )
    decision = decision_of(run, "batch", verdict, records, {}, batch=batch["number"], expected=state["expected_kernel"])
    _close(run, state, batch, decision)
    return decision


def hosts_of_batch(run: GateRun) -> list[str]:
    """Return the hosts of the batch that is open. Raises ValueError where none is."""
    return [str(name) for name in _open_batch(run)[1]["hosts"]]


def _open_batch(run: GateRun) -> tuple[RolloutState, Batch]:
    state = run.folder.read_rollout()
    if not state or not state["batches"] or state["batches"][-1]["decision"] is not None:
        raise ValueError(
            "No batch of this rollout is open, so there is nothing to decide; the phase before comes first."
        )
    return state, state["batches"][-1]


def _close(run: GateRun, state: RolloutState, batch: Batch, decision: Plain) -> None:
    _add_to_trail(run, batch, decision, ())
    _decided(run, batch, decision["decision"], decision["sentence"])
    run.folder.write_rollout(state)
    run.folder.write_decision(decision)


def _decided(run: GateRun, batch: Batch, word: str, sentence: str) -> None:
    batch["decision"], batch["sentence"], batch["decided_at"] = word, sentence, run.now


def _add_to_trail(run: GateRun, batch: Batch, decision: Plain, accepted: Sequence[str]) -> None:
    """Add a decision to the trail, before the state says the same: so a state that says more was edited."""
    run.folder.add_to_trail(
        {
            "at": run.now,
            "run_id": run.run_id,
            "event": f"decided_{decision['phase']}",
            "batch": batch["number"],
            "decision": decision["decision"],
            "sentence": decision["sentence"],
            "hosts": batch["hosts"],
            "accepted": list(accepted),
            "policy_sha256": decision["policy"]["sha256"],
            "actor": dict(run.actor),
        }
    )


def _looks(records: Records, names: Sequence[str], which: Literal["reference", "after"]) -> dict[str, Look]:
    """Return a look of each host that has one, with the host's environment."""
    return {
        name: {**one, "environment": records[name].get("environment")}
        for name in names
        if (one := records[name].get(which)) is not None
    }


def _judge_before(run: GateRun, names: Sequence[str], records: Records, answers: dict[str, HostAnswer]) -> None:
    """Add what the audit says of the hosts of a batch; and note who is sick of those that nobody touches, since a sick
    host is no control.
    """
    others = [
        name for name, record in records.items() if record["status"] in NOT_TOUCHED and record.get("sick") is None
    ]
    found = run.judge(_looks(records, list(dict.fromkeys([*names, *others])), "reference"))
    for name, judgement in found.items():
        settings = run.settings(run.environment(records[name]))
        if name not in answers:
            records[name] = {**records[name], "sick": is_sick(judgement.short(), settings)}
            run.folder.write_host(records[name])
        elif not answers[name].get("judged_again"):
            answers[name] = with_judgement(answers[name], judgement, settings)


def _usual_spreads(
    run: GateRun, touched: Sequence[HostRecord], earlier: Mapping[str, Sequence[Plain]]
) -> dict[str, dict[str, float]]:
    """Return, by environment, what the hosts of a batch usually spread by from boot to boot."""
    return {
        environment: usual_spreads(
            [
                past_at_equal_uptime(one["facts"], (run.series or {}).get(record["host"]), earlier[record["host"]])
                for record in members
                if (one := record.get("after")) is not None and is_facts(one)
            ]
        )
        for environment, members in run.by_environment(touched).items()
    }


def _settle_hosts(
    records: Records, touched: Sequence[str], answers: Mapping[str, HostAnswer], passed: bool, serves: bool
) -> list[str]:
    """Give the judged hosts of a batch their next status; return those that were let through."""
    accepted = []
    for name in touched:
        record = records[name]
        if answers[name]["outcome"] == "bad":
            # Its batch could bear it; the next run must not stop for it alone.
            record["allowed"] = passed
            continue
        record["status"] = "accepted" if passed else "refused"
        if passed:
            accepted.append(name)
            # Whose memory it is has been asked; it is by far the largest part of a look.
            record["reference"] = _without_attribution(record.get("reference"))
            record["first"] = _without_attribution(record.get("first"))
            record["after"] = _without_attribution(record.get("after"))
        if passed and serves and not attempt_of(record).get("was_there"):
            record["in_service"] = False
    return accepted


def _without_attribution(one: Look | None) -> Look | None:
    if one is None or one["facts"] is None:
        return one
    return {**one, "facts": {**one["facts"], "attribution": {}}}


def _add_those_who_wait(
    verdict: Verdict, run: GateRun, state: RolloutState, records: Records, touched: Sequence[str]
) -> None:
    """Hold where a part of a stopped batch was judged again, and the rest of it is not even in this run."""
    waiting = [name for name in still_waiting(state, records, run) if name not in {*run.targets, *touched}]
    if waiting:
        verdict.add(
            "hold",
            "others_wait",
            f"This batch is no worse than before, but {some_names(sorted(waiting), 5)} of a batch that was stopped "
            f"{'waits' if len(waiting) == 1 else 'wait'} still; bring {'it' if len(waiting) == 1 else 'them'} into the "
            "run.",
        )


def _add_newest_kernel(answers: Mapping[str, HostAnswer], records: Records) -> None:
    """Let nobody be touched who may be done already: without a wish, a host on the newest of several kernels."""
    releases = untouched_releases(records)
    kinds = set(releases.values())
    if len(kinds) < 2:
        return
    newest = max(kinds, key=_version)
    for name, answer in answers.items():
        if releases.get(name) == newest and answer.get("may_touch"):
            sentence = (
                f"Hosts of this rollout run {len(kinds)} kernels, and it runs the newest of them, {newest}, so it may "
                "be done already; say with kernel_mem_audit_expected_kernel what hosts must come to."
            )
            reason: Reason = {
                "code": "newest_kernel",
                "sentence": sentence,
                "dimension": None,
                "treatment": "inconclusive",
            }
            answer["reasons"] = [reason, *answer["reasons"]]
            if answer["outcome"] == "good":
                answer["outcome"] = "inconclusive"


def _version(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)][:8]


def _never_seen(settings: Mapping[str, Any]) -> HostAnswer:
    treatment = settings["states"]["unreachable"]
    sentence = "It failed or was lost before it could be looked at, so it is not touched."
    return {
        "outcome": treatment if treatment != "accept" else "good",
        "may_touch": False,
        "sick": False,
        "reasons": [{"code": "lost", "sentence": sentence, "dimension": None, "treatment": treatment}],
    }


def _say_where_it_stands(verdict: Verdict, records: Records, passed: bool) -> None:
    done = sum(record["status"] in DONE for record in records.values())
    untouched = sum(record["status"] in NOT_TOUCHED for record in records.values())
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
