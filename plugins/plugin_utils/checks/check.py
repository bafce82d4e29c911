# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check is: one question to a host's state, beside the sizes of its dimensions. Each has a file of its own.

A check gives a warning at most, but for a number that stops the whole host at its limit. All thresholds are judgement,
and generous: docs/dimensions.md has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..dimensions.dimension import Words
from ..model.finding import Finding
from ..model.plain import Json
from ..model.subject import Subject
from ..text.safe import one_line
from ..text.units import human_bytes, percent_text

NEED_AVAILABLE_PERCENT = 10
NEED_SOME_PERCENT = 10
NEED_FULL_PERCENT = 5
"""A host is short of memory where less than this share of RAM is available, or tasks wait for memory this share of
the time.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check found unusual, with the parts of its sentence."""

    severity: str
    value: float
    limit: float
    unit: str
    words: Words
    measure: str
    allowed: str
    rule: str = ""
    remarks: tuple[str, ...] = ()
    evidence: Mapping[str, Json] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return it as a sentence."""
        reason = f" ({self.rule})" if self.rule else ""
        first = f"{self.words.subject} is {self.measure}; more than {self.allowed}{reason} is unusual"
        return "; ".join((first, *self.remarks)) + "."

    def finding(self, check: str) -> Finding:
        """Return it as the finding of a check."""
        return Finding(
            dimension=check,
            kind="limit",
            severity=self.severity,
            status="current",
            value=self.value,
            limit=self.limit,
            unit=self.unit,
            expected=self.rule or self.allowed,
            explanation=self.sentence(),
            next_step=self.words.next_step,
            command=self.words.command,
            evidence=self.evidence,
        )


Answer = list[Seen] | str
"""What is unusual (mostly nothing), or why it can't be said."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check: the name that its findings have as dimension, what people call it, what it means, and the question."""

    name: str
    label: str
    meaning: str
    words: tuple[Words, ...]
    """Those that its findings have."""
    answer: Callable[[Subject], Answer]


def missing(subject: Subject, part: str, subset: str) -> str:
    """Return why a part of the attribution can't be used."""
    reason = subject.attribution.why_without(part)
    return one_line(reason) if reason else f"It was not gathered; add {subset} to gather_subset."


def share(memory: float, percent: float, low: float, high: float) -> int:
    """Return a share of an amount, within bounds."""
    return int(max(min(memory * percent / 100, high), low))


def need_of(subject: Subject) -> str:
    """Return in words why the host is short of memory now, or an empty text where it is not or does not say."""
    total, available = subject.sample.memory_total_bytes, subject.sample.memory_available_bytes
    if total and available is not None and available * 100 < NEED_AVAILABLE_PERCENT * total:
        return f"only {human_bytes(available)}, {percent_text(available, total)} of RAM, is available"
    pressure = subject.attribution.pressure
    some, full = (pressure.some_avg60 or 0, pressure.full_avg60 or 0) if pressure else (0, 0)
    if some >= NEED_SOME_PERCENT or full >= NEED_FULL_PERCENT:
        return f"tasks waited for memory in {some:.1f} % of the last minute"
    return ""
