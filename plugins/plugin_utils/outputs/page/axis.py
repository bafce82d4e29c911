# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The axes of the charts over time: where a moment and an amount are drawn, and the words beside them.

Paths are drawn in a box of their own that stretches (``WIDE`` units across), words stand beside it at a share of its
width, so that one drawing fits a phone and a wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...model.times import seconds_of, utc_text
from ...text.units import KIB
from ...words.outlook import date_words

WIDE = 600
NB = "\u00a0"
_HOUR, _DAY = 60, 24 * 60
_STEPS = ((20 * _DAY, 7 * _DAY), (8 * _DAY, 2 * _DAY), (2 * _DAY, _DAY), (8 * _HOUR, 6 * _HOUR), (2 * _HOUR, _HOUR))
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
        if self.ages[0] < 2 * _DAY:
            return f"{moment[11:16]}"
        return date_words(moment, self.now).replace(" ", NB)

    @property
    def today(self) -> str:
        """What the last sample is called."""
        return "today" if self.ages[0] >= 2 * _DAY else "now"

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


def percent(x: float) -> str:
    """Return a place across the box as the share of its width."""
    return f"{100 * x / WIDE:.2f}%"


def later(now: str, days: float) -> str:
    """Return the day so many days after *now*: ``9 Dec``."""
    then = utc_text(seconds_of(now) + days * 86400)
    return date_words(then, then)
