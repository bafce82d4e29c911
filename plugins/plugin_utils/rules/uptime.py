# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A leak seen from one run: on the hosts of one kernel, memory that can't be reclaimed is larger the longer a host is
up.

Only hosts of one kernel, role, size and kind of machine are compared with each other (pairs of hosts inside such a
cell), so that neither a mix of roles nor of sizes can look like a leak. What fills up and then stays, and what other
kernels show just as well, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from ..dimensions.table import PARTS, RULES, TOTAL
from ..model.plain import Plain
from ..model.subject import Subject
from ..model.times import DAY
from ..text.units import MIB
from .fleet_words import Others, uptime_sentence
from .robust_statistics import median_of
from .similar_hosts import memory_bucket, subject_roles

FEWEST_HOSTS = 20
FEWEST_IN_A_CELL = 3
LEAST_SPAN_DAYS = 3.0
"""How far the quartiles of uptime have to be apart."""
LEAST_PERCENT_OF_RAM = 1.0
LEAST_BYTES = 256 * MIB
STEADY = 0.6
"""The hosts that are up longer have to show this share of the rate of those that are up shorter; a cache that fills
up does not.
"""
ALIKE = 0.5
"""Other kernels with this share of the rate show the same, so it is not this kernel's doing."""
MOST_OF_IT = 0.5

_MOST_POINTS = 40
_CLOSEST_DAYS = 0.25
_WIDE = 2.576  # bounds of 99 %, since many kernels are looked at

Cell = tuple[str | None, int, str, bool | None]
"""What hosts that are compared have in common: role, bucket of memory, kind of machine, Kubernetes node."""
Slope = tuple[float, float, float]
"""The slope of a pair of hosts in bytes a day, and the uptimes of the two in days, the shorter first."""


@dataclass(frozen=True, slots=True)
class UptimeGrowth(Plain):
    """A kernel on which each day of uptime costs memory. It never changes a host's verdict. Rates in bytes a day."""

    dimension: str
    severity: str
    kernel: str
    hosts: int
    bytes_per_day: int
    low: int
    high: int
    explanation: str
    next_step: str
    command: str
    kind: str = "uptime_growth"


@dataclass(frozen=True, slots=True)
class Line:
    """What a day of uptime costs, in bytes, with bounds; and the same among the younger and the older half of the
    hosts.
    """

    slope: float
    low: float
    high: float
    younger: float
    older: float


def uptime_findings(subjects: Sequence[Subject]) -> list[UptimeGrowth]:
    """Return the kernels on which each day of uptime costs memory, the costliest first. They never change a host's
    verdict.
    """
    roles = subject_roles(subjects)
    kernels: dict[str, dict[Cell, list[Subject]]] = {}
    for subject in sorted(subjects, key=lambda subject: subject.name):
        sample = subject.sample
        # The first day after a boot is warming up.
        if (
            sample.kernel_release
            and sample.memory_total_bytes
            and sample.amounts.get(TOTAL) is not None
            and (sample.uptime_seconds or 0) >= DAY
        ):
            platform = subject.platform
            cell = (
                roles[subject.name],
                memory_bucket(sample.memory_total_bytes),
                platform.kind,
                platform.kubernetes_node,
            )
            kernels.setdefault(sample.kernel, {}).setdefault(cell, []).append(subject)
    kernels = {
        kernel: {cell: members for cell, members in cells.items() if len(members) >= FEWEST_IN_A_CELL}
        for kernel, cells in kernels.items()
    }
    pairs = {
        kernel: {cell: slopes_of(members, TOTAL) for cell, members in cells.items()}
        for kernel, cells in kernels.items()
    }
    found = [one for kernel in sorted(kernels) for one in [_finding(kernel, kernels, pairs)] if one is not None]
    return sorted(found, key=lambda one: (one.severity != "warning", -one.bytes_per_day, one.kernel))


def slopes_of(members: Sequence[Subject], dimension: str) -> list[Slope]:
    """Return the slopes of all pairs of hosts of a cell; in a large cell hosts with like uptimes are one point, with
    the medians of them.
    """
    points = sorted(
        (subject.sample.uptime_seconds / DAY, amount)
        for subject in members
        for amount in [subject.sample.amounts.get(dimension)]
        if amount is not None and subject.sample.uptime_seconds is not None
    )
    if len(points) > _MOST_POINTS:
        edges = [len(points) * number // _MOST_POINTS for number in range(_MOST_POINTS + 1)]
        bins = [points[start:end] for start, end in zip(edges, edges[1:], strict=False)]
        whole = [
            (median_of([day for day, _unused in one]), median_of(sorted([amount for _unused, amount in one])))
            for one in bins
        ]
    else:
        whole = [(day, float(amount)) for day, amount in points]
    return [
        ((amount - before) / (day - earlier), earlier, day)
        for place, (day, amount) in enumerate(whole)
        for earlier, before in whole[:place]
        if day - earlier >= _CLOSEST_DAYS
    ]


def line_of(pairs: Iterable[Sequence[Slope]], sizes: Iterable[int], middle: float) -> Line | None:
    """Return the line through the pairs of some cells (*sizes* are their numbers of hosts); *middle* parts the younger
    and the older half.

    The bounds are those of Kendall's test, summed over the cells. None where a half has too few pairs to tell.
    """
    every = [slope for cell in pairs for slope in cell]
    slopes = sorted([slope for slope, _earlier, _later in every])
    younger = sorted([slope for slope, _earlier, later in every if later <= middle])
    older = sorted([slope for slope, earlier, _later in every if earlier > middle])
    if min(len(younger), len(older)) < FEWEST_HOSTS // 2:
        return None
    points = [min(size, _MOST_POINTS) for size in sizes]
    reach = _WIDE * sqrt(sum(number * (number - 1) * (2 * number + 5) / 18 for number in points))
    last = len(slopes) - 1
    return Line(
        slope=median_of(slopes),
        low=slopes[int(max(0.0, (len(slopes) - reach) / 2))],
        high=slopes[int(min(float(last), (len(slopes) + reach) / 2))],
        younger=median_of(younger),
        older=median_of(older),
    )


def _finding(
    kernel: str,
    kernels: Mapping[str, Mapping[Cell, Sequence[Subject]]],
    pairs: Mapping[str, Mapping[Cell, Sequence[Slope]]],
) -> UptimeGrowth | None:
    cells = kernels[kernel]
    members = [subject for cell in cells.values() for subject in cell]
    if len(members) < FEWEST_HOSTS:
        return None
    first, middle, third = _quartiles(members)
    rising = sorted([slope for cell in pairs[kernel].values() for slope, _earlier, _later in cell])
    least = max(_median_memory(members) * LEAST_PERCENT_OF_RAM / 100, float(LEAST_BYTES))
    # Most kernels are healthy, and end here.
    if third - first < LEAST_SPAN_DAYS or not rising or median_of(rising) * (third - first) < least:
        return None
    line = line_of(pairs[kernel].values(), [len(cell) for cell in cells.values()], middle)
    if (
        line is None
        or line.low <= 0
        or line.older < STEADY * line.younger
        or line.older < ALIKE * line.slope
        or line.younger < ALIKE * line.slope
    ):
        return None
    others = _others(kernel, kernels, pairs)
    if others is not None and others.slope >= ALIKE * line.slope:
        return None
    part, of_part = _part(cells, middle, line)
    shown = of_part or line
    cell_words = RULES[part].words_of("uptime_growth")
    roles = sorted({str(cell[0]) for cell in cells if cell[0] is not None})
    return UptimeGrowth(
        dimension=part,
        severity="info" if others is None else "warning",
        kernel=kernel,
        hosts=len(members),
        bytes_per_day=round(shown.slope),
        low=round(shown.low),
        high=round(shown.high),
        explanation=uptime_sentence(
            part,
            kernel,
            hosts=len(members),
            rates=(shown.slope, shown.low, shown.high),
            uptimes=(first, third),
            within="only with hosts of the same role and size"
            if roles
            else "only with hosts of the same size and kind of machine",
            grown=(line.slope * (third - first), least),
            halves=(line.younger, line.older),
            whole=line.slope if of_part else None,
            others=others,
        ),
        next_step=cell_words.next_step,
        command=cell_words.command,
    )


def _others(
    kernel: str,
    kernels: Mapping[str, Mapping[Cell, Sequence[Subject]]],
    pairs: Mapping[str, Mapping[Cell, Sequence[Slope]]],
) -> Others | None:
    """Return what hosts of the same cells show on other kernels; None where there are too few of them, or their
    uptimes are too alike.
    """
    cells = [
        (other, cell) for other in kernels if other != kernel for cell in kernels[other] if cell in kernels[kernel]
    ]
    members = [subject for other, cell in cells for subject in kernels[other][cell]]
    slopes = sorted([slope for other, cell in cells for slope, _earlier, _later in pairs[other][cell]])
    if len(members) < FEWEST_HOSTS or not slopes:
        return None
    first, _middle, third = _quartiles(members)
    return Others(len(members), median_of(slopes)) if third - first >= LEAST_SPAN_DAYS else None


def _part(cells: Mapping[Cell, Sequence[Subject]], middle: float, whole: Line) -> tuple[str, Line | None]:
    """Return the dimension that makes up most of the growth with its line, or the whole."""
    lines: list[tuple[float, str, Line]] = []
    for part in PARTS:
        line = line_of(
            [slopes_of(members, part) for members in cells.values()],
            [len(members) for members in cells.values()],
            middle,
        )
        if line is not None and line.low > 0 and line.slope >= MOST_OF_IT * whole.slope:
            lines.append((line.slope, part, line))
    if not lines:
        return TOTAL, None
    _slope, name, best = max(lines, key=lambda entry: (entry[0], entry[1]))
    return name, best


def _quartiles(members: Sequence[Subject]) -> tuple[float, float, float]:
    days = sorted([(subject.sample.uptime_seconds or 0) / DAY for subject in members])
    quarter = len(days) // 4
    return days[quarter], median_of(days), days[-1 - quarter]


def _median_memory(members: Sequence[Subject]) -> float:
    return median_of(sorted([float(subject.sample.memory_total_bytes or 0) for subject in members]))
