# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recent amounts of one dimension of one host, with its usual range: what a line in a page is drawn from."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ..model.sample import UNKNOWN
from ..model.times import DAY
from ..rules.baseline import Baseline, Recent
from ..text.units import KIB


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


@cache
def _day(number: int) -> str:
    """Return a day since 1970: ``2026-11-24``."""
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
