# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host has done before: a rise that is no larger than earlier ones is nothing new."""

from __future__ import annotations

from collections.abc import Sequence


def largest_rise(times: Sequence[int], amounts: Sequence[int], span: float) -> int:
    """Return the largest rise within so many seconds; 0 for none."""
    best = 0
    for place in range(1, len(amounts)):
        lowest = amount = amounts[place]
        before, oldest = place - 1, times[place] - span
        while before >= 0 and times[before] >= oldest:
            lowest = min(lowest, amounts[before])
            before -= 1
        best = max(best, amount - lowest)
    return best


def gathered_and_released(amounts: Sequence[int], least: float) -> list[int]:
    """Return the rises of at least *least*, over any time, of which at least half was given back.

    Each is from a lowest amount to the highest before the fall.
    """
    if not amounts:
        return []
    rises: list[int] = []
    lowest = highest = amounts[0]
    for amount in amounts[1:]:
        highest = max(highest, amount)
        rise = highest - lowest
        if rise >= least and highest - amount >= rise / 2:
            rises.append(rise)
            lowest = highest = amount
        elif amount < lowest:
            lowest = highest = amount
    return rises
