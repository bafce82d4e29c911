# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where growth began: what is said of it (how much, since when, how fast) is of the growing part alone."""

from __future__ import annotations

from collections.abc import Sequence


def change_point(times: Sequence[float], points: Sequence[float], minimum: int) -> int | None:
    """Return the place from which points grow in a line, where they are flat before it; at least *minimum* grow.

    It is the place that explains most of how the points differ. Sums from the end give it in one pass. None where
    nothing rises.
    """
    number = len(points)
    origin = times[-1]
    middle = sum(points) / number
    best, found = 0.0, None
    sum_time = sum_time_time = sum_point = sum_time_point = 0.0
    for place in range(number - 1, -1, -1):
        time, point = times[place] - origin, points[place] - middle
        sum_time += time
        sum_time_time += time * time
        sum_point += point
        sum_time_point += time * point
        count = number - place
        if count < minimum:
            continue
        rise = sum_time - count * time
        shared = sum_time_point - time * sum_point
        spread = sum_time_time - 2 * time * sum_time + count * time * time - rise * rise / number
        if shared > 0 and spread > 0 and shared * shared / spread > best * (1 + 1e-9):
            best, found = shared * shared / spread, place
    return found
