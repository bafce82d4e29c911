# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of one host: what grows, who it is, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .claims import claims, unclaimed, with_caller
from .culprit import CONFIDENCES, Culprit
from .dimensions import without_shadows
from .floors import Floors, floors
from .growth import Growing, what_grows
from .looked import Looked
from .named import candidates
from .trace_claims import culprit_of
from .trace_plan import Plan, plans
from .traced import Trace, Traced
from .watched import Watched

ENOUGH = 0.5
"""An object explains a dimension if it is at least so much of its growth."""

NOTABLE = 0.1
"""Reclaimable slab is left out where anything else grows at least a tenth as fast."""

MOST_CULPRITS = 3


@dataclass(frozen=True, slots=True)
class Readings:
    """What a host has answered so far."""

    watched: Watched
    looked: Looked
    traced: Traced | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one host.

    ``rates`` are the dimensions that grow by themselves, ``follow`` those that only follow another, ``asked`` those
    that were asked for by name; ``culprits`` the best first.
    """

    readings: Readings
    floors: Floors
    growing: Growing
    rates: dict[str, float]
    follow: dict[str, str]
    asked: tuple[str, ...]
    culprits: tuple[Culprit, ...]

    @property
    def culprit(self) -> Culprit | None:
        """The first culprit."""
        return self.culprits[0] if self.culprits else None

    @property
    def grows(self) -> bool:
        """Whether anything grows that is worth a name: a dimension, or an object that names itself."""
        return bool(self.rates or self.culprits)

    @property
    def only_reclaimable(self) -> bool:
        """Whether what grows can all be taken back by the kernel."""
        return set(self.rates) == {"slab_reclaimable"}

    @property
    def is_answered(self) -> bool:
        """Whether an object or function *and* a process explain the dimension that grows most, or what was asked."""
        first = self.culprit
        if first is None or not first.is_answer:
            return False
        if self.asked and first.dimension not in self.asked:
            return False
        if not self.rates:
            return True
        most = max(self.rates, key=lambda name: self.rates[name])
        return any(
            one.is_answer and one.dimension == most and (one.share is None or one.share >= ENOUGH)
            for one in self.culprits
        )

    def trace_plans(self, always: bool = False) -> tuple[Plan, ...]:
        """What a trace would be of: what was asked for, and the dimensions that grow most and are not explained;
        *always*, also those that are and, where the counters are too restless for any to grow, those of the objects
        that do: what has no dimension of its own is pages that no counter names.
        """
        named = () if always else self.culprits
        explained = {one.dimension for one in named if one.is_answer and (one.share or 1.0) >= ENOUGH}
        growing = [name for name in sorted(self.rates, key=lambda name: -self.rates[name]) if name not in explained]
        wanted = list(dict.fromkeys((*self.asked, *growing)))
        if always and not wanted:
            wanted = list(dict.fromkeys(one.dimension or "unaccounted" for one in self.culprits))
        return plans(self.readings.watched, self.growing, self.readings.looked, wanted)


def growth_of(watched: Watched, busy: bool | None) -> tuple[Floors, Growing]:
    """Return the floors of a host and what grows on it."""
    used = floors(watched.machine.load_per_cpu, busy)
    return used, what_grows(watched, used)


def answer(readings: Readings, busy: bool | None = None, asked: Sequence[str] = ()) -> Answer:
    """Return the answer that a host's readings give.

    Parameters: busy, whether the floors for busy hosts apply, None by the host's load; asked, dimensions that a finding
    is about and that need not grow just now.
    """
    used, growing = growth_of(readings.watched, busy)
    rates, follow = _rates(growing, readings.looked, used)
    named = claims(candidates(readings.watched, growing, readings.looked), rates)
    found = Answer(readings, used, growing, rates, follow, tuple(asked), named[:MOST_CULPRITS])
    culprits = list(_merged(list(named), list(_from_traces(found, readings.traced))))
    culprits = [with_caller(one, growing) for one in culprits]
    if not any(one.confidence in ("high", "medium") for one in culprits):
        places = unclaimed(growing, readings.looked, rates)
        culprits = sorted([*culprits, *places], key=lambda one: one.process is None and one.bytes_per_second is None)
    return replace(found, culprits=tuple(culprits[:MOST_CULPRITS]))


def _rates(growing: Growing, looked: Looked, floors: Floors) -> tuple[dict[str, float], dict[str, str]]:
    """Return the dimensions that grow by themselves, and those that follow another.

    Where unreclaimable slab does not pass its floor, the caches that pass theirs stand for it; not so on a busy host,
    where caches that follow files grow for many seconds before they shrink again. Reclaimable slab grows and shrinks on
    every healthy host, so that only the dimension counts, and only where hardly anything else grows.
    """
    rates, follow = without_shadows(growing.dimensions)
    known = {name for name, cache in looked.caches.items() if cache.reclaimable is False}
    by_caches = sum(one.per_second for one in growing.of("cache") if one.name in known)
    if by_caches and (not floors.busy or by_caches >= floors.dimension):
        rates.setdefault("slab_unreclaimable", by_caches)
    rest = max((rate for name, rate in rates.items() if name != "slab_reclaimable"), default=0.0)
    if rest >= NOTABLE * rates.get("slab_reclaimable", 0.0) and rest:
        rates.pop("slab_reclaimable", None)
    return rates, follow


def trace_rate(found: Answer, trace: Trace) -> float | None:
    """Return how fast a traced dimension grows by the counters."""
    return found.rates.get(trace.dimension) or found.growing.dimensions.get(trace.dimension)


def _from_traces(found: Answer, traced: Traced | None) -> Iterator[Culprit]:
    counts = {plan.dimension for plan in found.trace_plans(always=True) if plan.counts}
    for trace in traced.traces if traced else ():
        culprit = culprit_of(trace, trace_rate(found, trace), trace.dimension in counts)
        if culprit is not None:
            yield culprit


def _merged(named: list[Culprit], traced: list[Culprit]) -> Iterator[Culprit]:
    """Yield the culprits, the surest first. What a trace names and an object of the same process are one."""
    whole = []
    for one in traced:
        same = next((other for other in named if _is_same(one, other)), None)
        if same is not None:
            named.remove(same)
            number = one.number_per_second or same.number_per_second
            detail = "; ".join(text for text in (one.detail, same.detail) if text) or None
            one = replace(one, what=same.what, detail=detail, number_per_second=number)
            if one.process is not None and one.process.pid is None and same.process is not None:
                one = replace(one, process=same.process)
        whole.append(one)
    everything = [*whole, *named]
    yield from sorted(everything, key=_order)


def _order(one: Culprit) -> tuple[int, bool, bool]:
    """The surest first; of two alike the one that names a process, and then the one that was traced."""
    return CONFIDENCES.index(one.confidence), one.process is None, one.source != "trace"


def _is_same(one: Culprit, other: Culprit) -> bool:
    """Whether an object is what a trace found: of the same process or, where nobody holds it, of the same dimension
    and rate.
    """
    if other.process is not None and one.process is not None:
        if other.process.pid is not None and one.process.pid is not None:
            return other.process.pid == one.process.pid
        return other.process.command == one.process.command
    if other.process is not None or other.confidence == "low" or not one.bytes_per_second:
        return False
    rate = other.bytes_per_second
    return other.dimension == one.dimension and rate is not None and 0.2 <= rate / one.bytes_per_second <= 5


def groups_that_grow(found: Answer) -> Mapping[str, float]:
    """Return the control groups that grow, the deepest of a branch only."""
    rates = {one.name: one.per_second for one in found.growing.of("group")}
    return {name: rate for name, rate in rates.items() if not any(other.startswith(name + "/") for other in rates)}
