# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The axes of the charts over time: where a moment and an amount are drawn, the words beside them, and the marks that
several charts have.

Paths are drawn in a box of their own that stretches (``WIDE`` units across), words stand beside it at a share of its
width, so that one drawing fits a phone and a wall.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...model.times import seconds_of, utc_text
from ...text.units import KIB
from ...words.outlook import date_words
from .parts import NB

WIDE = 600
ACCENT, EDGE, INK, MUTED, LIMIT, RULE = "#0b57b0", "#5b6673", "#1a1f26", "#545d68", "#b3201a", "#d5dbe2"
HOUR, DAY = 60, 24 * 60
_STEPS = ((20 * DAY, 7 * DAY), (8 * DAY, 2 * DAY), (2 * DAY, DAY), (8 * HOUR, 6 * HOUR), (2 * HOUR, HOUR))
"""From how many minutes on a tick stands every how many minutes."""
_NICE = (0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time: where (0 to ``WIDE``), its words, and whether a narrow screen can do without."""

    x: float
    words: str
    spare: bool


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Moments from the oldest sample to some time after this audit. ``ages`` and ``ahead`` are in minutes."""

    now: str
    ages: tuple[int, ...]
    ahead: int = 0

    @property
    def span(self) -> int:
        """The minutes from the oldest sample to the end."""
        return max(1, self.ages[0] + self.ahead)

    def x(self, age: float) -> float:
        """Return where a moment is drawn that was so many minutes before this audit."""
        return WIDE * (self.ages[0] - age) / self.span

    def at(self, place: int) -> float:
        """Return where a sample is drawn."""
        return self.x(self.ages[place])

    def date(self, age: float) -> str:
        """Return a moment in words: ``21 Oct``; of less than two days the hour, too."""
        moment = utc_text(seconds_of(self.now) - round(age * 60))
        if self.ages[0] < 2 * DAY:
            return f"{moment[11:16]}"
        return date_words(moment, self.now).replace(" ", NB)

    @property
    def today(self) -> str:
        """What the last sample is called."""
        return "today" if self.ages[0] >= 2 * DAY else "now"

    def ticks(self) -> Iterator[Tick]:
        """Yield the marks, the newest first."""
        step = next((step for least, step in _STEPS if self.ages[0] >= least), 10)
        yield Tick(self.x(0), self.today, spare=False)
        for number in range(1, 60):
            age = number * step
            # A mark at the very edge would be cut.
            if age > self.ages[0] * 0.97:
                return
            yield Tick(self.x(age), self.date(age), spare=number % 2 == 1)


def scale(highest: float) -> tuple[float, list[float]]:
    """Return the top of an axis of KiB from 0 and its ticks: two to five, at 1, 2 or 5 times a unit."""
    unit = 1.0
    while highest >= 1.5 * unit * KIB:
        unit *= KIB
    for step in _NICE:
        if highest <= 5.1 * step * unit:
            ticks = [at * step * unit for at in range(1, 6) if at * step * unit <= highest * 1.02]
            return highest * 1.06, ticks
    return highest * 1.06, []


def line(points: Sequence[tuple[float, float]]) -> str:
    """Return a path through some points, in whole numbers, each but the first as the distance from the one before."""
    whole = [(round(x), round(y)) for x, y in points]
    out = [f"M{whole[0][0]} {whole[0][1]}"] if whole else []
    for (x0, y0), (x1, y1) in zip(whole, whole[1:], strict=False):
        across, down = x1 - x0, y1 - y0
        between = " " if down >= 0 else ""
        out.append(f"h{across}" if not down else f"v{down}" if not across else f"l{across}{between}{down}")
    return "".join(out)


def known_runs(values: Sequence[float | None]) -> list[list[int]]:
    """Return the places of the values that are known, in stretches: a gap is never bridged."""
    runs: list[list[int]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def area(axis: TimeAxis, values: Sequence[float | None], y: Callable[[float], float], ground: int) -> tuple[str, str]:
    """Return the path of what lies between some values and the ground, and of its edge."""
    whole = edge = ""
    for run in known_runs(values):
        path = line([(axis.at(place), y(values[place] or 0)) for place in run])
        whole += f"{path}V{ground}H{axis.at(run[0]):.0f}z"
        edge += path
    return whole, edge


def dates(axis: TimeAxis, y: int, cell: float = 0.0) -> str:
    """Return the words of the marks of an axis; where a sample is a *cell* of the box, below its middle."""
    return "".join(
        f'<text class="t-axis{" opt" if tick.spare else ""}" fill="{MUTED}" '
        f'x="{percent(tick.x * (1 - cell / WIDE) + cell / 2)}" y="{y}" '
        f'text-anchor="{"end" if tick.x > WIDE * 0.97 else "middle"}">{html.escape(tick.words)}</text>'
        for tick in axis.ticks()
    )


def limit_line(y: float) -> str:
    """Return the line of a limit."""
    return f'<path class="limit" stroke="{LIMIT}" stroke-dasharray="6 4" fill="none" d="M0 {y:.0f}H{WIDE}"/>'


def boot_line(x: float, height: int) -> str:
    """Return the line of a boot."""
    return f'<path class="boot" stroke="{EDGE}" stroke-dasharray="1 3" fill="none" d="M{x:.0f} 0V{height}"/>'


def way_ahead(x: float, y: float, end: float, goal: float) -> str:
    """Return the line from today's amount to the limit."""
    return (
        f'<path class="ahead" stroke="{ACCENT}" stroke-dasharray="2 4" fill="none" '
        f'd="M{x:.0f} {y:.0f}L{end:.0f} {goal:.0f}"/>'
    )


def percent(x: float) -> str:
    """Return a place across the box as the share of its width."""
    return f"{100 * x / WIDE:.2f}%"


def later(now: str, days: float) -> str:
    """Return the day so many days after *now*: ``9 Dec``."""
    then = utc_text(seconds_of(now) + days * 86400)
    return date_words(then, then)
