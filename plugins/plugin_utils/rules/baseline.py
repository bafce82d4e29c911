# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Baselines: what is usual for one host, from its own earlier samples in the same segment, without the current one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..model.plain import Plain
from ..model.quick import quickly_made
from ..model.sample import UNKNOWN
from ..model.stack import PACKED, Stack
from ..model.times import DAY, HOUR
from ..text.units import KIB
from .robust_statistics import median_of, rise_of, spread_of
from .segment import Past

STATES = ("no_history", "learning", "warming_up", "ready", "stale", "unsupported")
MOST_POINTS = 30
"""A trend that is shown has at most this many points."""

_RECENT = 7 * DAY
_MOST = 60
_APART = _RECENT // _MOST
"""Samples closer than this count as one, so that a run that is repeated at once is not a second opinion."""
_STALE_INTERVALS, _STALE_AT_LEAST = 3, 3 * DAY


@quickly_made
@dataclass(frozen=True, slots=True)
class Baseline(Plain):
    """What is usual for a host and a dimension, and how far its history can be used (one of ``STATES``)."""

    state: str
    samples: int
    needed: int
    median_bytes: int | None
    low_bytes: int | None
    """The lowest and the highest leave out one sample in twenty at each end."""
    high_bytes: int | None
    slope_bytes_per_day: int | None
    started_at: str | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Recent(Plain):
    """The recent samples of a host for a picture: times in seconds, the oldest first, and amounts in KiB."""

    collected_at: tuple[int, ...]
    amounts: Mapping[str, tuple[int | None, ...]]
    """Of some dimensions."""
    stack: Stack | None = None
    """Of all kinds, in steps. Audits of 0.1.0 have none."""
    booted_at: tuple[int, ...] = ()
    """The times of the first samples after a boot."""
    new_kernel_at: tuple[int, ...] = ()
    """The times of the first samples of another kernel."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual, in KiB."""

    samples: int
    median: float
    spread: float
    first_at: int
    last_at: int


def picked_places(times: Sequence[int], first: int, end: int, most: int) -> Sequence[int]:
    """Return which of the places from *first* to before *end* make a baseline, oldest first.

    The last *most* samples, or all of the last seven days where these are more (then at most 60, spread evenly).
    """
    places: list[int] = []
    if end <= first:
        return places
    newest = last = times[end - 1]
    for place in range(end - 1, first - 1, -1):
        time = times[place]
        if places and last - time < _APART:
            continue
        number = len(places)
        if number >= most and (newest - time > _RECENT or number >= _MOST):
            break
        places.append(place)
        last = time
    places.reverse()
    if places[-1] - places[0] == len(places) - 1:
        return range(places[0], places[-1] + 1)
    return places


def at_places(amounts: Sequence[int], places: Sequence[int]) -> list[int]:
    """Return the amounts at these places, leaving out what is not known."""
    if isinstance(places, range):
        taken = list(amounts[places.start : places.stop])
    else:
        taken = [amounts[place] for place in places]
    return [amount for amount in taken if amount != UNKNOWN] if UNKNOWN in taken else taken


def usual_before(past: Past, amounts: Sequence[int], first: int, end: int, most: int) -> Usual | None:
    """Return what was usual at the places from *first* to before *end*; None for no sample."""
    return usual_at(past.times, amounts, picked_places(past.times, first, end, most))


def usual_at(times: Sequence[int], amounts: Sequence[int], places: Sequence[int]) -> Usual | None:
    """Return what was usual at some places, oldest first; None where no amount is known."""
    places = [place for place in places if amounts[place] != UNKNOWN]
    if not places:
        return None
    taken = [amounts[place] for place in places]
    middle = median_of(sorted(taken))
    return Usual(len(taken), middle, spread_of(taken, middle), times[places[0]], times[places[-1]])


def is_stale(times: Sequence[int], places: Sequence[int]) -> bool:
    """Whether the last of some places is much longer ago than is usual between them."""
    if not places:
        return False
    age = times[-1] - times[places[-1]]
    if age <= _STALE_AT_LEAST:
        return False
    gaps = sorted([times[two] - times[one] for one, two in zip(places, places[1:], strict=False)])
    return age > _STALE_INTERVALS * (median_of(gaps) if gaps else 0)


def state_of(past: Past, samples: int, minimum: int, stale: bool) -> str:
    """Return how far a dimension's history can be used, for a dimension whose current amount is known."""
    if past.warming_up:
        return "warming_up"
    if not past.last:
        return "no_history"
    if samples < minimum:
        return "learning"
    return "stale" if stale else "ready"


def summary(state: str, needed: int, began_at: str | None, amounts: Sequence[int] = (), days: float = 0) -> Baseline:
    """Return a baseline of amounts in KiB in the order of time that span *days*.

    The slope is between the medians of the first and the last third, whose middles are two thirds of the span apart.
    """
    number = len(amounts)
    middle = low = high = slope = None
    if number:
        ordered = sorted(amounts)
        cut = number // 20
        middle, low, high = int(median_of(ordered) * KIB), ordered[cut] * KIB, ordered[-1 - cut] * KIB
        if number >= 3 and days:
            slope = 0
            if ordered[0] != ordered[-1]:
                slope = round(rise_of(amounts) * KIB / (days * (number - number // 3) / (number - 1)))
    return Baseline(state, number, needed, middle, low, high, slope, began_at)


class Baselines(Mapping[str, Baseline]):
    """The baselines of a host by dimension, each worked out when it is first read: of a healthy host only that of the
    total ever is.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, int, str | None, Sequence[int], float]] = {}
        self._known: dict[str, Baseline] = {}

    def put(
        self,
        dimension: str,
        state: str,
        needed: int,
        began_at: str | None,
        amounts: Sequence[int] = (),
        days: float = 0,
    ) -> None:
        """Put in what a baseline is made of, as :func:`summary` takes it."""
        self._waiting[dimension] = state, needed, began_at, amounts, days

    def __getitem__(self, dimension: str) -> Baseline:
        if dimension not in self._known:
            self._known[dimension] = summary(*self._waiting[dimension])
        return self._known[dimension]

    def work_out(self) -> None:
        """Work out all of them, and keep nothing that they are made of."""
        self._known = {dimension: self[dimension] for dimension in self}
        self._waiting.clear()

    def __contains__(self, dimension: object) -> bool:
        return dimension in self._waiting or dimension in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._waiting or self._known)

    def __len__(self) -> int:
        return len(self._waiting or self._known)


def trend_of(past: Past | None, dimensions: Sequence[str]) -> Recent | None:
    """Return the recent amounts of some dimensions for a picture: at most 30 points, oldest first, the current one
    last.

    They are at least a day apart where the history is long enough, else evenly spread. None without history.
    """
    if past is None or not past.last:
        return None
    times = past.times
    reach = min(times[-1] - times[0], MOST_POINTS * DAY)
    apart = max(1, reach // MOST_POINTS - HOUR)
    places, latest = [past.last], times[-1] - apart
    for place in range(past.last - 1, -1, -1):
        if len(places) == MOST_POINTS:
            break
        if times[place] <= latest:
            places.append(place)
            latest = times[place] - apart
    places.reverse()
    known = {kind: _amounts_at(past, kind, places) for kind in {*PACKED, *dimensions}}
    return Recent(
        tuple([times[place] for place in places]),
        {dimension: tuple(known[dimension]) for dimension in dimensions},
        Stack.of([known[kind] for kind in PACKED]),
        _changed_at(past, "boot_key", places),
        _changed_at(past, "kernel_key", places),
    )


def _amounts_at(past: Past, kind: str, places: Sequence[int]) -> list[int | None]:
    return [None if amount == UNKNOWN else amount for amount in past.at_places(f"{kind}_kib", places)]


def _changed_at(past: Past, column: str, places: Sequence[int]) -> tuple[int, ...]:
    """Return the times of those places at which a column is another than at the place before."""
    values = past.at_places(column, places)
    return tuple(
        [
            past.times[place]
            for place, before, after in zip(places[1:], values, values[1:], strict=False)
            if before != after and UNKNOWN not in (before, after)
        ]
    )
