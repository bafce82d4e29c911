# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit would say of the hosts that the gate has looked at: one judgement, with the same inputs.

Limits, state, each host's own history, similar hosts of the pool, severities and waivers come from
``judging/judge.py``. The gate adds nothing to it and leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..facts.facts import checked_facts
from ..judging.judge import judge_fleet
from ..judging.subject import subject_of
from ..judging.verdict import verdict_of
from ..model.finding import Finding
from ..model.owners import OwnersHistory
from ..model.sample import Series
from ..model.subject import Subject
from ..model.times import seconds_of
from ..policy.policy import Policy

INFO = "info"
KEPT = ("dimension", "kind", "severity", "status", "value", "limit", "unit", "explanation")
"""What the gate keeps of a finding."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A host as a look found it: its facts as they are stored, when, and what it is in the inventory."""

    host: str
    environment: str
    groups: tuple[str, ...]
    taken_at: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HostJudgement:
    """The verdict on a host with the findings that can change one. ``reason`` says why it could not be judged."""

    verdict: str
    findings: tuple[Finding, ...] = ()
    reason: str | None = None

    def short(self) -> list[dict[str, object]]:
        """Return the findings as the gate compares and keeps them."""
        plain = [finding.as_plain() for finding in self.findings]
        return [{key: one[key] for key in KEPT} for one in plain]

    @property
    def is_unknown(self) -> bool:
        """Whether nothing can be said of the host, which is no health."""
        return self.verdict == "unknown"


@dataclass(frozen=True, slots=True)
class Judge:
    """What every host is judged with. ``past`` has the series of hosts that have one; None means that no history is
    kept.
    """

    policy: Policy
    past: Mapping[str, Series] | None = None
    owners: Mapping[str, OwnersHistory] = field(default_factory=dict)
    """Who held the memory of hosts in earlier samples."""
    notes: list[str] = field(default_factory=list)

    def judge(self, looks: Sequence[Seen], now: str) -> dict[str, HostJudgement]:
        """Return the judgement on each host that was looked at, all of them as one pool."""
        subjects, found = [], {}
        for one in looks:
            try:
                subjects.append(self._subject(one))
            except ValueError as exc:
                found[one.host] = HostJudgement("unknown", reason=str(exc))
        fleet = judge_fleet(
            subjects, self._past_of(subjects), self.policy.waivers, date.fromisoformat(now[:10]), self._owners_of
        )
        self.notes.extend(fleet.notes)
        for name, judged in fleet.hosts.items():
            if judged.problem is not None:
                found[name] = HostJudgement("unknown", reason=judged.problem)
                continue
            verdict = verdict_of(judged)
            shown = tuple(finding for finding in verdict.findings if finding.severity != INFO)
            reason = (
                "no dimension could be judged, since each counter is missing." if verdict.verdict == "unknown" else None
            )
            found[name] = HostJudgement(verdict.verdict, shown, reason)
        return found

    def _past_of(self, subjects: Sequence[Subject]) -> list[Series] | None:
        if self.past is None:
            return None
        # An earlier look is judged as it was judged then: what the history has seen since is no past of it.
        return [
            self.past[subject.name].until(subject.sample.collected_at)
            for subject in subjects
            if subject.name in self.past
        ]

    def _owners_of(self, names: Sequence[str]) -> dict[str, OwnersHistory]:
        return {name: self.owners[name] for name in names if name in self.owners}

    def _subject(self, one: Seen) -> Subject:
        return subject_of(
            one.host,
            checked_facts(one.facts),
            self.policy,
            one.environment,
            groups=one.groups,
            now=seconds_of(one.taken_at),
            remarks=self.notes,
        )
