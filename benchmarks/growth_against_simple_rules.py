# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that ship against simple ones, on the same simulated hosts and at the same recall: false alarms on each
kind of healthy fleet.

Each simple rule is a score with a threshold, and alarms where the score reaches it. The threshold is set so that the
rule finds as many leaks of 0.05 % of RAM a day within 30 days as the product's warnings do. Then the alarms that begin
on healthy hosts are counted, for 4,000 hosts a day: of six dimensions, without the static limits, which no rule of
these has. The linear predictions are those of Prometheus (`predict_linear`), towards the product's critical limits
(4 % of RAM for stacks and per-CPU memory).

Usage: .venv/newest/bin/python benchmarks/growth_against_simple_rules.py [--seeds choosing|reporting|reserve]
[--hosts 30] [--leaks 40]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from statistics import fmean, stdev

from growth_on_restless_fleets import (
    AUDIT_HOUR,
    DAY,
    DAYS,
    FLEET,
    FROM_DAY,
    KINDS,
    LEAK_DAY,
    LEAKING,
    QUIET,
    SEEDS,
    START,
    Simulated,
    audits,
    leaking,
    simulate,
)

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.line import line_through
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import KIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN

RATE, WITHIN, WINDOW = 0.05, 30, 14
LIMITS = BUILT_IN.environments["production"].limits
OF_RAM = {"kernel_stack": 4.0, "percpu": 4.0}
PRODUCT = "product"


@dataclass(frozen=True)
class Window:
    """The values of one dimension up to an audit, in KiB, with their days."""

    days: Sequence[float]
    values: Sequence[float]
    ram: float
    limit: float

    def last(self, days: float) -> Window:
        """Return the part of the last so many days."""
        first = next(place for place, day in enumerate(self.days) if day > self.days[-1] - days - 0.5)
        return Window(self.days[first:], self.values[first:], self.ram, self.limit)


def nearness(days: float, window: Window) -> float:
    """Minus the days until the limit, by least squares through the last days; nothing that falls ever reaches it."""
    part = window.last(days)
    if len(part.days) < days / 2:
        return -inf
    middle, level = fmean(part.days), fmean(part.values)
    spread = sum((day - middle) ** 2 for day in part.days)
    slope = sum((day - middle) * (value - level) for day, value in zip(part.days, part.values, strict=True)) / spread
    return -max(part.limit - part.values[-1], 0) / slope if slope > 0 else -inf


def mann_kendall(window: Window) -> float:
    """How sure it is that the last two weeks rise."""
    part = window.last(WINDOW)
    return line_through(part.days, part.values).z if len(part.days) >= 7 else -inf


def sen(window: Window) -> float:
    """The lower bound of Sen's slope over the last two weeks, in shares of RAM a day."""
    part = window.last(WINDOW)
    return line_through(part.days, part.values).low / part.ram if len(part.days) >= 7 else -inf


def sigmas(window: Window) -> float:
    """How many standard deviations the value is above the mean of the two weeks before."""
    before = window.last(WINDOW).values[:-1]
    if len(before) < 7:
        return -inf
    return (window.values[-1] - fmean(before)) / max(stdev(before), 1)


SCORES: Mapping[str, Callable[[Window], float]] = {
    "predict_linear 7 d": partial(nearness, 7),
    "predict_linear 14 d": partial(nearness, 14),
    "predict_linear 30 d": partial(nearness, 30),
    "Mann-Kendall 14 d": mann_kendall,
    "Sen's bound 14 d": sen,
    "sigmas of 14 d": sigmas,
}
SETTING: Mapping[str, Callable[[float], str]] = {
    "predict_linear 7 d": lambda score: f"limit within {-score:,.0f} days",
    "predict_linear 14 d": lambda score: f"limit within {-score:,.0f} days",
    "predict_linear 30 d": lambda score: f"limit within {-score:,.0f} days",
    "Mann-Kendall 14 d": lambda score: f"z of {score:.2f}",
    "Sen's bound 14 d": lambda score: f"{100 * score:.3f} % of RAM a day",
    "sigmas of 14 d": lambda score: f"{score:.2f} sigmas",
}


def windows(host: Simulated, dimension: str, first_day: float) -> Sequence[Window]:
    """What was known of a dimension at each audit from a day on."""
    days = [(moment - START) / DAY for moment in host.columns["collected_at"]]
    values = [float(amount) for amount in host.columns[f"{dimension}_kib"]]
    level = LIMITS[dimension].critical
    found = []
    for place, day in enumerate(days):
        if day >= first_day:
            ram = float(host.columns["memory_total_kib"][place])
            share = OF_RAM.get(dimension)
            if share is not None or level is None:
                limit = (share or 4.0) / 100 * ram
            else:
                limit = level.of(round(ram) * KIB) / KIB
            start = max(0, place - 40)
            found.append(Window(days[start : place + 1], values[start : place + 1], ram, limit))
    return found


def thresholds(number: int, first_seed: int) -> tuple[float, dict[str, float]]:
    """Return the product's recall, and what each score has to reach for the same."""
    best: dict[str, list[float]] = {name: [] for name in SCORES}
    hits = 0
    for host in leaking(RATE, number, first_seed, 24, WITHIN):
        assert host.trouble is not None
        dimension = host.trouble.dimension
        hits += any(
            one.dimension == dimension and one.severity != "info" and one.kind in ("growth", "spike")
            for day, findings in audits(host, LEAK_DAY)
            if day - LEAK_DAY <= WITHIN + AUDIT_HOUR
            for one in findings
        )
        seen = [
            window for window in windows(host, dimension, LEAK_DAY) if window.days[-1] <= LEAK_DAY + WITHIN + AUDIT_HOUR
        ]
        for name, score in SCORES.items():
            best[name].append(max(map(score, seen)))
    return hits / number, {name: sorted(scores, reverse=True)[max(hits, 1) - 1] for name, scores in best.items()}


def begun(host: Simulated, needed: Mapping[str, float]) -> tuple[Counter[str], float]:
    """Count how often each rule begins to alarm on a healthy host, and its days."""
    counts: Counter[str] = Counter()
    before: set[tuple[str, str]] | None = None
    first = last = 0.0
    for day, findings in audits(host, FROM_DAY):
        now = {
            (one.dimension, one.kind)
            for one in findings
            if one.severity != "info" and one.kind in ("growth", "spike", "drop")
        }
        if before is None:
            first = day
        else:
            counts[PRODUCT] += len(now - before)
        before, last = now, day
    for dimension in LEAKING:
        seen = windows(host, dimension, FROM_DAY)
        for name, score in SCORES.items():
            alarms = [score(window) >= needed[name] for window in seen]
            counts[name] += sum(now and not was for was, now in zip(alarms, alarms[1:], strict=False))
    return counts, last - first


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", choices=sorted(SEEDS), default="reporting")
    parser.add_argument("--hosts", type=int, default=30, help="healthy hosts of each kind")
    parser.add_argument("--leaks", type=int, default=40)
    options = parser.parse_args()
    seed = SEEDS[options.seeds]
    recall, needed = thresholds(options.leaks, seed)
    print(
        f"seeds {options.seeds}: {recall:.0%} of {options.leaks} leaks of {RATE} % a day found within {WITHIN} days by"
    )
    for name, score in needed.items():
        print(f"  {name:20} {SETTING[name](score)}")
    print(f"false alarms a day, {FLEET:,} hosts")
    print(f"  {'':13} {PRODUCT:>8} " + " ".join(f"{name:>20}" for name in SCORES))
    for kind in (QUIET, *KINDS):
        counts: Counter[str] = Counter()
        days = 0.0
        for number in range(seed, seed + options.hosts):
            found, seen = begun(simulate(number, days=DAYS, kind=None if kind == QUIET else kind), needed)
            counts, days = counts + found, days + seen
        cells = " ".join(f"{FLEET * counts[name] / days:20.1f}" for name in SCORES)
        print(f"  {kind:13} {FLEET * counts[PRODUCT] / days:8.1f} {cells}", flush=True)
    print(f"{time.process_time():.0f} s CPU")


if __name__ == "__main__":
    main()
