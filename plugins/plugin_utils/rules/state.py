# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks on a host's state in one run: what explains or sharpens the limits, and is rarely worth a verdict of its
own.

They rest on what the host could attribute. A check whose numbers were not gathered says so; one that has nothing to
look at (little slab, one NUMA node) is judged and quiet. All thresholds are judgement and generous; none makes a host
critical.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.finding import Judgement, finding
from .state_checks import CHECKS, Seen
from .state_words import STATE_WORDS, state_sentence

__all__ = ["CHECKS", "judge_state"]


def judge_state(facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Judgement:
    """Judge what checked facts say of the host's state, in one run and without history. *settings* are those of its
    environment.

    The arguments are those of the other rules. What a policy says of severities is applied to all findings at once,
    later.
    """
    judgement = Judgement()
    for name, check in CHECKS.items():
        answer = check(facts, settings)
        if isinstance(answer, str):
            judgement.not_judged[name] = answer
            continue
        judgement.judged.append(name)
        judgement.findings.extend(_finding(name, seen) for seen in answer)
    return judgement


def _finding(name: str, seen: Seen) -> dict[str, Any]:
    cell = seen.words or STATE_WORDS[name, "limit", seen.unit]
    explanation = state_sentence(cell.subject, seen.measure, seen.allowed, seen.rule, seen.remarks)
    return finding(
        name,
        "limit",
        seen.severity,
        status="current",
        value=seen.value,
        limit=seen.limit,
        unit=seen.unit,
        expected=seen.rule or seen.allowed,
        explanation=explanation,
        next_step=cell.next_step,
        command=cell.command,
        evidence=seen.evidence,
    )
