# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of one host: an outcome with its reasons.

``good`` and ``skipped`` count for nothing, ``bad`` counts against the limits of the policy, ``inconclusive`` stops
where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..facts.facts import checked_facts
from ..words.labels import NO_DATA_LABELS
from .host_record import Look, Reason

RANKS = {"info": 0, "warning": 1, "critical": 2}


class Answer:
    """An outcome that grows worse as reasons are added."""

    def __init__(self) -> None:
        self.outcome = "good"
        self.reasons: list[Reason] = []

    def add(self, treatment: str, code: str, sentence: str, dimension: str | None = None) -> None:
        """Add a reason; *treatment* is ``bad``, ``inconclusive`` or ``accept`` (then it is only said)."""
        self.reasons.append({"code": code, "sentence": sentence, "dimension": dimension, "treatment": treatment})
        if treatment == "bad" or (treatment == "inconclusive" and self.outcome == "good"):
            self.outcome = treatment


def look(outcome: str, message: str | None, facts: Any, taken_at: str) -> Look:
    """Return one look at a host: what the gathering came to, its checked facts, and when."""
    try:
        checked = checked_facts(facts) if outcome == "facts" else None
    except ValueError as exc:
        outcome, message, checked = "unreadable", str(exc), None
    if checked is not None and not checked.platform.auditable:
        outcome, message = ("not_auditable", checked.platform.reason or "The host does not show a kernel of its own.")
    plain = None if checked is None else checked.as_plain()
    return {"taken_at": taken_at, "outcome": outcome, "message": message, "facts": plain}


def label(one: Look) -> str:
    """Return what a look came to, in words."""
    return NO_DATA_LABELS.get(one["outcome"], "No data")


def add_missing(answer: Answer, one: Look, settings: Mapping[str, Any], so: str) -> bool:
    """Add why there are no facts; return whether the host may be touched all the same."""
    if one["outcome"] == "facts":
        return True
    state = "unreachable" if one["outcome"] == "unreachable" else "unknown"
    treatment = settings["states"][state]
    # What gave no data may be changed only where the policy says that this does not matter; what can't be reached can't
    # be.
    may_touch = state == "unknown" and treatment == "accept"
    said = "is only checked against limits afterwards" if may_touch else so
    answer.add(
        treatment,
        state if state == "unreachable" else "no_data",
        f"{label(one)}, so it {said}: {one['message'] or 'no reason given'}",
    )
    return may_touch


def is_sick(findings: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> bool:
    """Return whether findings are bad enough to block."""
    return any(blocks(finding, settings) for finding in findings)


def blocks(finding: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Return whether a finding is bad enough to block. What has stood for long or was waived does not."""
    blocking: int = RANKS[settings["blocking_severity"]]
    return RANKS[finding["severity"]] >= blocking and finding["status"] not in ("long_standing", "waived")


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two findings are the same one at two times."""
    return all(one[key] == other[key] for key in ("dimension", "kind", "unit"))


def at_least_inconclusive(treatment: str) -> str:
    """Return how a host counts that was changed and gives no data: no policy makes that a good one."""
    return "inconclusive" if treatment == "accept" else treatment
