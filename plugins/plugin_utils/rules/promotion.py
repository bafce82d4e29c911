# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth that is only worth watching on one host becomes a warning where many hosts of one kernel or role grow
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.subject import Subject
from ..words.labels import SEVERITIES
from .in_common import CERTAIN, Shared, traits_of_subjects
from .similar_hosts import environment_groups

GROWING = ("suspected", "confirmed")
PROMOTED_BY = ("kernel", "role")
LEAST_SHARE = 0.1
"""This share of the hosts of a kernel or role has to grow. A kernel that was just rolled out has more growth than
the others anyway: caches fill up again after each boot.
"""


def promote(subjects: Sequence[Subject]) -> list[dict[str, Any]]:
    """Make warnings of growth of the severity info where at least five hosts of a kernel or role grow, at twice the
    rate of the rest.

    That many have to be beyond chance, and a tenth of the hosts of that kernel or role. All growth counts, whatever its
    severity; the findings of the subjects are replaced in place, so what they were stays as it was. Return one record
    for each finding that was raised: ``name`` of the host, ``dimension``, and ``shared``.
    """
    growing: dict[str, list[Subject]] = {}
    for subject in subjects:
        for dimension in {finding["dimension"] for finding in subject.findings if _grows(finding)}:
            growing.setdefault(dimension, []).append(subject)
    if not growing:
        return []
    traits = traits_of_subjects(subjects, environment_groups(subjects))
    promoted = []
    for dimension in sorted(growing):
        members = sorted(growing[dimension], key=lambda subject: subject.name)
        for shared in traits.candidates([subject.name for subject in members], CERTAIN, PROMOTED_BY):
            if shared.hosts_with < LEAST_SHARE * shared.hosts_there:
                continue
            # A finding that was raised already is no longer information, so the weightiest reason stands.
            promoted += [
                {"name": subject.name, "dimension": dimension, "shared": shared.record("grow alike")}
                for subject in members
                if (shared.what, shared.name) in traits.of[subject.name] and _raise(subject, dimension, shared)
            ]
    return promoted


def most_severe(subject: Subject, dimension: str, kind: str) -> str:
    """Return the severity that a finding of a subject may have at most: by its environment, by its policy, by what
    holds the memory.
    """
    allowed = [
        subject.settings.get("highest_severity") or "critical",
        (subject.settings.get("severities") or {}).get(f"{dimension}.{kind}"),
    ]
    if dimension == "unaccounted" and unmeasured_holders(subject):
        allowed.append("info")
    return max((severity for severity in allowed if severity in SEVERITIES), key=SEVERITIES.index, default="critical")


def unmeasured_holders(subject: Subject) -> list[str]:
    """Return the names of what is known to hold unaccounted memory and can't be measured; a driver that is merely
    loaded is none.
    """
    holders = subject.facts["accounting"]["holders"]
    return [
        str(holder["name"] or holder["kind"])
        for holder in holders
        if holder["bytes"] is None and holder["kind"] != "driver"
    ]


def _grows(finding: dict[str, Any]) -> bool:
    return finding["kind"] == "growth" and finding["status"] in GROWING


def _raise(subject: Subject, dimension: str, shared: Shared) -> bool:
    if most_severe(subject, dimension, "growth") == "info":
        return False
    raised = False
    for place, finding in enumerate(subject.findings):
        if finding["dimension"] == dimension and finding["severity"] == "info" and _grows(finding):
            subject.findings[place] = {
                **finding,
                "severity": "warning",
                "explanation": f"{finding['explanation']} {shared.sentence('grow alike')} So this is a warning.",
                "evidence": {**finding["evidence"], "shared": shared.record("grow alike")},
            }
            raised = True
    return raised
