# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel memory over time, stacked by kind.

One axis for all kinds. The kind at fault lies at the foot in the accent colour, so that its limit stands on the same
axis and the gap to it is seen; all others are greys in a fixed order with an edge between any two. Colours are given as
attributes and as classes. The legend is a table with the numbers: the script lets it show the moment that is pointed
at. ``static/stack.js`` draws the same from the data of the page.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...model.stack import PACKED
from ...text.units import KIB
from ...words.labels import dimension_label
from .axis import (
    ACCENT,
    DAY,
    EDGE,
    INK,
    LIMIT,
    MUTED,
    RULE,
    WIDE,
    TimeAxis,
    area,
    boot_line,
    dates,
    later,
    limit_line,
    percent,
    scale,
    way_ahead,
)
from .parts import NB, size, text

HEIGHT = 220
_GREYS = {"unaccounted": ("hatch", "url(#p-hatch)"), "slab_reclaimable": ("dots", "url(#p-dots)")}
_TINTS = (("g1", "#ced6de"), ("g2", "#e6ebf0"))
_HIGHEST_LIMIT = 1.7
"""A limit above so many times the stack is said in words: drawn to scale it would leave the stack flat."""
_LEAST_BAND = 17
_LEAST_AHEAD = 40
"""Below so many units of the chart's width the day of the limit would stand on what is said of today."""


def _beside(line: float) -> float:
    """Return where words of a line stand: above it, or below where it is too near to the top."""
    return line - 6 if line > 16 else line + 14


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is drawn beside the amounts, in KiB and in minutes before this audit; None where it is not known."""

    first: str | None = None
    """The kind at fault."""
    limit_kib: float | None = None
    limit_words: str = ""
    since: int | None = None
    since_words: str = "growth begins"
    kib_a_day: float = 0
    days_left: float | None = None

    def goal_kib(self, now: float) -> float | None:
        """Where the way from *now* on ends: at the limit, or where the days that are left end before it."""
        if self.limit_kib is None or self.days_left is None:
            return None
        return min(self.limit_kib, now + self.kib_a_day * self.days_left)


@dataclass(frozen=True, slots=True)
class History:
    """What is stacked: the amounts of each kind in KiB at each sample, and the places of boots and new kernels."""

    axis: TimeAxis
    amounts: Mapping[str, Sequence[int | None]]
    boots: tuple[int, ...] = ()
    kernels: tuple[int, ...] = ()
    step_kib: int = 0
    """The amounts are in steps of this, but for the last."""


@dataclass(frozen=True, slots=True)
class Band:
    """A kind as it is drawn: its class and colour, its amounts, and the sums up to it from the foot."""

    kind: str
    class_: str
    fill: str
    amounts: Sequence[int | None]
    sums: Sequence[float | None]
    below: Sequence[float | None]


def bands_of(history: History, first: str | None) -> list[Band]:
    """Return the kinds of a history from the foot of the stack: the one at fault, then the fixed order. Kinds of
    which there is nothing at any time are left out.
    """
    shown = [kind for kind in PACKED if kind == first or any(history.amounts.get(kind) or ())]
    ordered = [*([first] if first in shown else []), *(kind for kind in shown if kind != first)]
    bands: list[Band] = []
    turn = 0
    below: Sequence[float | None] = [0.0] * len(history.axis.ages)
    for kind in ordered:
        amounts = history.amounts[kind]
        if kind == first:
            class_, fill = "acc", ACCENT
        elif kind in _GREYS:
            class_, fill = _GREYS[kind]
        else:
            class_, fill = _TINTS[turn % 2]
            turn += 1
        # What is not known of one kind leaves the others where they are.
        sums = [None if base is None else base + (amount or 0) for base, amount in zip(below, amounts, strict=True)]
        bands.append(Band(kind, class_, fill, amounts, sums, below))
        below = sums
    return _with_gaps(bands)


def _with_gaps(bands: list[Band]) -> list[Band]:
    """Leave out the moments at which nothing is known of any kind."""
    gaps = [
        all(amount is None for amount in amounts) for amounts in zip(*(band.amounts for band in bands), strict=True)
    ]
    if not any(gaps):
        return bands
    return [
        Band(
            band.kind,
            band.class_,
            band.fill,
            band.amounts,
            [None if gap else total for total, gap in zip(band.sums, gaps, strict=True)],
            band.below,
        )
        for band in bands
    ]


def stacked(title: str, history: History, ahead: Ahead, scrub: str, height: int = HEIGHT) -> str:
    """Return the chart with its legend. *scrub* are the attributes that tell the script which numbers it shows."""
    bands = bands_of(history, ahead.first)
    if not bands:
        return ""
    axis = history.axis
    tops = [total for total in bands[-1].sums if total is not None]
    highest = max(tops, default=1.0)
    limit = ahead.limit_kib
    drawn = limit is not None and limit <= _HIGHEST_LIMIT * highest
    top, ticks = scale(max(highest, limit or 0) if drawn else highest)

    def y(value: float) -> float:
        return height - value / top * height

    paths = [_area(band, axis, y, height) for band in reversed(bands)]
    grid = "".join(f'<path class="grid" stroke="{RULE}" d="M0 {y(tick):.0f}H{WIDE}"/>' for tick in ticks)
    marks = _Marks(axis, height)
    if limit is not None:
        marks.limit(y(limit) if drawn else None, ahead)
    marks.ahead(bands[0], ahead, y)
    marks.since(ahead, y(limit) if drawn and limit is not None else None)
    marks.names(bands, y, y(limit) if drawn and limit is not None else None)
    marks.events(history)
    heights = "".join(
        f'<text class="t-axis" fill="{MUTED}" x="56" y="{y(tick) + 4:.0f}" text-anchor="end">{_tick(tick)}</text>'
        for tick in (0, *ticks)
    )
    label = f"{title}. The numbers are in the table beside it."
    return (
        f'<figure class="stack"><figcaption>{text(title)}{_steps(history)}</figcaption><div class="both">'
        f'<div class="plot"><svg class="ys" width="62" height="{height + 40}" aria-hidden="true" focusable="false">'
        f'{heights}</svg><div class="pane"><svg class="xs" width="100%" height="{height + 40}" role="img" '
        f'aria-label="{text(label)}"><svg width="100%" height="{height}" viewBox="0 0 {WIDE} {height}" '
        f'preserveAspectRatio="none">{"".join(paths)}{grid}{"".join(marks.paths)}<path class="cursor" '
        f'stroke="{INK}" fill="none"/></svg>{"".join(marks.words)}{dates(axis, height + 34)}</svg>'
        f'<input class="scrub" type="range" min="0" max="{len(axis.ages) - 1}" value="{len(axis.ages) - 1}" '
        f'aria-label="{text(f"Moment: {title}")}" data-ahead="{axis.ahead}" {scrub} hidden></div></div>'
        f"{_legend(bands, history, ahead)}</div></figure>"
    )


def _steps(history: History) -> str:
    if not history.step_kib:
        return ""
    return f' <span class="mu">past amounts in steps of {size(history.step_kib * KIB)}</span>'


def _area(band: Band, axis: TimeAxis, y: Callable[[float], float], height: int) -> str:
    """Return a band, drawn down to the ground: the next one covers it, so each has one edge."""
    whole, edge = area(axis, band.sums, y, height)
    return (
        f'<path class="{band.class_}" fill="{band.fill}" d="{whole}"/>'
        f'<path class="edge" d="{edge}" fill="none" stroke="{EDGE}"/>'
    )


class _Marks:
    """What is drawn over a stack: paths in its box, and words beside it."""

    def __init__(self, axis: TimeAxis, height: int) -> None:
        self.axis, self.height = axis, height
        self.paths: list[str] = []
        self.words: list[str] = []

    def say(self, class_: str, fill: str, x: str, y: float, words: str, *, end: bool = False, shift: int = 0) -> None:
        """Add words at a share of the width, *shift* pixels to the right of it."""
        moved = f' dx="{shift}"' if shift else ""
        anchor = ' text-anchor="end"' if end else ""
        self.words.append(
            f'<text class="{class_}" fill="{fill}" x="{x}"{moved} y="{y:.0f}"{anchor}>{html.escape(words)}</text>'
        )

    def limit(self, at: float | None, ahead: Ahead) -> None:
        """Draw the limit, or say that it lies above the chart."""
        if at is None:
            self.say("t-limit halo", LIMIT, "6", 12, f"↑ {ahead.limit_words}, above this chart")
            return
        self.paths.append(limit_line(at))
        # At the left: today's end has the names of the kinds and when the limit is reached.
        self.say("t-limit halo", LIMIT, "6", _beside(at), ahead.limit_words)

    def ahead(self, foot: Band, ahead: Ahead, y: Callable[[float], float]) -> None:
        """Draw the way to the limit from today on."""
        now, left = foot.amounts[-1], ahead.days_left
        goal = None if now is None else ahead.goal_kib(now)
        if foot.class_ != "acc" or now is None or left is None or goal is None or not self.axis.ahead:
            return
        x, end = self.axis.x(0), self.axis.x(-left * DAY)
        self.paths.append(f'<path class="future" stroke="{RULE}" d="M{x:.0f} 0V{self.height}"/>')
        self.paths.append(way_ahead(x, y(now), end, y(goal)))
        if end - x < _LEAST_AHEAD:
            return
        words = f"≈ {later(self.axis.now, left)}".replace(" ", NB)
        self.say("t-ahead halo", INK, percent(end), max(12, y(goal) - 7), words, end=True, shift=8)

    def since(self, ahead: Ahead, limit: float | None) -> None:
        """Draw where growth begins."""
        if ahead.since is None or not 0 < self.axis.x(ahead.since) <= WIDE:
            return
        x = self.axis.x(ahead.since)
        self.paths.append(f'<path class="since" stroke="{INK}" d="M{x:.0f} 0V{self.height}" fill="none"/>')
        right = x > WIDE * 0.6
        below = _beside(limit) + 18 if limit is not None and limit < 40 else 16
        words = f"{ahead.since_words} {self.axis.date(ahead.since)}"
        self.say("t-since halo", INK, percent(x), below, words, end=right, shift=-5 if right else 5)

    def names(self, bands: Sequence[Band], y: Callable[[float], float], limit: float | None) -> None:
        """Write the names of bands that are thick enough today."""
        for band in bands:
            amount, total = band.amounts[-1], band.sums[-1]
            if amount is None or total is None or y(total - amount) - y(total) < _LEAST_BAND:
                continue
            middle = y(total - amount / 2)
            if limit is None or abs(middle - limit) > 18:
                fill = "#fff" if band.class_ == "acc" else INK
                x = percent(self.axis.x(0))
                self.say(f"t-band {band.class_}", fill, x, middle + 4, dimension_label(band.kind), end=True, shift=-8)

    def events(self, history: History) -> None:
        """Mark boots and new kernels below the axis; the first of each kind is named, where there is space."""
        lane, named_until = self.height + 14, -1.0
        for place in history.boots:
            x = self.axis.at(place)
            self.paths.append(boot_line(x, self.height))
            self.words.append(
                f'<svg x="{percent(x)}" y="{self.height + 4}" width="1" height="10" overflow="visible">'
                f'<path class="ev" fill="{INK}" d="M0 0 5 9H-5z"/></svg>'
            )
            if x < named_until:
                continue
            right = x > WIDE * 0.8
            words = "boot, new kernel" if place in history.kernels else "boot"
            self.say("t-ev", MUTED, percent(x), lane, words, end=right, shift=-9 if right else 9)
            named_until = x + WIDE * 0.25


def _tick(kib: float) -> str:
    return size(round(kib * KIB)) if kib else "0"


def _legend(bands: Sequence[Band], history: History, ahead: Ahead) -> str:
    """Return the table of the kinds in the order of the stack: today's amounts, and what was added."""
    axis = history.axis
    start = next((place for place, age in enumerate(axis.ages) if ahead.since is not None and age <= ahead.since), 0)
    rows = [_legend_row(band, start, history.step_kib) for band in reversed(bands)]
    together = bands[-1].sums[-1]
    whole = None if together is None else round(together * KIB)
    return (
        '<table class="legend"><thead><tr><th scope="col">Kind</th><th scope="col" class="num"><span class="day">'
        f'{axis.today}</span></th><th scope="col" class="num">since {axis.date(axis.ages[start])}</th></tr></thead>'
        f'<tbody>{"".join(rows)}</tbody><tfoot><tr><th scope="row">Together</th>'
        f'<td class="num" data-v="all">{size(whole)}</td>'
        "<td></td></tr></tfoot></table>"
    )


def _legend_row(band: Band, start: int, step_kib: int) -> str:
    known = [amount for amount in band.amounts[start:] if amount is not None]
    now = band.amounts[-1]
    grown = 0 if now is None or not known else now - known[0]
    noise = max(KIB, step_kib, 0.005 * (now or 0))
    grew = "" if abs(grown) < noise else ("+" if grown > 0 else "−") + size(abs(grown) * KIB)
    return (
        f'<tr{" class=at" if band.class_ == "acc" else ""}><th scope="row"><svg class="sw" width="14" height="14" '
        f'aria-hidden="true" focusable="false"><rect class="{band.class_}" fill="{band.fill}" width="14" height="14"/>'
        f'<rect class="box" x=".5" y=".5" width="13" height="13" fill="none" stroke="{EDGE}"/></svg> '
        f'{text(dimension_label(band.kind))}</th><td class="num" data-v="{band.kind}">'
        f'{size(None if now is None else now * KIB)}</td><td class="num">{grew}</td></tr>'
    )
