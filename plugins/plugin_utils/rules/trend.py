# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trends: whether an amount grows steadily, by how much, and how sure that is. Only within one segment, and not while
warming up.

A window is cut into buckets (days, or half days of an hourly history) of which each gives its median, so that missed
runs, repeated runs and irregular times do no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model.plain import Json
from ..model.sample import UNKNOWN
from ..model.times import DAY, HOUR
from ..text.units import KIB
from .robust_statistics import Fit, fit, median_of, rise_of
from .segment import Past

TIERS = ("critical", "warning", "watch")

SURE = 2.0
"""The corrected Mann-Kendall z that growth must exceed (one-sided 2.3 %). The amounts decide; this only asks that it
rises at all.
"""

GATE = 0.6
"""A window is looked at where its thirds differ by this share of an amount; of steady growth they see two thirds."""
_KEEPS_ON = {"critical": 0.5, "warning": 0.5, "watch": 0.5}
_MOST_IN_ONE_STEP = 0.4
_HALF_DAYS = 7
_SLACK = 2 * HOUR


@dataclass(frozen=True, slots=True)
class Amount:
    """The growth that a tier asks for: KiB, and a share of the level."""

    kib: int
    share: float

    def of(self, level: float) -> float:
        """Return the growth in KiB that is asked for at a level."""
        return max(self.kib, self.share * abs(level))


@dataclass(frozen=True, slots=True)
class Window:
    """A window as groups of places, one group a bucket, oldest first. ``places`` are those of buckets with one
    sample each.
    """

    days: int
    minimum_days: float
    groups: Sequence[Sequence[int]]
    places: range | None
    steps_per_day: int


@dataclass(frozen=True)
class Trend:
    """How one dimension grows. Amounts in bytes, slopes in bytes per day, times in seconds since 1970."""

    dimension: str
    window_days: int
    steps_per_day: int
    samples: int
    since: int
    started_at: int
    since_boot: bool
    span_days: float
    slope: float
    low: float
    high: float
    first_half: float
    recent_half: float
    level_bytes: float
    """Where the line through the window begins; shares of the level are of this."""
    spread_bytes: float
    rises: int
    z: float
    tier: str | None
    """The highest tier (watch, warning or critical) that this growth passes; of a decelerating one, would pass if it
    went on.
    """
    decelerating: bool
    limits: Mapping[str, float]
    """The growth in bytes that each tier allows."""
    confirmed_tier: str | None = None
    """The highest tier that it passed both now and at an earlier sample."""
    confirmed_at: int | None = None

    @property
    def grown_bytes(self) -> float:
        """The growth over the window."""
        return self.slope * self.span_days

    @property
    def confirmed(self) -> bool:
        """Whether an earlier sample showed the growth, too, at any tier."""
        return self.confirmed_tier is not None


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


def windows_at(past: Past, first: int, end: int, windows_days: Sequence[int], minimum_days: float) -> list[Window]:
    """Return the windows that end with the place *end* and begin no earlier than *first*; the longest first."""
    windows = []
    longest = max(windows_days)
    groups = _groups(past.times, first, end, longest, DAY)
    for days in sorted(set(windows_days), reverse=True):
        oldest = past.times[end] - days * DAY - _SLACK
        inside = [places for newest, places in groups if newest >= oldest]
        windows.append(_window(days, minimum_days, inside, 1))
    recent = past.times[end] - (_HALF_DAYS * DAY - 6 * HOUR)
    samples = 0
    while end - samples >= first and past.times[end - samples] > recent:
        samples += 1
    if samples > 10:
        halves = [places for _newest, places in _groups(past.times, first, end, _HALF_DAYS, DAY // 2)]
        windows.append(_window(_HALF_DAYS, minimum_days, halves, 2))
    return windows


def _groups(times: Sequence[int], first: int, end: int, days: int, width: int) -> list[tuple[int, list[int]]]:
    """Return (time of the newest sample, places) of each bucket, oldest first."""
    # A bucket reaches back from a sample and not from midnight, so that a daily run that is an hour late stays in its
    # own.
    width -= width // 12
    oldest = times[end] - days * DAY - _SLACK
    groups: list[tuple[int, list[int]]] = []
    newest = times[end] + width
    for place in range(end, first - 1, -1):
        time = times[place]
        if time < oldest:
            break
        if newest - time < width:
            groups[-1][1].append(place)
        else:
            newest = time
            groups.append((time, [place]))
    groups.reverse()
    return groups


def _window(days: int, minimum_days: float, groups: list[list[int]], steps_per_day: int) -> Window:
    places = None
    if groups and groups[-1][0] - groups[0][-1] == len(groups) - 1:
        places = range(groups[0][-1], groups[-1][0] + 1)
    return Window(days, minimum_days, groups, places, steps_per_day)


def may_grow(amounts: Sequence[int], window: Window, least: Amount) -> bool:
    """Whether a window is worth the full test: cheap, and rarely wrong."""
    if window.places is not None:
        inside: Sequence[float] = amounts[window.places.start : window.places.stop]
        if UNKNOWN in inside:
            inside = [amount for amount in inside if amount != UNKNOWN]
    else:
        inside = [amount for amount in (_bucket(amounts, places) for places in window.groups) if amount is not None]
    rise = rise_of(inside)
    return (
        rise > 0 and rise >= GATE * least.kib and rise >= GATE * least.share * min(inside[0], inside[len(inside) // 2])
    )


def trend_in(
    past: Past,
    dimension: str,
    amounts: Sequence[int],
    window: Window,
    tiers: Mapping[str, Amount],
    minimum_samples: int,
) -> Trend | None:
    """Return the growth of a dimension in a window; None where it does not grow by the amount of any tier."""
    times, inside = [], []
    for places in window.groups:
        amount = _bucket(amounts, places)
        if amount is not None:
            inside.append(amount)
            times.append(sum(past.times[place] for place in places) / len(places))
    if len(inside) < max(minimum_samples, 4):
        return None
    if times[-1] - times[0] < window.minimum_days * DAY:
        return None
    least = max(1, min(amount.kib for amount in tiers.values()))
    line = fit([(time - times[0]) / DAY for time in times], inside, least)
    if line is None or line.slope <= 0 or line.z <= SURE or line.low <= 0:
        return None
    # One step that makes most of the growth is no growth: it is a change of level, and that has a rule of its own.
    if line.largest_step > _MOST_IN_ONE_STEP * line.grown:
        return None
    limits = {tier: amount.of(line.start) for tier, amount in tiers.items()}
    passed = [tier for tier in TIERS if tier in limits and line.grown >= limits[tier]]
    if not passed:
        return None
    going_on = [tier for tier in passed if _keeps_on(line, _KEEPS_ON[tier])]
    segment = past.segment_of(dimension)
    return Trend(
        dimension=dimension,
        window_days=window.days,
        steps_per_day=window.steps_per_day,
        samples=len(inside),
        since=int(times[0]),
        started_at=segment.began_at,
        since_boot=segment.since_boot,
        span_days=line.span,
        slope=line.slope * KIB,
        low=line.low * KIB,
        high=line.high * KIB,
        first_half=line.first_half * KIB,
        recent_half=line.recent_half * KIB,
        level_bytes=line.start * KIB,
        spread_bytes=line.spread * KIB,
        rises=line.rises,
        z=line.z,
        tier=going_on[0] if going_on else passed[0],
        decelerating=not going_on,
        limits={tier: limit * KIB for tier, limit in limits.items()},
    )


def _bucket(amounts: Sequence[int], places: Sequence[int]) -> float | None:
    if len(places) == 1:
        amount = amounts[places[0]]
        return None if amount == UNKNOWN else amount
    known = sorted([amounts[place] for place in places if amounts[place] != UNKNOWN])
    return median_of(known) if known else None


def _keeps_on(line: Fit, share: float) -> bool:
    return line.recent_half >= share * line.slope and line.recent_half >= share * line.first_half
