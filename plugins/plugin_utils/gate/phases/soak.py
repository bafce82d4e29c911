# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``soak``: days after a rollout, do changed hosts grow?

A leak shows in days and not in the minutes after a boot. So soak compares what the changed hosts have grown by since
they settled with what hosts on the old kernel have grown by in the meantime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...model.times import DAY, seconds_of
from ...text.units import number_text
from ..answer import Answer
from ..answer_check import answer_check
from ..before_after import kernel_of
from ..decide import Verdict, judge_environment
from ..decision import decision_of
from ..growth import add_growth, growth_of, test_growth
from ..host_record import HostAnswer, HostRecord, Look, is_facts
from ..host_state import HostState
from ..json_files import Plain
from ..judgement import HostJudgement
from ..now import finished, look_of_this_run
from ..run import GateRun
from .look import take_looks

_JUDGED = (HostState.JUDGED, HostState.FAILED)


def decide_soak(run: GateRun, within_days: float) -> Plain:
    """Decide on the hosts that were changed within the last days: growth since the change, against before and the
    old kernel.
    """
    known = run.folder.read_rollout()
    take_looks(run)
    targets = () if known is None else known.targets
    records = run.folder.read_hosts(dict.fromkeys([*targets, *run.targets]))
    verdict, numbers, tests = Verdict(), [], {}
    answers: dict[str, HostAnswer] = {}
    in_play = set(run.targets)
    for environment, members in run.by_environment(records.values()).items():
        ages = {record.host: age for record in members if (age := _age_days(run, record)) is not None}
        changed = [one for one in members if one.host in in_play and ages.get(one.host, within_days + 1) <= within_days]
        if not changed:
            continue
        settings = run.settings(environment)
        growths = {record.host: growth_of(record, "after", look_of_this_run(run, record)) for record in changed}
        chosen = _answers(run, changed, growths, settings)
        bad = [name for name, answer in chosen.items() if answer["outcome"] == "bad"]
        numbers.append(judge_environment(verdict, environment, chosen, bad, len(chosen), settings, "fail"))
        others = [
            growth_of(record, "first", look_of_this_run(run, record))
            for record in members
            if record.state.is_untouched and not record.sick
        ]
        tests[environment] = test_growth(
            verdict,
            [growth for growth in growths.values() if growth],
            [growth for growth in others if growth],
            settings,
        )
        youngest, days = min(ages[record.host] for record in changed), settings["soak_days"]
        if days is not None and youngest < days:
            said = (
                f"{number_text(round(youngest, 1))} of {days} days have passed since the last host in "
                f"{environment} was changed"
            )
            verdict.add("hold", "too_soon", f"{said}; a leak needs time to show.")
        answers.update(chosen)
    if not answers:
        _add_nothing_changed(verdict, run, known is not None or run.folder.knows_all, within_days)
    expected = None if known is None else known.expected_kernel
    decision = decision_of(run, "soak", verdict, records, answers, numbers=numbers, tests=tests, expected=expected)
    return finished(run, "soak", verdict, decision)


def _add_nothing_changed(verdict: Verdict, run: GateRun, knows_all: bool, within_days: float) -> None:
    said = f"Nothing was rolled out: no host of this play was changed in the last {number_text(within_days)} days"
    if knows_all:
        verdict.add(None, "nothing_changed", f"{said}.")
    else:
        lost = f"and {run.folder.path} is not there, so a rollout may have been forgotten"
        verdict.add("inconclusive", "nothing_changed", f"{said}, {lost}.")


def _age_days(run: GateRun, record: HostRecord) -> float | None:
    """Return how long ago a host was changed; None where it was not, or nobody has seen it since."""
    after = record.after
    if after is None or not is_facts(after) or not (record.state.is_done or record.state in _JUDGED):
        return None
    return (seconds_of(run.now) - seconds_of(after["taken_at"])) / DAY


def _answers(
    run: GateRun,
    changed: Sequence[HostRecord],
    growths: Mapping[str, Mapping[str, Any] | None],
    settings: Mapping[str, Any],
) -> dict[str, HostAnswer]:
    """Return what is said of each changed host of an environment."""
    afters: dict[str, Look] = {
        record.host: {**one, "environment": record.environment}
        for record in changed
        if (one := record.after) is not None
    }
    was = run.judge(afters)
    now = run.judge({record.host: look_of_this_run(run, record) for record in changed})
    return {
        record.host: _answer(run, record, growths[record.host], settings, was.get(record.host), now.get(record.host))
        for record in changed
    }


def _answer(
    run: GateRun,
    record: HostRecord,
    growth: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
    was: HostJudgement | None,
    judged: HostJudgement | None,
) -> HostAnswer:
    now = look_of_this_run(run, record)
    answer = Answer()
    checked = answer_check(now, judged, settings, known=[] if was is None else was.short())
    for reason in checked["reasons"]:
        answer.add(reason["treatment"], reason["code"], reason["sentence"], reason["dimension"])
    after = record.after
    if is_facts(now) and after is not None and kernel_of(now["facts"]) != kernel_of(after["facts"]):
        answer.add(
            "inconclusive",
            "other_kernel",
            f"It runs {now['facts']['host']['kernel_release']} now, which is not the kernel it was changed to.",
        )
    elif is_facts(now) and growth is None:
        answer.add(
            settings["states"]["learning"],
            "learning",
            "It was rebooted since, or looked at less than an hour ago, so its growth is not known.",
        )
    if growth is not None:
        add_growth(answer, record, growth, settings)
    return {"outcome": answer.outcome, "reasons": answer.reasons}
