# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of healthy fleets that are not quiet: what they do to the levels of a host over time.

Each kind is as restless as it has to be for the rules of version 0.1.0 to be wrong about as often as they were measured
to be (docs/judging.md has both, measured by `benchmarks/growth_on_restless_fleets.py`). None of it is a trouble:
whatever is reported here is a false alarm. Factors multiply what :mod:`hosts` makes; times are days.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import partial

Curve = Callable[[float], float]
"""A factor of a level, by time."""

Factors = Mapping[str, Curve]
"""The curves of the dimensions that a kind moves."""

KERNEL = ("slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu", "unaccounted")
EVERY = ("slab_unreclaimable", "slab_reclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu", "unaccounted")
MONTH = 365.25 / 12


def deploys(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """A release a week, each of which moves all levels, up or down."""
    moments = _moments(chance, days, 1 / 7)
    return {name: _stairs(moments, _bounded([chance.gauss(0, 0.24) for _unused in moments], 0.8)) for name in EVERY}


def churn(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """Containers come and go; what they leave behind dies slowly and is freed at once when memory runs short."""
    teeth, heights, at = [], [], chance.uniform(-15, 0)
    height = chance.uniform(0.2, 0.9)
    while at < days:
        teeth.append(at)
        heights.append(height * chance.uniform(0.6, 1.4))
        at += chance.uniform(8, 22)
    bends = [chance.uniform(0.8, 1.3) for _unused in teeth]
    teeth.append(at)

    def slab(time: float) -> float:
        tooth = bisect_right(teeth, time) - 1
        if not 0 <= tooth < len(heights):
            return 1.0
        done = (time - teeth[tooth]) / (teeth[tooth + 1] - teeth[tooth])
        return float(1 + heights[tooth] * done ** bends[tooth])

    share = chance.uniform(0.3, 0.8)
    return {"slab_unreclaimable": slab, "percpu": lambda time: 1 + share * (slab(time) - 1)}


def file_servers(chance: random.Random, days: float, boots: list[float]) -> Factors:
    """Inodes and their names are reclaimable, what hangs on them is not: unreclaimable slab follows the caches."""
    most, slow = chance.uniform(1.0, 5.0), chance.uniform(6, 25)
    share = chance.uniform(0.05, 0.16)
    scans = _moments(chance, days, 1 / 25)
    sizes = [chance.uniform(0.3, 1.0) for _unused in scans]
    frees = _moments(chance, days, 1 / 18)

    def cache(time: float) -> float:
        since = max([boot for boot in boots if boot <= time] + [free for free in frees if free <= time])
        held = 0.2 + 0.8 * (1 - math.exp(-(time - since) / slow))
        held += sum(
            size * (1 - math.exp(-(time - scan) / 4))
            for scan, size in zip(scans, sizes, strict=True)
            if since < scan <= time
        )
        return most * held

    return {
        "slab_reclaimable": lambda time: 1 + cache(time),
        "slab_unreclaimable": lambda time: 1 + share * cache(time),
    }


def growing_load(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """More users for some weeks, then no more."""
    begins, ends, most, at = [], [], [], chance.uniform(-40, 40)
    while at < days:
        begins.append(at)
        ends.append(at + chance.uniform(15, 50))
        most.append(chance.uniform(0.1, 0.42))
        at = ends[-1] + chance.uniform(30, 90)
    shares = {name: chance.uniform(0.4, 1.3) for name in EVERY}

    def load(time: float) -> float:
        return sum(
            size * min(max((time - begin) / (end - begin), 0.0), 1.0)
            for begin, end, size in zip(begins, ends, most, strict=True)
        )

    return {name: partial(_shared, load, share) for name, share in shares.items()}


def slow_fills(chance: random.Random, _days: float, boots: list[float]) -> Factors:
    """Tables and caches that take weeks after a boot to fill up."""
    curves: dict[str, Curve] = {}
    for name in KERNEL:
        if chance.random() < 0.5:
            most, slow = chance.uniform(0.2, 0.7), chance.uniform(10, 40)
            curves[name] = partial(_filling, boots, most, slow)
    return curves


def wandering(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """Each level goes its own way, a little every day, and comes back in the end."""
    curves = {}
    for name in EVERY:
        step, back = chance.uniform(0.01, 0.07), 1 / 60
        levels, level = [], chance.gauss(0, step / math.sqrt(2 * back))
        for _day in range(int(days) + 3):
            levels.append(math.exp(level))
            level += chance.gauss(0, step) - back * level
        curves[name] = _through(levels)
    return curves


def jobs(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """Jobs that gather memory in a line for days or weeks and give all of it back at their end."""
    curves = {}
    for name in chance.sample(KERNEL, 2):
        curves[name] = _job(chance, days)
    return curves


def _job(chance: random.Random, days: float) -> Curve:
    begins, ends, sizes, at = [], [], [], chance.uniform(-25, 5)
    most = chance.uniform(0.4, 1.0)
    while at < days:
        begins.append(at)
        ends.append(at + chance.uniform(5, 25))
        sizes.append(most * chance.uniform(0.5, 1.0))
        at = ends[-1] + chance.uniform(0, 10)

    def held(time: float) -> float:
        job = bisect_right(begins, time) - 1
        if job < 0 or time >= ends[job]:
            return 1.0
        return 1 + sizes[job] * (time - begins[job]) / (ends[job] - begins[job])

    return held


def month_end(chance: random.Random, _days: float, _boots: list[float]) -> Factors:
    """Two days of batches at the end of each month, which double or treble one dimension or two."""
    begins = chance.uniform(0, MONTH)
    curves: dict[str, Curve] = {}
    for name in chance.sample(KERNEL, 2):
        curves[name] = partial(_batch, begins, chance.uniform(1.0, 2.0))
    return curves


def fleet_deploys(chance: random.Random, days: float, _boots: list[float]) -> Factors:
    """Releases that reach the whole fleet within a day: the same change on all hosts, more or less of it."""
    fleet = random.Random("the releases of the fleet")
    moments = [moment + chance.uniform(0, 1) for moment in _moments(fleet, days, 1 / 16)]
    curves = {}
    for name in EVERY:
        sizes = [fleet.gauss(0, 0.25) * chance.uniform(0.6, 1.4) for _unused in moments]
        curves[name] = _stairs(moments, _bounded(sizes, 0.8))
    return curves


KINDS: Mapping[str, Callable[[random.Random, float, list[float]], Factors]] = {
    "deploys": deploys,
    "churn": churn,
    "file servers": file_servers,
    "growing load": growing_load,
    "slow fills": slow_fills,
    "wandering": wandering,
    "jobs": jobs,
    "month-end": month_end,
    "fleet deploys": fleet_deploys,
}
"""The kinds by name. None knows how it will be judged."""


def _shared(load: Curve, share: float, time: float) -> float:
    return 1 + share * load(time)


def _filling(boots: list[float], most: float, slow: float, time: float) -> float:
    return 1 + most * (1 - math.exp(-(time - boots[bisect_right(boots, time) - 1]) / slow))


def _batch(begins: float, most: float, time: float) -> float:
    return 1 + most * ((time - begins) % MONTH < 2)


def _moments(chance: random.Random, days: float, rate: float) -> list[float]:
    """Return moments at random, *rate* a day on average, in order."""
    moments, at = [], -20 + chance.expovariate(rate)
    while at < days:
        moments.append(at)
        at += chance.expovariate(rate)
    return moments


def _bounded(sizes: list[float], most: float) -> list[float]:
    """Return the sums of *sizes*, each step turned round where the sum would leave plus or minus *most*."""
    sums, total = [], 0.0
    for size in sizes:
        total += -size if abs(total + size) > most else size
        sums.append(total)
    return sums


def _stairs(moments: list[float], logs: list[float]) -> Curve:
    """Return a curve that takes the exponential of each of *logs* at its moment."""
    factors = [1.0, *(math.exp(one) for one in logs)]
    return lambda time: factors[bisect_right(moments, time)]


def _through(levels: list[float]) -> Curve:
    """Return a curve in straight lines through one level a day."""

    def curve(time: float) -> float:
        day = min(max(int(time), 0), len(levels) - 2)
        return levels[day] + (levels[day + 1] - levels[day]) * min(max(time - day, 0.0), 1.0)

    return curve
