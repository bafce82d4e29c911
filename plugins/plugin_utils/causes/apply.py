# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the known cause of a finding, where its numbers have the shape of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..dimensions.table import PARTS, TOTAL
from ..model.finding import Finding
from ..model.subject import Subject
from .grown import OwnersPast
from .scene import Scene
from .table import PATTERNS, Pattern

_MAIN_PART = 40


def apply_patterns(
    subject: Subject, findings: Sequence[Finding], growing: Mapping[str, float], past: OwnersPast | None = None
) -> list[Finding]:
    """Return the findings on one host, those with a known cause with its name, explanation, next step and command.

    *growing* has the bytes a day of each dimension that grows, *past* the owners of earlier samples. No finding is
    added or taken away, and no severity changes.
    """
    scene = Scene(subject, findings, growing, past)
    return [finding if finding.kind == "drop" else _named(scene, finding) for finding in findings]


def _named(scene: Scene, finding: Finding) -> Finding:
    for pattern in PATTERNS:
        if finding.dimension in pattern.dimensions or (
            finding.dimension == TOTAL and _is_main_part(scene, pattern, finding)
        ):
            sign = pattern.sign(scene, finding)
            if sign:
                return finding.replaced(
                    pattern=pattern.name,
                    sentence=f"{sign} {pattern.meaning}",
                    next_step=pattern.next_step,
                    command=pattern.command,
                )
    return finding


def _is_main_part(scene: Scene, pattern: Pattern, finding: Finding) -> bool:
    """Whether the dimensions of a pattern are so much of the total that it explains the total."""
    parts = [part for part in PARTS if part in pattern.dimensions]
    if not parts:
        return False
    if finding.kind == "growth":
        return sum(scene.slope(part) for part in parts) * 100 >= _MAIN_PART * scene.slope(TOTAL) > 0
    return sum(scene.size(part) for part in parts) * 100 >= _MAIN_PART * scene.size(TOTAL) > 0
