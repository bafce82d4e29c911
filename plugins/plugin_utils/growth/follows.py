# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another dimension explains of growth: the unreclaimable slab of a file server follows its caches."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.sample import UNKNOWN
from .buckets import NEWEST
from .medians import both_ends
from .timeline import Question, Timeline

_LIKENESS = 0.3
_AT_LEAST = 6


def explained_by(timeline: Timeline, question: Question, since: int, places: Sequence[int]) -> float:
    """Return the KiB that the dimension which *question* follows explains of the growth from *since* on.

    It explains something where both move together from sample to sample: then what it has grown by, times the share
    that the steps show. *places* are those of the dimension itself.
    """
    if question.follows is None:
        return 0.0
    other, own = timeline.amounts[question.follows], timeline.amounts[question.dimension]
    recent = places[-NEWEST:]
    if len(recent) <= _AT_LEAST or any(other[place] == UNKNOWN for place in recent):
        return 0.0
    pairs = list(zip(recent, recent[1:], strict=False))
    steps = [own[after] - own[before] for before, after in pairs]
    others = [other[after] - other[before] for before, after in pairs]
    squares = sum(step * step for step in others)
    both = sum(one * two for one, two in zip(steps, others, strict=True))
    if both <= 0 or both * both < _LIKENESS * squares * sum(step * step for step in steps):
        return 0.0
    older, newer = both_ends([other[place] for place in places if place >= since and other[place] != UNKNOWN])
    return max(0.0, both / squares * (newer - older))
