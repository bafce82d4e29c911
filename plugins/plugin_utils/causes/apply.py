# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the known cause of a finding, where its numbers have the shape of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.dimensions import TOTAL
from .scene import Scene
from .table import PATTERNS, Pattern

__all__ = ["PATTERNS", "apply_patterns"]

_MAIN_PART = 40
_PARTS = frozenset(("slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu"))


def apply_patterns(facts: Mapping[str, Any], findings: Sequence[dict[str, Any]], growing: Mapping[str, Any]) -> None:
    """Set ``pattern`` of each finding on one host, and with a known cause its explanation, next step and command.

    *facts* are checked facts; *growing* has an object with ``slope_bytes_per_day`` for each dimension that grows. No
    finding is added or taken away, and no severity changes.
    """
    scene: Scene | None = None
    for finding in findings:
        finding.setdefault("pattern", None)
        if finding["kind"] == "drop":
            continue
        scene = scene or Scene(facts, findings, growing)
        _apply(scene, finding)


def _apply(scene: Scene, finding: dict[str, Any]) -> None:
    for pattern in PATTERNS:
        if finding["dimension"] in pattern.dimensions or (
            finding["dimension"] == TOTAL and _is_main_part(scene, pattern, finding)
        ):
            sign = pattern.sign(scene, finding)
            if sign:
                finding["pattern"] = pattern.name
                finding["explanation"] = f"{finding['explanation']} {sign} {pattern.meaning}"
                finding["next_step"], finding["command"] = pattern.next_step, pattern.command
                return


def _is_main_part(scene: Scene, pattern: Pattern, finding: Mapping[str, Any]) -> bool:
    """Whether the dimensions of a pattern are so much of the total that it explains the total."""
    parts = _PARTS.intersection(pattern.dimensions)
    if not parts:
        return False
    if finding["kind"] == "growth":
        return sum(scene.slope(part) for part in parts) * 100 >= _MAIN_PART * scene.slope(TOTAL) > 0
    return sum(scene.size(part) for part in parts) * 100 >= _MAIN_PART * scene.size(TOTAL) > 0
