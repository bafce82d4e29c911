# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel seen from one run: its hosts hold far more than like hosts on other kernels that are up for as long.

It is the question after a patch day, when all hosts have booted on one day and no uptime can tell a leak. Hosts are
compared inside cells of one role, size, kind of machine and like uptime, so that neither a mix of these nor the age of
a boot can look like a kernel. Statistics: Mann-Whitney's, summed over the cells (van Elteren, Bull. Int. Statist. Inst.
37 (1960), with equal weights for hosts).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt

from ..dimensions.table import PARTS, RULES
from ..model.plain import Plain
from ..model.subject import Subject
from ..model.times import DAY
from .fleet_words import kernels_sentence
from .robust_statistics import median_of
from .uptime import (
    LEAST_BYTES,
    LEAST_PERCENT_OF_RAM,
    MEASURES,
    MOST_OF_IT,
    Cell,
    UptimeGrowth,
    cells_of,
    uptime_findings_in,
)

FEWEST_HOSTS = 10
"""On each side, in cells that have both."""
TIMES = 1.5
TIMES_FOR_A_WARNING = 2.0
SURE = 4.5
"""So many deviations from chance, since many kernels are looked at."""
MOST_OF_THEM = 0.85
"""In so many pairs of a host on this kernel and one on another the first has more."""

KIND = "kernel_difference"
LikeHosts = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class KernelDifference(Plain):
    """A kernel whose hosts hold more than like hosts on other kernels. It never changes a host's verdict."""

    dimension: str
    severity: str
    kernel: str
    hosts: int
    others: int
    times: float
    bytes: int
    """The median of its hosts, and that of the others."""
    other_bytes: int
    explanation: str
    next_step: str
    command: str
    kind: str = KIND

    @property
    def of(self) -> str:
        """Where it was seen, in words."""
        return f"on kernel {self.kernel}"


@dataclass(frozen=True, slots=True)
class _Sides:
    """The amounts of hosts on a kernel and on others, cell by cell."""

    cells: Sequence[tuple[Sequence[int], Sequence[int]]]

    @property
    def own(self) -> list[int]:
        return sorted([amount for own, _others in self.cells for amount in own])

    @property
    def others(self) -> list[int]:
        return sorted([amount for _own, others in self.cells for amount in others])

    def more(self) -> float:
        """How many bytes its hosts have more: the difference of the medians, weighted by its hosts."""
        weighed = [(median_of(own) - median_of(others), len(own)) for own, others in self.cells]
        return sum(more * number for more, number in weighed) / max(1, sum(number for _more, number in weighed))

    def wins(self) -> tuple[float, float]:
        """Return in which share of the pairs its host has more, and how many deviations from chance that is."""
        won = pairs = variance = 0.0
        for own, others in self.cells:
            won += sum(bisect_left(others, one) + bisect_right(others, one) for one in own) / 2
            pairs += len(own) * len(others)
            variance += len(own) * len(others) * (len(own) + len(others) + 1) / 12
        return (won / pairs, (won - pairs / 2) / sqrt(variance)) if pairs else (0.0, 0.0)


FleetFinding = UptimeGrowth | KernelDifference
"""What no single host can tell."""


def fleet_findings(subjects: Sequence[Subject]) -> list[FleetFinding]:
    """Return what one look at a fleet tells of its kernels and roles; it never changes a host's verdict."""
    cells = cells_of(subjects)
    grown = uptime_findings_in(cells)
    return [*grown, *kernel_differences(cells, {one.kernel for one in grown})]


def kernel_differences(cells: Mapping[Cell, Sequence[Subject]], told: Collection[str]) -> list[KernelDifference]:
    """Return the kernels whose hosts hold far more than like hosts on others, the largest difference first. *told* are
    kernels of which a leak is told already; *cells* are those of :func:`uptime.cells_of`.
    """
    alike: dict[LikeHosts, dict[str, list[Subject]]] = {}
    for cell, members in cells.items():
        for subject in members:
            days = (subject.sample.uptime_seconds or 0) / DAY
            like = (*cell.without("kernel"), round(log2(max(days, 1))))
            alike.setdefault(like, {}).setdefault(cell.kernel, []).append(subject)
    shared = [kernels for kernels in alike.values() if len(kernels) > 1]
    names = sorted({kernel for kernels in shared for kernel in kernels}.difference(told))
    found = [one for name in names for measure in MEASURES for one in _difference(name, shared, measure)]
    return sorted(found, key=lambda one: (one.severity != "warning", one.other_bytes - one.bytes, one.kernel))


def _sides(kernel: str, shared: Sequence[Mapping[str, Sequence[Subject]]], dimension: str) -> _Sides:
    cells = []
    for kernels in shared:
        own = _amounts(kernels.get(kernel, ()), dimension)
        others = _amounts([one for name, hosts in kernels.items() if name != kernel for one in hosts], dimension)
        if own and others:
            cells.append((own, others))
    return _Sides(cells)


def _amounts(hosts: Sequence[Subject], dimension: str) -> list[int]:
    return sorted([amount for one in hosts if (amount := one.sample.amounts.get(dimension)) is not None])


def _difference(kernel: str, shared: Sequence[Mapping[str, Sequence[Subject]]], measure: str) -> list[KernelDifference]:
    mine = [kernels for kernels in shared if kernel in kernels]
    sides = _sides(kernel, mine, measure)
    own, others = sides.own, sides.others
    if min(len(own), len(others)) < FEWEST_HOSTS:
        return []
    memory = [float(one.sample.memory_total_bytes or 0) for kernels in mine for one in kernels[kernel]]
    least = max(median_of(sorted(memory)) * LEAST_PERCENT_OF_RAM / 100, float(LEAST_BYTES))
    more = sides.more()
    # Most kernels are like the others, and end here.
    if more < least or median_of(own) < TIMES * median_of(others):
        return []
    share, sure = sides.wins()
    if share < MOST_OF_THEM or sure < SURE:
        return []
    part, shown = _part(kernel, mine, measure, more) or (measure, sides)
    size, usual = median_of(shown.own), median_of(shown.others)
    times = round(size / max(usual, 1), 2)
    words = RULES[part].words_of("disproportion")
    return [
        KernelDifference(
            dimension=part,
            severity="warning" if times >= TIMES_FOR_A_WARNING else "info",
            kernel=kernel,
            hosts=len(own),
            others=len(others),
            times=times,
            bytes=round(size),
            other_bytes=round(usual),
            explanation=kernels_sentence(
                part, kernel, hosts=len(own), others=len(others), sizes=(size, usual), share=share, counts_from=least
            ),
            next_step="Run this on a host of each kernel with the same role; what differs names the cause.",
            command=words.command,
        )
    ]


def _part(
    kernel: str, shared: Sequence[Mapping[str, Sequence[Subject]]], measure: str, more: float
) -> tuple[str, _Sides] | None:
    """Return the dimension that is most of the difference of the whole."""
    if measure not in RULES or measure == "unaccounted":
        return None
    known = [(sides.more(), part, sides) for part in PARTS for sides in [_sides(kernel, shared, part)] if sides.cells]
    most = max(known, key=lambda one: (one[0], one[1]), default=None)
    return (most[1], most[2]) if most is not None and most[0] >= MOST_OF_IT * more else None
