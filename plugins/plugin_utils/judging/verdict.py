# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a host: what its findings come to, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..dimensions.table import JUDGED, LIMITED, TOTAL
from ..model.boots import Boot
from ..model.finding import Finding, Judgement, worst
from ..model.plain import Plain
from ..model.quick import quickly_made
from ..model.subject import NOT_KEPT, Subject
from ..policy.waivers import WaiverResult
from ..rules.baseline import Recent
from ..rules.disproportion import SimilarJudgement
from ..rules.own_history import HistoryJudgement
from ..rules.questions import QUESTIONS
from ..words.labels import dimension_label, hosts_phrase

MAIN = ("slab_unreclaimable", "unaccounted", TOTAL)
"""Without any of these nobody can say that a host is well."""


@dataclass(slots=True)
class Judged:
    """What has been found out of one host so far. ``problem`` says why it can't be judged after all."""

    subject: Subject
    limits: Judgement = field(default_factory=Judgement)
    checks: Judgement = field(default_factory=Judgement)
    history: HistoryJudgement | None = None
    similar: SimilarJudgement | None = None
    recent: Recent | None = None
    boot: Boot | None = None
    """The last boot, where something has grown."""
    critical_limits: Mapping[str, int] = field(default_factory=dict)
    """In bytes, by dimension."""
    findings: list[Finding] = field(default_factory=list)
    waivers: WaiverResult = field(default_factory=WaiverResult)
    problem: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Covered(Plain):
    """What some rules could judge and what not, by name, with the reasons."""

    judged: tuple[str, ...]
    not_judged: Mapping[str, str]


@quickly_made
@dataclass(frozen=True, slots=True)
class HistoryCovered(Plain):
    """Of how many dimensions a host's own history could be judged, and why not of the others; and which questions could
    not be asked of it (``rules.questions.QUESTIONS``), whatever the dimension. Audits of 0.1.0 have no questions.
    """

    ready: int
    of: int
    not_judged: Mapping[str, str]
    not_asked: Mapping[str, str] = field(default_factory=dict)


@quickly_made
@dataclass(frozen=True, slots=True)
class Coverage(Plain):
    """What a verdict stands on, in names and in words."""

    judged: tuple[str, ...]
    not_judged: Mapping[str, str]
    checks: Covered
    history: HistoryCovered | None
    similar_hosts: int | None
    similar_hosts_reason: str | None
    text: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Verdict(Plain):
    """A host's verdict: the worst severity of its findings; information does not count."""

    verdict: str
    environment: str
    profiles: tuple[str, ...]
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    coverage: Coverage
    doubts: tuple[str, ...]
    """Why it is not known whether the host is well, in sentences."""


def verdict_of(judged: Judged) -> Verdict:
    """Return the verdict on a host, with its findings and with what was and was not judged.

    ``ok`` is a statement: everything that this kernel can tell was told, is possible, and is within its rules.
    """
    doubts = doubts_of(judged)
    # Where nothing could be judged, that a counter is wrong is the reason why nobody knows.
    blind = not set(MAIN).intersection(judged.limits.judged)
    said = [one for one in judged.findings if not (blind and doubts and one.dimension == "counters")]
    alarm = worst(one.severity for one in said if one.severity != "info")
    return Verdict(
        verdict=alarm or ("unknown" if doubts else "ok"),
        environment=judged.subject.environment,
        profiles=judged.subject.profiles,
        findings=tuple(judged.findings),
        waived=judged.waivers.waived,
        coverage=coverage_of(judged),
        doubts=doubts,
    )


def doubts_of(judged: Judged) -> tuple[str, ...]:
    """Return why it is not known whether a host is well, in sentences; none where everything that should be was judged.

    What a kernel never tells is excused, and what the policy does not judge. What is damaged, contradictory or not
    readable is not, nor is a host of which neither slab nor the whole could be judged.
    """
    facts, missing = judged.subject.facts, judged.limits.not_judged
    doubts = [
        f"{dimension_label(name)}: {missing[name]}"
        for name in LIMITED
        if name in missing and facts is not None and facts.is_doubtful(name)
    ]
    if not doubts and not set(MAIN).intersection(judged.limits.judged):
        wanted = [name for name in MAIN if judged.subject.settings.limits[name].warning]
        doubts = [f"{dimension_label(name)}: {missing.get(name, NOT_KEPT)}" for name in wanted]
    return tuple(doubts)


def coverage_of(judged: Judged) -> Coverage:
    """Return what was judged and what was not, and why."""
    limits, history, similar = judged.limits, judged.history, judged.similar
    ready = sum(name in JUDGED for name in history.judgement.judged) if history is not None else 0
    hosts = similar.similar_hosts if similar is not None else None
    past = (
        None if history is None else HistoryCovered(ready, len(JUDGED), history.judgement.not_judged, history.not_asked)
    )
    return Coverage(
        judged=tuple(limits.judged),
        not_judged=limits.not_judged,
        checks=Covered(tuple(judged.checks.judged), judged.checks.not_judged),
        history=past,
        similar_hosts=hosts,
        similar_hosts_reason=why_not_compared(similar),
        text=coverage_text(limits.judged, limits.not_judged, past, hosts),
    )


def coverage_text(
    judged: Sequence[str], not_judged: Mapping[str, str], past: HistoryCovered | None, similar_hosts: int | None
) -> str:
    """Return a coverage in words: ``6 of 7 dimensions judged, without 1 further check, history of 6 of 7, 12 similar
    hosts; not judged: growth (needs 6 samples, has 3)``.
    """
    text = f"{sum(name in JUDGED for name in judged)} of {len(JUDGED)} dimensions judged"
    missing = sum(name not in JUDGED for name in not_judged)
    if judged and missing:
        text += f", without {missing} further {'check' if missing == 1 else 'checks'}"
    if past is not None:
        text += f", history of {past.ready} of {past.of}"
    if similar_hosts:
        text += f", {hosts_phrase(similar_hosts).replace('host', 'similar host')}"
    questions = {} if past is None else past.not_asked
    # The rest of a reason is different on each host, and stands in the field alone.
    named = [f"{words} ({questions[name].partition(';')[0]})" for name, words in QUESTIONS.items() if name in questions]
    return f"{text}; not judged: {', '.join(named)}" if named else text


def why_not_compared(similar: SimilarJudgement | None) -> str | None:
    """Return why a host was compared in no dimension with similar hosts, or None where it was."""
    if similar is None or similar.judgement.judged or not similar.judgement.not_judged:
        return None
    return " ".join(dict.fromkeys(similar.judgement.not_judged.values()))
