# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a batch: judge each host, test all changed hosts together, decide, and write down who is where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words.labels import hosts_phrase
from .before_after import amounts_of, earlier_of
from .begin import DONE
from .decide import Verdict, judge_environment, judge_tests
from .host import answer_after
from .regression import cohort_test, paired_test, regression_sentence
from .run import GateRun, decision_of

Records = dict[str, dict[str, Any]]


def decide_before(run: GateRun) -> dict[str, Any]:
    """Decide whether the batch that has begun may be touched. Too many hosts that may not be are a ``hold``: nothing
    is broken yet.
    """
    state, batch = _open_batch(run)
    records = run.folder.read_hosts(state["targets"])
    answers: dict[str, dict[str, Any]] = {}
    for name in batch["hosts"]:
        record = records[name]
        if record.get("run_id") != run.run_id or record.get("before_answer") is None:
            records[name] = record = {
                **record,
                "status": "unfit" if record["status"] == "untouched" else record["status"],
            }
            run.folder.write_host(record)
            answers[name] = _never_seen(run.settings(run.environment(record)))
        else:
            answers[name] = record["before_answer"]
    verdict, numbers = Verdict(), []
    for environment, members in run.by_environment([records[name] for name in batch["hosts"]]).items():
        settings = run.settings(environment)
        chosen = {str(record["host"]): answers[str(record["host"])] for record in members}
        in_all = [
            name
            for name in _bad_in(run, records, environment, answers)
            if name not in chosen or chosen[name]["outcome"] == "bad"
        ]
        numbers.append(
            judge_environment(
                verdict, environment, chosen, in_all, _number_in(run, records, environment), settings, "hold"
            )
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
    if verdict.decision != "pass":
        for name in batch["hosts"]:
            if records[name]["status"] == "begun" and not (records[name].get("attempt") or {}).get("judged_again"):
                records[name] = {**records[name], "status": "untouched", "attempt": None}
                run.folder.write_host(records[name])
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
        _close(run, state, batch, decision)
    return decision


def decide_batch(run: GateRun) -> dict[str, Any]:
    """Decide whether the rollout may go on after this batch."""
    state, batch = _open_batch(run)
    expected = state["expected_kernel"]
    records = run.folder.read_hosts(state["targets"])
    touched = [name for name in batch["hosts"] if records[name]["status"] != "unfit"]
    answers: dict[str, dict[str, Any]] = {}
    for name in touched:
        record = records[name]
        if record.get("run_id") != batch["run_id"]:
            record = {**record, "after": None, "step_failed": None}
        environment = run.environment(record)
        answers[name] = answer_after(
            record,
            run.policy,
            environment,
            run.settings(environment),
            expected_kernel=expected,
            earlier=run.folder.earlier(name),
            series=run.series.get(name),
            groups=run.groups.get(name, ()),
        )
        records[name] = {
            **record,
            "after_answer": answers[name],
            "status": "bad" if answers[name]["outcome"] == "bad" else record["status"],
        }
    verdict, numbers, tests = Verdict(), [], {}
    worse: list[str] = []
    for environment, members in run.by_environment([records[name] for name in touched]).items():
        settings = run.settings(environment)
        chosen = {str(record["host"]): answers[str(record["host"])] for record in members}
        in_all = _bad_in(run, records, environment, {})
        tests[environment] = _tests(run, records, environment, settings)
        sentences = {
            f"{kind}.{name}": regression_sentence(name, row, kind)
            for kind, test in tests[environment].items()
            for name, row in test["dimensions"].items()
            if row["worse"] and name not in state["accepted_dimensions"]
        }
        worse.extend(name.partition(".")[2] for name in sentences)
        # First what is wrong with the change, then the hosts that show it.
        judge_tests(verdict, tests[environment], sentences, settings)
        numbers.append(
            judge_environment(
                verdict, environment, chosen, in_all, _number_in(run, records, environment), settings, "fail"
            )
        )
    if not touched:
        verdict.add("inconclusive", "nothing_to_touch", "No host of this batch was touched.")
    passed = verdict.decision == "pass"
    for name in touched:
        if answers[name]["outcome"] != "bad":
            records[name]["status"] = "accepted" if passed else "refused"
        run.folder.write_host(records[name])
        after = records[name].get("after")
        if after and after["outcome"] == "facts" and (records[name].get("settled") or {}).get("is_settled"):
            run.folder.add_earlier(name, earlier_of(after["facts"]))
    batch["worse_dimensions"] = sorted(set(worse))
    _say_where_it_stands(verdict, records, passed)
    decision = decision_of(
        run, "batch", verdict, records, answers, batch=batch["number"], numbers=numbers, tests=tests, expected=expected
    )
    _close(run, state, batch, decision)
    return decision


def close_untouched(run: GateRun) -> dict[str, Any]:
    """Close a batch in check mode, where it was looked at and nothing was changed."""
    state, batch = _open_batch(run)
    verdict = Verdict()
    verdict.add(
        None, "check_mode", "Check mode: the hosts were looked at and not changed, so there is nothing to compare."
    )
    decision = decision_of(
        run,
        "batch",
        verdict,
        run.folder.read_hosts(state["targets"]),
        {},
        batch=batch["number"],
        expected=state["expected_kernel"],
    )
    _close(run, state, batch, decision)
    return decision


def _open_batch(run: GateRun) -> tuple[dict[str, Any], dict[str, Any]]:
    state = run.folder.read_rollout()
    if not state or not state["batches"] or state["batches"][-1]["decision"] is not None:
        raise ValueError(
            "No batch of this rollout is open, so there is nothing to decide; the phase before comes first."
        )
    return state, state["batches"][-1]


def _close(run: GateRun, state: dict[str, Any], batch: dict[str, Any], decision: Mapping[str, Any]) -> None:
    batch.update(decision=decision["decision"], sentence=decision["sentence"], decided_at=run.now)
    run.folder.write_rollout(state)
    run.folder.write_decision(decision)
    run.folder.add_to_trail(
        {
            "at": run.now,
            "run_id": run.run_id,
            "event": f"decided_{decision['phase']}",
            "batch": batch["number"],
            "decision": decision["decision"],
            "sentence": decision["sentence"],
            "hosts": batch["hosts"],
            "policy_sha256": decision["policy"]["sha256"],
            "actor": dict(run.actor),
        }
    )


def _never_seen(settings: Mapping[str, Any]) -> dict[str, Any]:
    treatment = settings["states"]["unreachable"]
    sentence = "It failed or was lost before it could be looked at, so it is not touched."
    return {
        "outcome": treatment if treatment != "accept" else "good",
        "may_touch": False,
        "sick": False,
        "reasons": [{"code": "lost", "sentence": sentence, "dimension": None, "treatment": treatment}],
    }


def _bad_in(run: GateRun, records: Records, environment: str, answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return all hosts of an environment that are bad in this rollout, also those that could not be touched."""
    bad = []
    for name, record in records.items():
        if run.environment(record) != environment:
            continue
        unfit = record["status"] == "unfit" and (record.get("before_answer") or {"outcome": "bad"})["outcome"] == "bad"
        if record["status"] == "bad" or unfit or answers.get(name, {}).get("outcome") == "bad":
            bad.append(name)
    return sorted(bad)


def _number_in(run: GateRun, records: Records, environment: str) -> int:
    return sum(run.environment(record) == environment for record in records.values())


def _tests(run: GateRun, records: Records, environment: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Test all hosts that the rollout has changed so far. A host that was sick before is neither a reference nor a
    control.
    """
    comparisons, unchanged = [], []
    for record in records.values():
        if run.environment(record) != environment or record.get("sick"):
            continue
        comparison = (record.get("after_answer") or {}).get("comparison")
        if comparison and record["status"] != "untouched" and comparison["kernel_changed"]:
            comparisons.append(comparison)
        elif record["status"] == "untouched" and (record.get("reference") or {}).get("outcome") == "facts":
            facts = record["reference"]["facts"]
            unchanged.append({"memory_total_bytes": facts["host"]["memory_total_bytes"], "amounts": amounts_of(facts)})
    return {"paired": paired_test(comparisons, settings), "cohort": cohort_test(comparisons, unchanged, settings)}


def _say_where_it_stands(verdict: Verdict, records: Records, passed: bool) -> None:
    done = sum(record["status"] in DONE for record in records.values())
    untouched = sum(record["status"] in ("untouched", "unfit") for record in records.values())
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
