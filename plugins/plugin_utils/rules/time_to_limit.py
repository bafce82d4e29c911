# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long steady growth takes to reach a limit: an estimate with a range, never a promise."""

from __future__ import annotations

from dataclasses import dataclass

from ..growth.rise import Rise
from ..model.plain import Json
from ..model.times import DAY
from ..text.units import KIB, human_bytes
from .critical_limits import critical_limit, left_out
from .host_history import OwnHistory

FURTHEST_DAYS = 90
_AT_LEAST_EITHER_WAY = 0.25


@dataclass(frozen=True, slots=True)
class TimeToLimit:
    """Days until a limit, with the estimated range. Not a confidence interval: loads change."""

    estimate: float
    low: float
    high: float
    limit_bytes: int
    name: str

    def as_evidence(self) -> dict[str, Json]:
        """Return the numbers alone."""
        return {"estimate": self.estimate, "low": self.low, "high": self.high, "limit_bytes": self.limit_bytes}


def time_to_limit(host: OwnHistory, rise: Rise) -> TimeToLimit | str | None:
    """Return when growth reaches the critical limit or the end of available memory, whichever is earlier.

    A text where that is further away than can be said, None where nothing is known that it could reach.
    """
    value = host.sample.amounts.get(rise.dimension)
    if value is None or rise.slope <= 0:
        return None
    goals = []
    limit = critical_limit(host.subject, rise.dimension)
    # What a limit leaves out of an amount is no part of it as the policy has it.
    said = None if limit is None else human_bytes(limit - left_out(host.subject, rise.dimension))
    if limit is not None and limit > value:
        goals.append((limit, f"the critical limit of {said}"))
    elif limit is not None:
        return f"it is above the critical limit of {said} already"
    available = host.sample.memory_available_bytes
    if available is not None:
        goals.append((value + available, f"the end of the {human_bytes(available)} of available memory"))
    if not goals:
        return None
    limit, name = min(goals)
    left, slope = (limit - value) / KIB, rise.slope
    estimate = left / slope
    if estimate > FURTHEST_DAYS:
        return f"at this rate {name} is more than {FURTHEST_DAYS} days away"
    # The textbook bounds are too narrow, since rates follow loads: the halves of the window and the scatter widen them.
    halves = [half * DAY for half in (rise.evidence.first_half, rise.evidence.recent_half) if half > 0]
    fastest, slowest = max(rise.high, *halves, slope), min(rise.low, *halves, slope)
    scatter = 3 * rise.evidence.line.scatter
    low = min(max(left - scatter, 0) / fastest, estimate * (1 - _AT_LEAST_EITHER_WAY))
    high = max((left + scatter) / slowest, estimate * (1 + _AT_LEAST_EITHER_WAY))
    return TimeToLimit(_short(estimate), _short(low), _short(min(high, 4 * FURTHEST_DAYS)), limit, name)


def _short(days: float) -> float:
    return round(days, 2 if days < 1 else 1) if days < 10 else round(days)
