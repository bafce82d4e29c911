# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging: every rule over every host of a run, in the one order that there is.

First the rules that look at one host (limits, state, its own history), then those over the fleet (similar hosts,
promotion), then what makes a finding readable (patterns, owners) and what the policy says of it (severities, waivers).
A host that a rule stumbles over is set aside with the reason and costs nobody else a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Concatenate, ParamSpec

from ..dimensions.table import LIMITED, TOTAL
from ..model.boots import last_boot
from ..model.finding import in_order
from ..model.owners import OwnersHistory
from ..model.sample import Origin, Series
from ..model.subject import Subject
from ..policy.waivers import Waiver, apply_severities, apply_waivers
from ..rules.baseline import trend_of
from ..rules.ceiling import judge_ceiling
from ..rules.critical_limits import critical_limits
from ..rules.disproportion import judge_similar_hosts
from ..rules.earlier import Earlier
from ..rules.kernel_difference import FleetFinding, fleet_findings
from ..rules.limit import judge_limits
from ..rules.long_standing import soften
from ..rules.object_counts import judge_counts
from ..rules.own_history import judge_history
from ..rules.promotion import grows, promote
from ..rules.shared_step import tell_once
from ..rules.state import judge_state
from ..text.safe import one_line
from ..words.meanings import meaning
from .explained import OwnersOf, asks_for_owners, explained
from .one_leak import without_told
from .verdict import Judged

RULE_FAILURES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a rule may raise over facts that are of the right types and yet impossible."""

P = ParamSpec("P")


@dataclass(slots=True)
class FleetJudgement:
    """The answers on all hosts, by name, and sentences on what could not be judged over the fleet."""

    hosts: dict[str, Judged]
    fleet_findings: list[FleetFinding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judge_fleet(
    subjects: Sequence[Subject],
    past: Iterable[Series] | None,
    waivers: Sequence[Waiver],
    today: date,
    owners: OwnersOf | None = None,
) -> FleetJudgement:
    """Judge *subjects*. *past* yields the earlier samples of those that have some; None means that no history is
    kept. *owners* is asked for the owners of those that grow.
    """
    answer = FleetJudgement({subject.name: Judged(subject) for subject in subjects})
    left = dict(answer.hosts)
    for series in past or ():
        judged = left.pop(series.host, None)
        if judged is not None:
            guarded(judge_own, judged, series, True)
    for judged in left.values():
        guarded(judge_own, judged, None, past is not None)
    sound = [judged for judged in answer.hosts.values() if judged.problem is None]
    judge_over_fleet(sound, answer)
    known = owners([one.subject.name for one in sound if asks_for_owners(one)]) if owners is not None else {}
    for judged in sound:
        guarded(finish, judged, waivers, today, known.get(judged.subject.name))
    return answer


def judge_alone(subject: Subject, waivers: Sequence[Waiver], today: date) -> Judged:
    """Judge one host by itself, without history and similar hosts. Raises what a rule raises that fails."""
    judged = Judged(subject)
    judge_own(judged, None, False)
    finish(judged, waivers, today)
    return judged


def judge_own(judged: Judged, series: Series | None, with_history: bool) -> None:
    """Apply the rules that look at one host, and keep the recent amounts of what they found, for pictures."""
    apply_own_rules(judged, series, with_history)
    if judged.history is not None:
        shown = {finding.dimension for finding in judged.findings}
        names = [name for name in LIMITED if name in shown or name == TOTAL]
        judged.recent = trend_of(judged.history.past, names)
        if judged.findings:
            judged.history.let_go_of_samples()


def apply_own_rules(judged: Judged, series: Series | None, with_history: bool) -> None:
    """Apply the rules that look at one host: its limits, its state, and its own history where one is kept."""
    subject = judged.subject
    if series is not None and subject.sample.origin == Origin.SAVED:
        # What a host has shown after a copy of it was made is no past of the copy.
        series = series.until(subject.sample.collected_at)
    earlier = Earlier(subject, series)
    history = judged.history = judge_history(subject, series) if with_history else None
    growing = {one.dimension for one in history.judgement.findings if grows(one)} if history else set()
    judged.limits, judged.checks = judge_limits(subject, growing, earlier), judge_state(subject)
    now = judged.checks.findings
    judged.checks.findings = [*now, *judge_counts(subject, earlier, now), *judge_ceiling(subject, earlier, now)]
    found = judged.limits.findings
    if history is not None:
        found = soften(found, subject.sample, earlier, bool(history.growing)) + history.judgement.findings
    judged.findings = found + judged.checks.findings
    if asks_for_owners(judged):
        judged.boot = last_boot(series, subject.sample)
    judged.critical_limits = critical_limits(subject)


def judge_over_fleet(sound: Sequence[Judged], answer: FleetJudgement) -> None:
    """Apply the rules that compare hosts. They can only add: where one fails, the run has its other verdicts."""
    subjects = [judged.subject for judged in sound]
    try:
        similar = judge_similar_hosts(subjects, {judged.subject.name: judged.findings for judged in sound})
        for judged in sound:
            judged.similar = similar[judged.subject.name]
            judged.findings = judged.findings + judged.similar.judgement.findings
        promoted = promote(subjects, {judged.subject.name: judged.findings for judged in sound})
        for judged in sound:
            judged.findings = promoted.get(judged.subject.name, judged.findings)
        shared = tell_once(subjects, {judged.subject.name: judged.findings for judged in sound})
        for judged in sound:
            judged.findings = shared.findings.get(judged.subject.name, judged.findings)
        answer.notes += shared.notes
        answer.fleet_findings = fleet_findings(subjects)
    except RULE_FAILURES as exc:
        answer.notes.append(
            f"Hosts could not be compared with each other ({type(exc).__name__}: {one_line(str(exc))}); report this as "
            "a bug."
        )


def finish(judged: Judged, waivers: Sequence[Waiver], today: date, owners: OwnersHistory | None = None) -> None:
    """Name causes and owners, and let the policy have its word. *owners* are those of earlier samples."""
    subject = judged.subject
    told = explained(judged, owners)
    capped = apply_severities(subject.settings, told)
    clear = [one.replaced(meaning=meaning(one, subject.platform)) for one in capped]
    judged.waivers = apply_waivers(waivers, subject.name, subject.groups, clear, today)
    judged.findings = in_order(without_told(judged.waivers.kept))


def guarded(step: Callable[Concatenate[Judged, P], None], judged: Judged, *args: P.args, **kwargs: P.kwargs) -> None:
    """Take a *step* with a host that has no problem yet; a rule that stumbles over it is its problem."""
    if judged.problem is not None:
        return
    try:
        step(judged, *args, **kwargs)
    except RULE_FAILURES as exc:
        judged.problem = f"judging it failed with {type(exc).__name__}: {one_line(str(exc))}"
