# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the points of a growing part say for growth, and what each tier asks of them.

The numbers are measured: docs/judging.md has what each of them saves, and costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from .buckets import Buckets
from .line import Line, slope_of
from .steps import Steps

CLEAR = 6.0
"""Steps so much alike are a line whatever else is said."""
_LARGEST_STEP, _FALL = 0.3, 0.35
_SURE = 2.0
_TIMES_RELEASED = 2.0
_NEARLY_A_LINE = 0.97
"""A few points have no more drift than this share of a perfect line's, which is the root of the number of steps."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the dimension did before it began to grow, in KiB."""

    largest_rise: float
    """In as long a time."""
    released: Sequence[int]
    """The rises of at least half this one that ended in a fall."""

    @property
    def largest_released(self) -> float:
        """The largest of the rises that ended in a fall; 0 for none."""
        return max(self.released, default=0.0)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a tier asks of the evidence, besides its amount. Slopes by the slope of the whole."""

    drift: float
    alike: float
    low: float
    """The lower bound of the slope."""
    recent: float
    """The slope of the recent half."""
    times_earlier: float
    """The growth by the largest rise before it in as long a time."""


DEMANDS = {
    "watch": Demands(drift=2.0, alike=2.5, low=0.5, recent=0.5, times_earlier=1.0),
    "warning": Demands(drift=3.0, alike=3.0, low=0.7, recent=0.7, times_earlier=2.0),
    "critical": Demands(drift=3.0, alike=4.0, low=0.7, recent=0.7, times_earlier=2.0),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a growing part. Amounts in KiB, slopes in KiB per second."""

    steps: Steps
    line: Line
    grown: float
    """The growth by the line."""
    first_half: float
    recent_half: float
    largest_step: float
    """The most that one point is above the one before, beyond what the slope explains."""
    fall: float
    """The deepest fall from any point to a later one."""
    rises: int
    """How many points are above the one before."""

    def orderly(self) -> bool:
        """Whether it is growth at all: no single step, no saw."""
        return (
            self.line.low > 0
            and self.line.z >= _SURE
            and self.largest_step <= _LARGEST_STEP * self.grown
            and self.fall <= _FALL * self.grown
        )

    def passes(self, tier: str, earlier: Earlier) -> bool:
        """Whether the evidence is enough for a tier."""
        demands, slope = DEMANDS[tier], self.line.slope
        return (
            self.steps.drift >= min(demands.drift, _NEARLY_A_LINE * sqrt(self.steps.number))
            and self.steps.alike >= demands.alike
            and self.line.low >= demands.low * slope
            and self.keeps_on(demands.recent, tier)
            and self.grown >= demands.times_earlier * earlier.largest_rise
            and (tier == "watch" or self.grown > _TIMES_RELEASED * earlier.largest_released)
        )

    def keeps_on(self, share: float, tier: str) -> bool:
        """Whether the recent half grows by this share of the slope, and for a warning of the first half's, too."""
        against = self.line.slope if tier == "watch" else max(self.line.slope, self.first_half)
        return self.recent_half >= share * against


def evidence_of(buckets: Buckets, first: int, steps: Steps, line: Line) -> Evidence:
    """Return what the points from *first* on say."""
    times, points = buckets.times[first:], buckets.points[first:]
    half = len(points) // 2
    pairs = list(zip(times, points, strict=True))
    most = max(
        after - before - line.slope * (later - time)
        for (time, before), (later, after) in zip(pairs, pairs[1:], strict=False)
    )
    top, fall, rises = points[0], 0.0, 0
    for before, after in zip(points, points[1:], strict=False):
        top = max(top, after)
        fall = max(fall, top - after)
        rises += after > before
    return Evidence(
        steps=steps,
        line=line,
        grown=line.slope * (times[-1] - times[0]),
        first_half=slope_of(times[:half], points[:half]),
        recent_half=slope_of(times[half:], points[half:]),
        largest_step=most,
        fall=fall,
        rises=rises,
    )
