# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host was as far from its usual level before, and came back: a change that repeats, as each month's batches,
is nothing new.

No calendar is asked. What counts is that the host's own samples hold a like change that ended, and that this one has
not lasted longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.sample import UNKNOWN
from ..model.times import HOUR
from .robust_statistics import median_of

LIKE, OVER = 0.5, 0.35
"""A like change was this share of the present one, and it was over where less than that was left."""
_SLACK = 6 * HOUR
_AFTER = 7
"""So many samples after a change say which level it came back to."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that a host spent far from its usual level: from its first sample there to the first that was back."""

    began: int
    ended: int


def like_stretch(
    times: Sequence[int], amounts: Sequence[int], first: int, began: int, middle: float, sign: int
) -> Stretch | None:
    """Return the last earlier change like the one that began at a place and is there still; None for none.

    *first* is the first place that can be compared, *middle* the usual level, *sign* 1 for a rise and -1 for a drop.
    Sizes are shares of the level that each came back to, since levels move in a month. One that was over sooner than
    the present one has lasted is not like it.
    """
    if middle <= 0:
        return None
    size = max(sign * (amount - middle) for amount in amounts[began:] if amount != UNKNOWN) / middle
    lasted = times[-1] - times[began] - _SLACK
    known = [(times[place], amounts[place]) for place in range(first, began) if amounts[place] != UNKNOWN]
    for place in range(len(known) - 1, 0, -1):
        level = median_of(sorted([amount for _time, amount in known[place : place + _AFTER]]))
        if sign * (known[place][1] - level) >= OVER * size * level:
            continue
        start = place
        while start and sign * (known[start - 1][1] - level) >= LIKE * size * level:
            start -= 1
        if start < place and known[place][0] - known[start][0] >= lasted:
            return Stretch(known[start][0], known[place][0])
    return None
