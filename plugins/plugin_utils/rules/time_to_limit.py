# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long steady growth takes to reach a limit: an estimate with a range, never a promise."""

from __future__ import annotations

from ..dimensions.percpu import expected_percpu
from ..text.units import human_bytes
from .host_history import OwnHistory
from .trend import TimeToLimit, Trend

FURTHEST_DAYS = 90
_AT_LEAST_EITHER_WAY = 0.25


def time_to_limit(host: OwnHistory, trend: Trend) -> TimeToLimit | str | None:
    """Return when growth reaches the critical limit or the end of available memory, whichever is earlier.

    A text where that is further away than can be said, None where nothing is known that it could reach.
    """
    value = host.sample.amounts.get(trend.dimension)
    if value is None or trend.slope <= 0:
        return None
    goals = []
    limit = _critical_limit(host, trend.dimension, value)
    if limit is not None and limit > value:
        goals.append((limit, f"the critical limit of {human_bytes(limit)}"))
    available = host.sample.memory_available_bytes
    if available is not None:
        goals.append((value + available, f"the end of the {human_bytes(available)} of available memory"))
    if not goals:
        return None
    limit, name = min(goals)
    left = limit - value
    estimate = left / trend.slope
    if estimate > FURTHEST_DAYS:
        return f"at this rate {name} is more than {FURTHEST_DAYS} days away"
    # The textbook bounds are too narrow, since rates follow loads: the halves of the window and the scatter widen them.
    halves = [slope for slope in (trend.first_half, trend.recent_half) if slope > 0]
    fastest, slowest = max(trend.high, *halves, trend.slope), min(trend.low, *halves, trend.slope)
    scatter = 2 * trend.spread_bytes
    low = min(max(left - scatter, 0) / fastest, estimate * (1 - _AT_LEAST_EITHER_WAY))
    high = max((left + scatter) / slowest, estimate * (1 + _AT_LEAST_EITHER_WAY))
    return TimeToLimit(_short(estimate), _short(low), _short(min(high, 4 * FURTHEST_DAYS)), limit, name)


def _critical_limit(host: OwnHistory, dimension: str, value: int) -> int | None:
    """Return the bytes at which every condition of the critical limit holds, where the rest of the host stays as it
    is.
    """
    level = host.subject.settings.limits[dimension].critical
    memory, total = host.memory(dimension), host.sample.memory_total_bytes
    if level is None or level.percent_of_ram is None or not memory:
        return None
    limit = level.of(memory)
    times = level.times_expected
    if times is not None:
        cpus, cgroups = host.sample.cpus_possible, host.sample.cgroups
        if cpus is None or cgroups is None:
            return None
        limit = max(limit, int(expected_percpu(cpus, cgroups) * times))
    share = level.only_if_available_below_percent
    if share is not None:
        available = host.sample.memory_available_bytes
        if available is None or not total:
            return None
        limit = max(limit, value + available - int(total * share / 100))
    return limit


def _short(days: float) -> float:
    return round(days, 1) if days < 10 else round(days)
