# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from each point to the next: what they say of growth that a line through the points does not.

Tests of trend take points around a line to be independent. Levels of restless hosts wander, and a level that wanders
has a trend in every window. These two numbers measure growth against the steps that it is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from ..model.sample import UNKNOWN
from .medians import median
from .timeline import Timeline

QUORUM = 3
"""So many dimensions that make a step at once are a deploy, or a change of load, and no leak."""
_UNUSUAL, _LEAST_SPREAD, _LEAST_STEP = 4, 0.005, 0.03
_STILL = 1.015  # then no step differs from another by _LEAST_STEP
_ALL_ALIKE = 0.9999


@dataclass(frozen=True, slots=True)
class Steps:
    """How the steps of a series add up."""

    number: int
    drift: float
    """The growth by the root of the sum of the squared steps: how far steps of this size come against what they come to
    by chance. About normal for a level that wanders, 1 for a single step, the root of their number for a line."""
    alike: float
    """The mean step by its standard error."""


def steps_of(points: Sequence[float]) -> Steps:
    """Return how the steps between points add up."""
    squares = sum([(after - before) ** 2 for before, after in zip(points, points[1:], strict=False)])
    return _steps(points[-1] - points[0], squares, len(points) - 1)


def best_drift(points: Sequence[float], minimum: int, least: float) -> float:
    """Return the largest drift of the last *minimum* points, or of more of them, that grow by *least*; 0 for none."""
    last = after = points[-1]
    squares, number, best = 0.0, 1, 0.0
    for point in points[-2::-1]:
        squares += (after - point) ** 2
        number += 1
        after = point
        grown = last - point
        if grown >= least and number >= minimum and squares and grown * grown > best * squares:
            best = grown * grown / squares
    return sqrt(best)


def _steps(grown: float, squares: float, number: int) -> Steps:
    if not squares or number < 1:
        return Steps(number, 0.0, 0.0)
    drift = grown / sqrt(squares)
    if drift <= 0:
        return Steps(number, drift, 0.0)
    likeness = min(drift * drift / number, _ALL_ALIKE)
    return Steps(number, drift, drift / sqrt(1 - likeness) * sqrt((number - 1) / number))


def common_steps(timeline: Timeline, first: int) -> frozenset[int]:
    """Return the places from *first* on at which several dimensions of the host rose at once by more than they usually
    do.

    Falls stay: what falls with its like after it has gathered is a saw, and must not be mended into a line.
    """
    if first not in timeline.steps:
        votes = [0] * len(timeline.times)
        if len(votes) - first > 6:
            for left, dimension in zip(range(len(timeline.voters), 0, -1), timeline.voters, strict=True):
                # Mostly nothing moved, and so many votes can't come together any more.
                if max(votes) + left < QUORUM:
                    break
                for place in _unusual(timeline.amounts[dimension][first:]):
                    votes[first + place] += 1
        timeline.steps[first] = frozenset(place for place, number in enumerate(votes) if number >= QUORUM)
    return timeline.steps[first]


def _unusual(amounts: Sequence[int]) -> list[int]:
    lowest = min(amounts)
    if lowest <= 0 or UNKNOWN in amounts or max(amounts) <= _STILL * lowest:
        return []
    steps = [log(after / before) for before, after in zip(amounts, amounts[1:], strict=False)]
    usual = median(steps)
    if max(steps) - usual <= _LEAST_STEP:
        return []
    spread = 1.4826 * median([abs(step - usual) for step in steps])
    most = usual + max(_UNUSUAL * max(spread, _LEAST_SPREAD), _LEAST_STEP)
    return [place for place, step in enumerate(steps, 1) if step > most]


def without_steps(amounts: Sequence[int], places: Sequence[int]) -> list[float]:
    """Return amounts with the steps that end at *places* replaced by the usual step.

    The newest amount stays; those before a step are moved.
    """
    if not places:
        return list(amounts)
    usual = median([after - before for before, after in zip(amounts, amounts[1:], strict=False)])
    taken, moved, out = set(places), 0.0, [0.0] * len(amounts)
    for place in range(len(amounts) - 1, -1, -1):
        out[place] = amounts[place] + moved
        if place and place in taken:
            moved += amounts[place] - amounts[place - 1] - usual
    return out
