# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of a host without a change to compare with: is it healthy now?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .answer import Answer, add_missing, blocks, is_same, is_sick
from .host_record import HostAnswer, Look
from .judgement import HostJudgement


def answer_check(
    one: Look, judgement: HostJudgement | None, settings: Mapping[str, Any], known: Sequence[Mapping[str, Any]] = ()
) -> HostAnswer:
    """Say whether a host is healthy now, with no change to compare with. Findings that are *known* do not count."""
    answer = Answer()
    add_missing(answer, one, settings, "can't be judged")
    if judgement is not None and judgement.is_unknown:
        answer.add(settings["states"]["unknown"], "not_judged", f"Nothing can be said of it: {judgement.reason}")
    found = [] if judgement is None else judgement.short()
    findings = [finding for finding in found if not any(is_same(finding, was) for was in known)]
    for finding in findings:
        treatment = "bad" if blocks(finding, settings) else "accept"
        said = f"{str(finding['severity']).capitalize()}: {finding['explanation']}"
        answer.add(treatment, "finding", said, str(finding["dimension"]))
    return {"outcome": answer.outcome, "reasons": answer.reasons, "sick": is_sick(findings, settings)}
