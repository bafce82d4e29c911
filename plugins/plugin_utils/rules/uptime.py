# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A leak seen from one run: on the hosts of one kernel, of one role, or on all, memory that can't be reclaimed, or that
no counter names, is larger the longer a host is up.

Only hosts of one kernel, role, size and kind of machine are compared with each other (pairs of hosts inside such a
cell), so that neither a mix of roles nor of sizes can look like a leak. What fills up and then stays is left out, and
so is what other kernels, or other roles, show just as well: then it is not this kernel's doing, but the fleet's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import NamedTuple

from ..dimensions.table import PARTS, RULES, TOTAL
from ..model.plain import Plain
from ..model.subject import Subject
from ..model.times import DAY
from ..text.units import MIB
from .fleet_words import Others, uptime_sentence
from .robust_statistics import median_of, rise_of
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
_WORTH_A_LOOK = 0.25
"""Where the cells don't rise by this share of the least amount, the line through all their pairs can't."""
_CLOSEST_DAYS = 0.25
_WIDE = 2.576  # bounds of 99 %, since many kernels are looked at

MEASURES = (TOTAL, "unaccounted")
"""What is looked at; of the total a part is named where it is most of it."""
SCOPES = ("kernel", "role", "fleet")
"""Whose doing it is, looked for in this order: hosts of a kernel that leaks say nothing of their role."""


class Cell(NamedTuple):
    """What hosts that are compared with each other have in common."""

    kernel: str
    role: str | None
    memory_bucket: int
    kind: str
    kubernetes_node: bool | None

    def scope(self, what: str) -> str | None:
        """Return the kernel or the role; of the fleet one name for all."""
        return {"kernel": self.kernel, "role": self.role}.get(what, "")

    def without(self, what: str) -> tuple[object, ...]:
        """Return the rest, which others have to have alike."""
        return tuple("" if name == what else value for name, value in zip(self._fields, self, strict=True))


Cells = Mapping[Cell, Sequence[Subject]]
Slope = tuple[float, float, float]
"""The slope of a pair of hosts in bytes a day, and the uptimes of the two in days, the shorter first."""


@dataclass(frozen=True, slots=True)
class UptimeGrowth(Plain):
    """A kernel, a role or a fleet of which each day of uptime costs memory. It never changes a host's verdict. Rates in
    bytes a day.
    """

    dimension: str
    severity: str
    kernel: str
    """Empty where it is of no single kernel."""
    hosts: int
    bytes_per_day: int
    low: int
    high: int
    explanation: str
    next_step: str
    command: str
    kind: str = "uptime_growth"
    what: str = "kernel"
    """Whose doing it is, one of ``SCOPES``. Audits of 0.1.0 know kernels alone."""
    role: str = ""
    """The role, where it is of one."""

    @property
    def of(self) -> str:
        """Where it was seen, in words."""
        if self.what == "fleet":
            return "on all hosts"
        return f"on kernel {self.kernel}" if self.what == "kernel" else f"in the group {self.role}"


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
    """Return where each day of uptime costs memory, the costliest first. It never changes a host's verdict."""
    return uptime_findings_in(cells_of(subjects))


def uptime_findings_in(cells: Cells) -> list[UptimeGrowth]:
    """Return the same of hosts that :func:`cells_of` has put together."""
    found = [one for measure in MEASURES for one in _findings(cells, measure)]
    return sorted(found, key=lambda one: (one.severity != "warning", -one.bytes_per_day, one.of, one.dimension))


def cells_of(subjects: Sequence[Subject]) -> dict[Cell, list[Subject]]:
    """Return the hosts that can be compared with each other by their uptime, in the order of that."""
    roles = subject_roles(subjects)
    cells: dict[Cell, list[Subject]] = {}
    for subject in sorted(subjects, key=lambda subject: (subject.sample.uptime_seconds or 0, subject.name)):
        sample, platform = subject.sample, subject.platform
        # The first day after a boot is warming up.
        if sample.kernel_release and sample.memory_total_bytes and (sample.uptime_seconds or 0) >= DAY:
            bucket = memory_bucket(sample.memory_total_bytes)
            cell = Cell(sample.kernel, roles[subject.name], bucket, platform.kind, platform.kubernetes_node)
            cells.setdefault(cell, []).append(subject)
    return cells


class _Pairs:
    """What the hosts of each cell show, worked out when somebody asks: the slopes of their pairs, and a cheap look."""

    def __init__(self, cells: Cells, measure: str) -> None:
        self._cells, self._measure = cells, measure
        self._slopes: dict[Cell, list[Slope]] = {}
        self._rises: dict[Cell, float] = {}

    def __getitem__(self, cell: Cell) -> list[Slope]:
        if cell not in self._slopes:
            self._slopes[cell] = slopes_of(self._cells[cell], self._measure)
        return self._slopes[cell]

    def rising(self, cells: Cells) -> float:
        """Return how much more the hosts that are up longest have than those that are up shortest: in the cell in the
        middle, by numbers of hosts.
        """
        rises = sorted((self._rise_of(cell, members), len(members)) for cell, members in cells.items())
        by_host = [rise for rise, number in rises for _host in range(number)]
        return by_host[len(by_host) // 2] if by_host else 0.0

    def _rise_of(self, cell: Cell, members: Sequence[Subject]) -> float:
        if cell not in self._rises:
            self._rises[cell] = rise_of([subject.sample.amounts.get(self._measure) or 0 for subject in members])
        return self._rises[cell]


def _findings(cells: Cells, measure: str) -> list[UptimeGrowth]:
    known = {
        cell: [subject for subject in members if subject.sample.amounts.get(measure) is not None]
        for cell, members in cells.items()
    }
    known = {cell: members for cell, members in known.items() if len(members) >= FEWEST_IN_A_CELL}
    pairs = _Pairs(known, measure)
    found: list[UptimeGrowth] = []
    told: set[Cell] = set()
    for what in SCOPES:
        left = {cell: members for cell, members in known.items() if cell not in told}
        names = sorted({name for name in (cell.scope(what) for cell in left) if name is not None})
        for name in names:
            own = {cell: members for cell, members in left.items() if cell.scope(what) == name}
            one = _finding(measure, what, name, own, known, pairs)
            if one is not None:
                found.append(one)
                told.update(own)
    return found


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


def _finding(measure: str, what: str, name: str, cells: Cells, every: Cells, pairs: _Pairs) -> UptimeGrowth | None:
    # Most kernels are healthy, and end here.
    if sum(map(len, cells.values())) < FEWEST_HOSTS or pairs.rising(cells) < _WORTH_A_LOOK * LEAST_BYTES:
        return None
    members = [subject for cell in cells.values() for subject in cell]
    first, middle, third = _quartiles(members)
    least = max(_median_memory(members) * LEAST_PERCENT_OF_RAM / 100, float(LEAST_BYTES))
    rising = sorted([slope for cell in cells for slope, _earlier, _later in pairs[cell]])
    if third - first < LEAST_SPAN_DAYS or not rising or median_of(rising) * (third - first) < least:
        return None
    line = line_of([pairs[cell] for cell in cells], [len(cell) for cell in cells.values()], middle)
    if (
        line is None
        or line.low <= 0
        or line.older < STEADY * line.younger
        or line.older < ALIKE * line.slope
        or line.younger < ALIKE * line.slope
    ):
        return None
    others = None if what == "fleet" else _others(what, name, cells, every, pairs)
    if others is not None and others.slope >= ALIKE * line.slope:
        return None
    part, of_part = _part(cells, middle, line) if measure == TOTAL else (measure, None)
    shown = of_part or line
    cell_words = RULES[part].words_of("uptime_growth")
    found = UptimeGrowth(
        dimension=part,
        severity="info" if others is None else "warning",
        kernel=name if what == "kernel" else "",
        hosts=len(members),
        bytes_per_day=round(shown.slope),
        low=round(shown.low),
        high=round(shown.high),
        explanation="",
        next_step=cell_words.next_step,
        command=cell_words.command,
        what=what,
        role=name if what == "role" else "",
    )
    return replace(
        found,
        explanation=uptime_sentence(
            part,
            found.of,
            hosts=len(members),
            rates=(shown.slope, shown.low, shown.high),
            uptimes=(first, third),
            within="only with hosts of the same role and size"
            if any(cell.role is not None for cell in cells)
            else "only with hosts of the same size and kind of machine",
            grown=(line.slope * (third - first), least),
            halves=(line.younger, line.older),
            whole=line.slope if of_part else None,
            others=others,
            what=what,
        ),
    )


def _others(what: str, name: str, cells: Cells, every: Cells, pairs: _Pairs) -> Others | None:
    """Return what hosts show that differ by their kernel, or by their role, alone; None where there are too few of
    them, or their uptimes are too alike.
    """
    alike = {cell.without(what) for cell in cells}
    beside = [cell for cell in every if cell.scope(what) != name and cell.without(what) in alike]
    members = [subject for cell in beside for subject in every[cell]]
    slopes = sorted([slope for cell in beside for slope, _earlier, _later in pairs[cell]])
    if len(members) < FEWEST_HOSTS or not slopes:
        return None
    first, _middle, third = _quartiles(members)
    return Others(len(members), median_of(slopes)) if third - first >= LEAST_SPAN_DAYS else None


def _part(cells: Cells, middle: float, whole: Line) -> tuple[str, Line | None]:
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
