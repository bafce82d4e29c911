# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole fleet in one run: how many hosts had which verdict, and the sum and the spread of each kind of memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .sample import SAMPLED, Sample

SHARES = (0, 5, 25, 50, 75, 95, 100)
"""The hosts whose share of RAM is kept: the lowest, these percentiles, the highest."""

MEASURED = ("memory_total", "memory_available", *SAMPLED)


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of memory over the hosts of a run that know it."""

    name: str
    """A dimension, ``memory_total`` or ``memory_available``."""
    hosts: int
    sum_bytes: int
    shares: tuple[float | None, ...]
    """Shares of a host's RAM (0 to 1), at each of ``SHARES``; None where no host knows its RAM."""


@dataclass(frozen=True, slots=True)
class FleetSums:
    """What a run comes to over all of its hosts."""

    verdicts: Mapping[str, int]
    """Hosts by verdict."""
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class RunSums:
    """The sums of a run, and when it began."""

    run_id: str
    started_at: int
    sums: FleetSums


def sums_of(samples: Iterable[Sample], verdicts: Mapping[str, int]) -> FleetSums:
    """Return the sums over the samples of a run."""
    samples = list(samples)
    totals = [sample.memory_total_bytes for sample in samples]
    columns: dict[str, list[int | None]] = {
        "memory_total": totals,
        "memory_available": [sample.memory_available_bytes for sample in samples],
        **{name: [sample.amounts.get(name) for sample in samples] for name in SAMPLED},
    }
    return FleetSums(verdicts, tuple(_measure(name, columns[name], totals) for name in MEASURED))


def _measure(name: str, amounts: list[int | None], totals: list[int | None]) -> Measure:
    known = [amount for amount in amounts if amount is not None]
    shares = sorted(
        amount / total for amount, total in zip(amounts, totals, strict=True) if amount is not None and total
    )
    return Measure(
        name, len(known), sum(known), tuple(_nearest(shares, percent) if shares else None for percent in SHARES)
    )


def _nearest(ordered: list[float], percent: int) -> float:
    """Return the percentile of numbers by nearest rank, so that it is always one host's number."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
