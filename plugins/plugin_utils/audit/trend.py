# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recent amounts of one host: those of one dimension with its usual range, and those of all kinds together."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ..dimensions.table import TOTAL
from ..model.quick import quickly_made
from ..model.sample import UNKNOWN
from ..model.stack import PACKED, Stack
from ..model.times import DAY, HOUR
from ..rules.baseline import Baseline, Recent
from ..text.units import KIB

MINUTE = 60


@quickly_made
@dataclass(frozen=True, slots=True)
class Trend:
    """The last values of one dimension of one host, in KiB, the oldest first, and the day of the first that is known.

    ``low`` and ``high`` are the usual range, where there are enough values to know one.
    """

    dimension: str
    packed: array[int]
    """The values, UNKNOWN for one that is not known: a fleet has ten thousand of these."""
    low: int | None
    high: int | None
    since: str

    @property
    def amounts(self) -> list[int | None]:
        """The values; None is not known."""
        return [None if amount == UNKNOWN else amount for amount in self.packed]

    @property
    def known(self) -> list[int]:
        """The values that are known."""
        return [amount for amount in self.packed if amount != UNKNOWN]

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest number of the chart, the usual range included."""
        known = [*self.known, *(amount for amount in (self.low, self.high) if amount is not None)]
        return min(known), max(known)


def trend_of(recent: Recent | None, baselines: Mapping[str, Baseline], dimension: str) -> Trend | None:
    """Return the trend of a host's dimension; None without at least two known values."""
    amounts = () if recent is None else recent.amounts.get(dimension, ())
    if recent is None or len(amounts) - amounts.count(None) < 2:
        return None
    first = next(place for place, amount in enumerate(amounts) if amount is not None)
    since = _day(recent.collected_at[first] // DAY)
    packed = array("q", [UNKNOWN if amount is None else amount for amount in amounts])
    usual = baselines.get(dimension)
    if usual is None or usual.low_bytes is None or usual.high_bytes is None or usual.state != "ready":
        return Trend(dimension, packed, None, None, since)
    return Trend(dimension, packed, usual.low_bytes // KIB, usual.high_bytes // KIB, since)


@quickly_made
@dataclass(frozen=True, slots=True)
class Past:
    """The recent amounts of all kinds of a host, packed, as every host of a fleet can have them in memory.

    ``ages`` are the minutes before this run of each sample, the oldest first, as text: ten thousand hosts have few
    different ones. ``boots`` and ``kernels`` are the places of the first samples after a boot and of another kernel.
    """

    ages: str
    stack: Stack
    boots: tuple[int, ...]
    kernels: tuple[int, ...]

    @property
    def minutes(self) -> list[int]:
        """The minutes before this run of each sample."""
        return [int(age) for age in self.ages.split(",")]

    def amounts(self) -> dict[str, list[int | None]]:
        """Return the amounts of each kind in KiB, in steps of the stack's unit. Raises ValueError for a damaged one."""
        return self.stack.amounts(len(self.minutes))

    def of_dimension(self, dimension: str) -> list[int | None]:
        """Return the amounts of a dimension, or of what can't be reclaimed together, in KiB and steps of the unit."""
        return amounts_of(self.amounts(), dimension) or [None] * len(self.minutes)


def amounts_of(amounts: Mapping[str, Sequence[int | None]], dimension: str) -> list[int | None]:
    """Return a dimension of the packed amounts; those of the total are the sums of what can't be reclaimed. Nothing
    where it is not packed.
    """
    if dimension != TOTAL:
        return list(amounts.get(dimension) or ())
    kinds = [amounts[kind] for kind in PACKED if kind not in ("unaccounted", "slab_reclaimable")]
    return [None if all(one is None for one in at) else sum(one or 0 for one in at) for at in zip(*kinds, strict=True)]


def past_of(recent: Recent | None) -> Past | None:
    """Return the recent amounts of all kinds; None where fewer than two samples are known."""
    if recent is None or recent.stack is None or len(recent.collected_at) < 2:
        return None
    times, last = recent.collected_at, recent.collected_at[-1]
    # Hosts of one run are asked within minutes of each other, which is nothing beside days.
    step = HOUR if last - times[0] > 3 * DAY else MINUTE
    ages = sys.intern(",".join(str(round((last - time) / step) * step // MINUTE) for time in times))
    boots, kernels = (
        tuple([times.index(time) for time in found if time in times])
        for found in (recent.booted_at, recent.new_kernel_at)
    )
    return Past(ages, recent.stack, boots, kernels)


@cache
def _day(number: int) -> str:
    """Return a day since 1970: ``2026-11-24``."""
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
