# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a host's critical limits are, in bytes: how far away a healthy host is, and when growth is there.

Whether a limit is exceeded is said by :mod:`limit`; this says where every condition of it would hold, while the rest of
the host stays as it is.
"""

from __future__ import annotations

from ..dimensions.percpu import expected_percpu
from ..dimensions.table import LIMITED
from ..model.settings import Level
from ..model.subject import Subject


def critical_limits(subject: Subject) -> dict[str, int]:
    """Return the amount at which each dimension is critical; a limit that the host can't reach is none."""
    found = {dimension: critical_limit(subject, dimension) for dimension in LIMITED}
    return {dimension: limit for dimension, limit in found.items() if limit is not None}


def critical_limit(subject: Subject, dimension: str) -> int | None:
    """Return the amount at which a dimension is critical; None where it has no such limit, or can't reach it."""
    level, memory = subject.settings.limits[dimension].critical, subject.memory(dimension)
    if level is None or level.percent_of_ram is None or not memory:
        return None
    limit = level.of(memory)
    if limit >= memory:
        return None
    for condition in (_expected(subject, level, memory), _little_available(subject, dimension, level)):
        if condition is None:
            return None
        limit = max(limit, condition)
    return limit + left_out(subject, dimension)


def _expected(subject: Subject, level: Level, memory: int) -> int | None:
    """Return what a limit in times of what is expected comes to; 0 where there is none, None where that is unknown."""
    if level.times_expected is None:
        return 0
    cpus = subject.sample.cpus_possible
    if not cpus:
        return None
    expected = expected_percpu(cpus, subject.living_cgroups)
    return min(int(expected * level.times_expected), int(memory * level.most_of_ram_for_a_floor / 100))


def _little_available(subject: Subject, dimension: str, level: Level) -> int | None:
    """Return the amount at which too little memory is available; 0 where that is no condition, None if unknown."""
    share = level.only_if_available_below_percent
    if share is None:
        return 0
    total, available = subject.sample.memory_total_bytes, subject.sample.memory_available_bytes
    value = subject.amount(dimension)
    if not total or available is None or value is None:
        return None
    return value + available - int(total * share / 100)


def left_out(subject: Subject, dimension: str) -> int:
    """Return what the limit does not count of an amount: the error band of an estimate, the cache of ZFS in slab."""
    if dimension == "unaccounted":
        return subject.band or 0
    return subject.arc_in(dimension)
