# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth that is only worth watching on one host becomes a warning where many hosts of one kernel or role grow
alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model.finding import Finding
from ..model.subject import Subject
from .in_common import CERTAIN, Shared, traits_of_subjects
from .similar_hosts import environment_groups

GROWING = ("suspected", "confirmed")
PROMOTED_BY = ("kernel", "role")
LEAST_SHARE = 0.1
"""This share of the hosts of a kernel or role has to grow. A kernel that was just rolled out has more growth than
the others anyway: caches fill up again after each boot.
"""


def promote(subjects: Sequence[Subject], found: Mapping[str, Sequence[Finding]]) -> dict[str, list[Finding]]:
    """Make warnings of growth of the severity info where at least five hosts of a kernel or role grow, at twice the
    rate of the rest.

    That many have to be beyond chance, and a tenth of the hosts of that kernel or role. All growth counts, whatever its
    severity. *found* are the findings of each host by its name; return those of the hosts that have a raised one.
    """
    growing: dict[str, list[Subject]] = {}
    for subject in subjects:
        for dimension in {one.dimension for one in found.get(subject.name, ()) if grows(one)}:
            growing.setdefault(dimension, []).append(subject)
    if not growing:
        return {}
    traits = traits_of_subjects(subjects, environment_groups(subjects))
    answer: dict[str, list[Finding]] = {}
    for dimension in sorted(growing):
        members = sorted(growing[dimension], key=lambda subject: subject.name)
        for shared in traits.candidates([subject.name for subject in members], CERTAIN, PROMOTED_BY):
            if shared.hosts_with < LEAST_SHARE * shared.hosts_there:
                continue
            for subject in members:
                if (shared.what, shared.name) not in traits.of[subject.name]:
                    continue
                if subject.ceiling(dimension, "growth").severity == "info":
                    continue
                # A finding that was raised already is no longer information, so the weightiest reason stands.
                before = answer.get(subject.name) or list(found[subject.name])
                answer[subject.name] = [_raised(one, shared) if _is_quiet(one, dimension) else one for one in before]
    return {name: findings for name, findings in answer.items() if findings != list(found[name])}


def grows(finding: Finding) -> bool:
    """Whether a finding says that something grows and goes on growing."""
    return finding.kind == "growth" and finding.status in GROWING


def _is_quiet(finding: Finding, dimension: str) -> bool:
    return finding.dimension == dimension and finding.severity == "info" and grows(finding)


def _raised(finding: Finding, shared: Shared) -> Finding:
    return finding.replaced(
        severity="warning",
        sentence=f"{shared.sentence('grow alike')} So this is a warning.",
        evidence={"shared": shared.record("grow alike")},
    )
