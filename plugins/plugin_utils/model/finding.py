# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule says of one host: findings, and what it could and could not judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS_OF_FINDING = ("limit", "growth", "spike", "drop", "disproportion")
STATUSES = ("current", "suspected", "confirmed", "levelling_off", "long_standing", "waived")

FINDING_FIELDS = (
    "dimension",
    "kind",
    "severity",
    "status",
    "value",
    "limit",
    "unit",
    "expected",
    "explanation",
    "next_step",
    "command",
    "pattern",
    "evidence",
)
"""Every finding has these. ``pattern`` is the name of a known cause or null, ``evidence`` the numbers behind the
sentence.
"""


@dataclass
class Judgement:
    """The answer of one rule on one host.

    ``judged`` are names of dimensions (and of checks); ``not_judged`` says of others why, in one sentence each.
    """

    findings: list[dict[str, Any]] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    not_judged: dict[str, str] = field(default_factory=dict)


def finding(
    dimension: str,
    kind: str,
    severity: str,
    *,
    status: str,
    value: float,
    limit: float,
    unit: str,
    expected: str,
    explanation: str,
    next_step: str,
    command: str,
    evidence: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a finding with every field.

    *value* and *limit* are in *unit*; their ratio orders findings, so of growth they are the amount grown and the
    amount allowed.
    """
    return {
        "dimension": dimension,
        "kind": kind,
        "severity": severity,
        "status": status,
        "value": value,
        "limit": limit,
        "unit": unit,
        "expected": expected,
        "explanation": explanation,
        "next_step": next_step,
        "command": command,
        "pattern": None,
        "evidence": dict(evidence or {}),
    }
