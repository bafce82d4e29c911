# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding: one reason why a host is not as it should be. And the words for how bad, of what kind, and in which state.

Severities and verdicts have one order everywhere: the worst first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .plain import Json, Plain

SEVERITIES = ("critical", "warning", "info")
VERDICTS = ("critical", "warning", "unknown", "ok")
KINDS_OF_FINDING = ("limit", "growth", "spike", "drop", "disproportion")
STATUSES = ("current", "suspected", "confirmed", "levelling_off", "long_standing", "waived")


def rank(severity: str) -> int:
    """Return the place of a severity, 0 for the worst."""
    return SEVERITIES.index(severity)


def worst(severities: Iterable[str]) -> str | None:
    """Return the worst of some severities; None of none."""
    return min(severities, key=rank, default=None)


def mildest(severities: Iterable[str]) -> str:
    """Return the mildest of some severities. Raises ValueError of none."""
    return max(severities, key=rank)


@dataclass(frozen=True, slots=True)
class Finding(Plain):
    """One reason. ``value`` and ``limit`` are in ``unit``; their ratio orders findings, so of growth they are the
    amount grown and the amount allowed.
    """

    dimension: str
    """A dimension, the total, or the name of a check."""
    kind: str
    severity: str
    status: str
    value: float
    limit: float
    unit: str
    expected: str
    """The limit in words."""
    explanation: str
    """A sentence that can be checked by hand."""
    next_step: str
    command: str
    meaning: str = ""
    """What it means on such a machine."""
    pattern: str | None = None
    """The name of a known cause."""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    """The numbers behind the sentence."""

    def replaced(
        self,
        *,
        severity: str | None = None,
        status: str | None = None,
        sentence: str = "",
        explanation: str | None = None,
        next_step: str | None = None,
        command: str | None = None,
        meaning: str | None = None,
        pattern: str | None = None,
        evidence: Mapping[str, Json] | None = None,
    ) -> Finding:
        """Return the finding with other fields. A *sentence* comes behind the explanation, *evidence* is added."""
        text = self.explanation if explanation is None else explanation
        return Finding(
            self.dimension,
            self.kind,
            severity or self.severity,
            status or self.status,
            self.value,
            self.limit,
            self.unit,
            self.expected,
            f"{text} {sentence}" if sentence else text,
            self.next_step if next_step is None else next_step,
            self.command if command is None else command,
            self.meaning if meaning is None else meaning,
            pattern or self.pattern,
            {**self.evidence, **evidence} if evidence else self.evidence,
        )

    @property
    def share(self) -> float:
        """How many times its limit the value is."""
        return self.value / max(self.limit, 1)

    @property
    def key(self) -> tuple[str, str]:
        """What it is about and of what kind: the same finding in another audit has the same."""
        return self.dimension, self.kind


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as they are shown: the worst first, and of these what exceeds its limit most."""
    return sorted(findings, key=lambda one: (rank(one.severity), -one.share, one.dimension, one.kind))


@dataclass(slots=True)
class Judgement:
    """The answer of one rule on one host, as the rule fills it.

    ``judged`` are names of dimensions (and of checks); ``not_judged`` says of others why, in one sentence each.
    """

    findings: list[Finding] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    not_judged: dict[str, str] = field(default_factory=dict)
