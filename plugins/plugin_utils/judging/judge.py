# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging: every rule over every host of a run, in the one order that there is.

First the rules that look at one host (limits, state, its own history), then those over the fleet (similar hosts,
promotion), then what makes a finding readable (patterns, owners) and what the policy says of it (severities, waivers).
A host that a rule stumbles over is set aside with the reason and costs nobody else a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..causes.apply import apply_patterns
from ..causes.owners import owner_sentence
from ..model.dimensions import DIMENSIONS, LIMITED, TOTAL
from ..model.finding import Judgement
from ..model.sample import Series
from ..model.subject import Subject
from ..policy.waivers import WaiverResult, apply_severities, apply_waivers
from ..rules.disproportion import SimilarJudgement, judge_similar_hosts
from ..rules.limit import judge_limits
from ..rules.own_history import HistoryJudgement, judge_history, soften, trend_of
from ..rules.promotion import promote
from ..rules.state import judge_state
from ..rules.uptime import uptime_findings
from ..words.labels import SEVERITIES, hosts_phrase
from ..words.text import one_line

STUMBLES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a rule may raise over facts that are of the right types and yet impossible."""


@dataclass
class Judged:
    """What has been found out of one host so far. ``problem`` says why it can't be judged after all."""

    subject: Subject
    limits: Judgement = field(default_factory=Judgement)
    checks: Judgement = field(default_factory=Judgement)
    history: HistoryJudgement | None = None
    similar: SimilarJudgement | None = None
    trend: dict[str, Any] | None = None
    waivers: WaiverResult = field(default_factory=WaiverResult)
    problem: str | None = None

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings so far; rules over the fleet change them in place."""
        return self.subject.findings


@dataclass
class FleetJudgement:
    """The answers on all hosts, by name, and sentences on what could not be judged over the fleet."""

    hosts: dict[str, Judged]
    fleet_findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def verdicts(self) -> Mapping[str, dict[str, Any]]:
        """Return the verdict of each host that has one."""
        return {name: verdict_of(judged) for name, judged in self.hosts.items() if judged.problem is None}


def judge_fleet(
    subjects: Sequence[Subject], past: Iterable[Series] | None, waivers: Sequence[Mapping[str, Any]], today: date
) -> FleetJudgement:
    """Judge *subjects*. *past* yields the earlier samples of those that have some; None means that no history is
    kept.
    """
    answer = FleetJudgement({subject.name: Judged(subject) for subject in subjects})
    left = dict(answer.hosts)
    for series in past or ():
        judged = left.pop(series.host, None)
        if judged is not None:
            _guarded(judge_own, judged, series, True)
    for judged in left.values():
        _guarded(judge_own, judged, None, past is not None)
    sound = [judged for judged in answer.hosts.values() if judged.problem is None]
    _judge_over_fleet(sound, answer)
    for judged in sound:
        _guarded(finish, judged, waivers, today)
    return answer


def judge_alone(subject: Subject, waivers: Sequence[Mapping[str, Any]], today: date) -> Judged:
    """Judge one host by itself, without history and similar hosts. Raises what a rule raises that stumbles."""
    judged = Judged(subject)
    judge_own(judged, None, False)
    finish(judged, waivers, today)
    return judged


def judge_own(judged: Judged, series: Series | None, with_history: bool) -> None:
    """Apply the rules that look at one host."""
    subject = judged.subject
    facts, environment, settings = subject.facts, subject.environment, subject.settings
    limits, state = judge_limits(facts, environment, settings), judge_state(facts, settings)
    found = limits.findings
    if with_history:
        judged.history = judge_history(facts, subject.sample, series, environment, settings)
        found = soften(found, judged.history.baselines, facts)
        found += judged.history.judgement.findings
        shown = {finding["dimension"] for finding in found if finding["dimension"] in LIMITED}
        judged.trend = trend_of(series, subject.sample, [name for name in LIMITED if name in shown or name == TOTAL])
    judged.limits, judged.checks = limits, state
    subject.findings[:] = found + state.findings


def _judge_over_fleet(sound: Sequence[Judged], answer: FleetJudgement) -> None:
    """Apply the rules that compare hosts. They can only add: where one stumbles, the run has its other verdicts."""
    subjects = [judged.subject for judged in sound]
    try:
        similar = judge_similar_hosts(subjects)
        for judged in sound:
            judged.similar = similar.get(judged.subject.name)
            if judged.similar is not None:
                judged.findings.extend(judged.similar.judgement.findings)
        promote(subjects)
        answer.fleet_findings = uptime_findings(subjects)
    except STUMBLES as exc:
        answer.notes.append(
            f"Hosts could not be compared with each other ({type(exc).__name__}: {one_line(str(exc))}); report this "
            "as a bug."
        )


def finish(judged: Judged, waivers: Sequence[Mapping[str, Any]], today: date) -> None:
    """Name causes and owners, and let the policy have its word."""
    subject = judged.subject
    growing = judged.history.growing if judged.history is not None else {}
    attribution = subject.facts["attribution"]
    for finding in judged.findings:
        owner = (
            owner_sentence(attribution, finding["dimension"], finding["unit"], finding["value"])
            if finding["kind"] == "limit"
            else ""
        )
        finding["explanation"] = f"{finding['explanation']} {owner}".rstrip()
    whole = {id(finding): finding["explanation"] for finding in judged.findings if finding["dimension"] == TOTAL}
    apply_patterns(subject.facts, judged.findings, growing)
    named = {finding["pattern"] for finding in judged.findings if id(finding) not in whole}
    for finding in judged.findings:
        if id(finding) in whole and finding["pattern"] in named:
            # The part says it already; the whole need not say it again.
            finding["explanation"] = whole[id(finding)]
    judged.waivers = apply_waivers(
        waivers, subject.name, subject.groups, apply_severities(subject.settings, judged.findings), today
    )
    subject.findings[:] = sorted(judged.waivers.kept, key=_order)


def verdict_of(judged: Judged) -> dict[str, Any]:
    """Return the verdict on a host, with its findings and with what was and was not judged."""
    severities = {finding["severity"] for finding in judged.findings}
    worst = next((severity for severity in ("critical", "warning") if severity in severities), None)
    return {
        "verdict": worst or ("ok" if any(name in LIMITED for name in judged.limits.judged) else "unknown"),
        "environment": judged.subject.environment,
        "profiles": list(judged.subject.profiles),
        "findings": list(judged.findings),
        "waived": judged.waivers.waived,
        "coverage": coverage_of(judged),
    }


def coverage_of(judged: Judged) -> dict[str, Any]:
    """Return what was judged and what was not, and why; in names and in words."""
    limits, history, similar = judged.limits, judged.history, judged.similar
    ready = sum(name in DIMENSIONS for name in history.judgement.judged) if history is not None else 0
    hosts = similar.similar_hosts if similar is not None else None
    text = coverage_text(limits.judged, limits.not_judged)
    if history is not None:
        text += f", history of {ready} of {len(DIMENSIONS)}"
    if hosts:
        text += f", {hosts_phrase(hosts).replace('host', 'similar host')}"
    return {
        "judged": limits.judged,
        "not_judged": limits.not_judged,
        "checks": {"judged": judged.checks.judged, "not_judged": judged.checks.not_judged},
        "history": None
        if history is None
        else {"ready": ready, "of": len(DIMENSIONS), "not_judged": history.judgement.not_judged},
        "similar_hosts": hosts,
        "similar_hosts_reason": _why_not_compared(similar),
        "text": text,
    }


def _why_not_compared(similar: SimilarJudgement | None) -> str | None:
    """Return why a host was compared in no dimension with similar hosts, or None where it was."""
    if similar is None or similar.judgement.judged or not similar.judgement.not_judged:
        return None
    return " ".join(dict.fromkeys(similar.judgement.not_judged.values()))


def coverage_text(judged: Sequence[str], not_judged: Mapping[str, str]) -> str:
    """Return the coverage of one host's own numbers in words: ``6 of 7 dimensions judged, without 1 further check``."""
    text = f"{sum(name in DIMENSIONS for name in judged)} of {len(DIMENSIONS)} dimensions judged"
    missing = sum(name not in DIMENSIONS for name in not_judged)
    if judged and missing:
        text += f", without {missing} further {'check' if missing == 1 else 'checks'}"
    return text


def _guarded(step: Callable[..., None], judged: Judged, *further: object) -> None:
    if judged.problem is not None:
        return
    try:
        step(judged, *further)
    except STUMBLES as exc:
        judged.problem = f"judging it failed with {type(exc).__name__}: {one_line(str(exc))}"


def _order(finding: Mapping[str, Any]) -> tuple[int, float, str, str]:
    share = finding["value"] / max(finding["limit"], 1)
    return SEVERITIES.index(finding["severity"]), -share, finding["dimension"], finding["kind"]
