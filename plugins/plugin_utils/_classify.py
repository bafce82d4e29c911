# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one host: every rule that can run, and what could not be judged.

Now there is one rule, the limits of the policy. Rules that look at history and at similar hosts stand beside it as
files of their own, and their judgements are added here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._checked_facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._dimensions import DIMENSIONS, LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._explain import one_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._owners import owner_sentence
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_schema import hint
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._rule_limits import Judgement, judge_limits

_SEVERITIES = ("critical", "warning", "info")


def classify(facts: Mapping[str, Any], policy: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """Return the verdict on a host from its facts, a resolved policy and the name of the host's environment.

    The verdict is the worst severity of the findings; findings of the severity ``info`` do not count. It is ``unknown``
    only where the host is not auditable or nothing could be judged. ``coverage`` says what was not judged, and why.

    Raises :class:`ValueError` where *facts* are not facts, or the environment is not in the policy.
    """
    if environment not in policy["environments"]:
        raise ValueError(
            f"The environment {environment!r} is not in the policy; {hint(environment, policy['environments'])}"
        )
    checked = checked_facts(facts)
    platform = checked["platform"]
    if platform["auditable"]:
        judgement = judge_limits(checked, environment, policy["environments"][environment])
    else:
        reason = one_line(platform["reason"] or "The host does not show a kernel of its own.")
        judgement = Judgement(not_judged=dict.fromkeys(LIMITED, reason))
    for finding in judgement.findings:
        owner = owner_sentence(checked["attribution"], finding["dimension"], finding["unit"])
        finding["explanation"] = f"{finding['explanation']} {owner}".rstrip()
    findings = sorted(judgement.findings, key=_order)
    return {
        "verdict": _verdict(judgement),
        "environment": environment,
        "findings": findings,
        "coverage": {
            "judged": judgement.judged,
            "not_judged": judgement.not_judged,
            "text": coverage_text(judgement.judged, judgement.not_judged),
        },
    }


def coverage_text(judged: list[str], not_judged: Mapping[str, str]) -> str:
    """Return the coverage in words: ``6 of 7 dimensions judged, without 1 further check``."""
    text = f"{sum(name in DIMENSIONS for name in judged)} of {len(DIMENSIONS)} dimensions judged"
    missing = sum(name not in DIMENSIONS for name in not_judged)
    if judged and missing:
        text += f", without {missing} further {'check' if missing == 1 else 'checks'}"
    return text


def _verdict(judgement: Judgement) -> str:
    severities = {finding["severity"] for finding in judgement.findings}
    for severity in ("critical", "warning"):
        if severity in severities:
            return severity
    return "ok" if judgement.judged else "unknown"


def _order(finding: Mapping[str, Any]) -> tuple[int, float, str]:
    share = finding["value"] / max(finding["limit"], 1)
    return _SEVERITIES.index(finding["severity"]), -share, finding["dimension"]
