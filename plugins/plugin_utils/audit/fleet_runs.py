# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet over its last runs: hosts by verdict, the sum of each kind of memory, and how single hosts are spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..dimensions.table import TOTAL
from ..history.of_a_run import Past
from ..model.fleet import RunSums, sums_of
from ..model.plain import Plain
from ..model.sample import Sample
from ..model.stack import PACKED
from ..model.times import DAY, seconds_of, utc_text
from .consolidated import Counts

MOST_RUNS = 60
_REACH = 60 * DAY
_ALIKE = 2
"""Runs of more than so many times more or fewer hosts are of something else: of a part of the fleet, say."""


@dataclass(frozen=True, slots=True)
class FleetRun(Plain):
    """One run over the fleet. ``sums`` are bytes by kind over ``hosts`` that were judged."""

    started_at: str
    hosts: int
    ok: int
    warning: int
    critical: int
    unknown: int
    sums: Mapping[str, int | None]
    unreclaimable: tuple[float | None, ...]
    """The share of RAM that can't be reclaimed, of the hosts at ``model.fleet.SHARES``."""
    available: tuple[float | None, ...]
    """The same of available memory."""


def fleet_runs(past: Past, samples: Iterable[Sample], counts: Counts, started_at: str) -> tuple[FleetRun, ...]:
    """Return the last runs over the same fleet with this one, the oldest first; nothing without an earlier one."""
    began = seconds_of(started_at)
    before = [one for one in past.sums_since(began - _REACH) if one.started_at < began]
    if not before:
        return ()
    now = RunSums(
        "", began, sums_of(samples, {name: counts.of(name) for name in ("ok", "warning", "critical", "unknown")})
    )
    made = [_run(one) for one in (*_apart(before, began), now)]
    return tuple(
        [one for one in made if one.hosts and made[-1].hosts <= _ALIKE * one.hosts <= _ALIKE**2 * made[-1].hosts]
    )


def _apart(runs: Sequence[RunSums], now: int) -> list[RunSums]:
    """Return at most ``MOST_RUNS`` - 1 of some runs, evenly far from each other; of those close together the newest."""
    apart = (now - runs[0].started_at) / MOST_RUNS
    kept: list[RunSums] = []
    last = now
    for one in reversed(runs):
        if last - one.started_at >= apart * 0.75 and len(kept) < MOST_RUNS - 1:
            kept.append(one)
            last = one.started_at
    return kept[::-1]


def _run(one: RunSums) -> FleetRun:
    measures = {measure.name: measure for measure in one.sums.measures}
    verdicts = one.sums.verdicts
    total, available = measures.get(TOTAL), measures.get("memory_available")
    return FleetRun(
        utc_text(one.started_at),
        sum(verdicts.values()),
        verdicts.get("ok", 0),
        verdicts.get("warning", 0),
        verdicts.get("critical", 0),
        verdicts.get("unknown", 0),
        {kind: measures[kind].sum_bytes if kind in measures and measures[kind].hosts else None for kind in PACKED},
        () if total is None else _rounded(total.shares),
        () if available is None else _rounded(available.shares),
    )


def _rounded(shares: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple([None if share is None else round(share, 5) for share in shares])
