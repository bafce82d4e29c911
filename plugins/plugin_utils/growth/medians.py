# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians, of which the engine takes many."""

from __future__ import annotations

from collections.abc import Sequence


def median(numbers: Sequence[float]) -> float:
    """Return the median. Raises :class:`IndexError` for none."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def both_ends(numbers: Sequence[float]) -> tuple[float, float]:
    """Return the medians of the first and of the last numbers: of a third of them, three at most."""
    some = max(1, min(3, len(numbers) // 3))
    if some == 1:
        return numbers[0], numbers[-1]
    return median(numbers[:some]), median(numbers[-some:])
