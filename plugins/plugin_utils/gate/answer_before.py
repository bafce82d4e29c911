# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of a host before it is changed: may it be?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.units import human_bytes, number_text, percent_text
from ..words.labels import finding_phrase
from .answer import Answer, add_missing, is_sick
from .host_record import HostAnswer, Look
from .judgement import HostJudgement


def answer_before(one: Look, settings: Mapping[str, Any]) -> HostAnswer:
    """Say whether a host may be touched, as far as its look alone tells; ``with_judgement`` adds the audit's word."""
    answer = Answer()
    may_touch = add_missing(answer, one, settings, "is not touched")
    share = settings["minimum_available_percent"]
    if one["facts"] is not None and share is not None:
        total, available = one["facts"]["host"]["memory_total_bytes"], one["facts"]["host"]["memory_available_bytes"]
        if total and available is not None and available * 100 < total * share:
            may_touch = False
            left = f"{human_bytes(int(available))}, {percent_text(available, total)} of RAM"
            answer.add(
                "bad",
                "little_memory",
                f"Only {left}, is available, below {number_text(share)} %: an upgrade could be killed half-way.",
            )
    return {"outcome": answer.outcome, "reasons": answer.reasons, "may_touch": may_touch, "sick": False}


def with_judgement(before: HostAnswer, judgement: HostJudgement, settings: Mapping[str, Any]) -> HostAnswer:
    """Return the answer *before* a change with what the audit says. A sick host may be touched: the change may be its
    cure. One of which nothing can be said is one without data.
    """
    answer, may_touch = Answer(), bool(before["may_touch"])
    for reason in before["reasons"]:
        answer.add(reason["treatment"], reason["code"], reason["sentence"], reason["dimension"])
    if judgement.is_unknown:
        treatment = settings["states"]["unknown"]
        may_touch = may_touch and treatment == "accept"
        answer.add(treatment, "not_judged", f"Nothing can be said of it: {judgement.reason}")
    findings = judgement.short()
    sick = is_sick(findings, settings)
    if sick:
        named = "; ".join(finding_phrase(finding) for finding in findings[:3])
        answer.add(
            "accept",
            "sick",
            f"It is not healthy before the change ({named}), so it may be changed and is no reference for other hosts.",
        )
    return {**before, "outcome": answer.outcome, "reasons": answer.reasons, "may_touch": may_touch, "sick": sick}


def never_seen(settings: Mapping[str, Any]) -> HostAnswer:
    """Return the answer for a host that no worker could look at."""
    treatment = settings["states"]["unreachable"]
    sentence = "It failed or was lost before it could be looked at, so it is not touched."
    return {
        "outcome": treatment if treatment != "accept" else "good",
        "may_touch": False,
        "sick": False,
        "reasons": [{"code": "lost", "sentence": sentence, "dimension": None, "treatment": treatment}],
    }
