# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two small charts over the runs of a fleet: a few lines, each named at its end, and hosts by verdict in columns."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

from .axis import ACCENT, INK, MUTED, RULE, WIDE, TimeAxis, area, dates
from .parts import FILLS, NB, text

_HEIGHT = 96
_BELOW = 22
STACKED = ("critical", "warning", "unknown")
"""The verdicts that are drawn, from the foot: of most fleets the others are nearly all of the height."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line, and its name."""

    name: str
    values: Sequence[float | None]


def lines(curves: Sequence[Curve], axis: TimeAxis, label: str, unit: str) -> str:
    """Return some curves on one axis from 0; nothing where nothing is known."""
    known = [value for curve in curves for value in curve.values if value is not None]
    if not known:
        return ""
    top, ticks = _scale(max(known))

    def y(value: float) -> float:
        return _HEIGHT - max(0.0, value) / top * _HEIGHT

    drawn = ""
    for number, curve in enumerate(curves):
        _area, path = area(axis, curve.values, y, _HEIGHT)
        colour = ACCENT if number == 0 else MUTED
        drawn += f'<path class="line c{number}" fill="none" stroke="{colour}" d="{path}"/>'
    last = sorted(
        (y(value), f"{curve.name} {value:.{1 if value < 9.95 else 0}f}{NB}{unit}")
        for curve in curves
        for value in curve.values[-1:]
        if value is not None
    )
    ends = "".join(
        f'<text class="t-axis ink" fill="{INK}" x="4" y="{at:.0f}">{html.escape(shown)}</text>'
        for at, (_at, shown) in zip(_apart([at + 4 for at, _shown in last]), last, strict=True)
    )
    names = f'<svg class="ye" width="174" height="{_HEIGHT + _BELOW}" aria-hidden="true" focusable="false">{ends}</svg>'
    return _plot(axis, label, drawn, ticks, y, f"{NB}{unit}", after=names)


def verdict_columns(counts: Sequence[Sequence[int]], axis: TimeAxis, label: str) -> str:
    """Return hosts by the verdicts of ``STACKED`` at each run, as columns."""
    highest = max((sum(run) for run in counts), default=0) or 1
    top, ticks = _scale(highest, whole=True)

    def y(value: float) -> float:
        return _HEIGHT - value / top * _HEIGHT

    cell = WIDE / len(counts)
    paths = dict.fromkeys(STACKED, "")
    for place, run in enumerate(counts):
        ground = float(_HEIGHT)
        for verdict, hosts in zip(STACKED, run, strict=True):
            tall = hosts / top * _HEIGHT
            if hosts:
                left, wide = place * cell + cell * 0.1, cell * 0.8
                paths[verdict] += f"M{left:.1f} {ground:.1f}v-{tall:.1f}h{wide:.1f}v{tall:.1f}z"
            ground -= tall
    drawn = "".join(f'<path class="f-{one}" fill="{FILLS[one]}" d="{path}"/>' for one, path in paths.items())
    scrub = (
        f'<input class="scrub" type="range" min="0" max="{len(counts) - 1}" value="{len(counts) - 1}" '
        'aria-label="Run: hosts by verdict" data-runs="1" hidden>'
    )
    return _plot(axis, label, drawn + f'<path class="cursor" stroke="{INK}" fill="none"/>', ticks, y, "", scrub)


def _plot(
    axis: TimeAxis,
    label: str,
    drawn: str,
    ticks: Sequence[float],
    y: Callable[[float], float],
    unit: str,
    scrub: str = "",
    after: str = "",
) -> str:
    grid = "".join(f'<path class="grid" stroke="{RULE}" d="M0 {y(tick):.0f}H{WIDE}"/>' for tick in ticks if tick)
    heights = "".join(
        f'<text class="t-axis" fill="{MUTED}" x="56" y="{max(10.0, y(tick) + 4):.0f}" text-anchor="end">'
        f"{tick:,.10g}{unit}</text>"
        for tick in ticks
    )
    return (
        f'<div class="plot{" ends" if after else ""}"><svg class="ys" width="62" height="{_HEIGHT + _BELOW}" '
        f'aria-hidden="true" focusable="false">{heights}</svg><div class="pane"><svg class="xs" width="100%" '
        f'height="{_HEIGHT + _BELOW}" role="img" aria-label="{text(label)}"><svg width="100%" height="{_HEIGHT}" '
        f'viewBox="0 0 {WIDE} {_HEIGHT}" preserveAspectRatio="none">{grid}{drawn}</svg>'
        f"{dates(axis, _HEIGHT + 16)}</svg>{scrub}</div>{after}</div>"
    )


def _scale(highest: float, whole: bool = False) -> tuple[float, list[float]]:
    """Return the top of an axis and its ticks from 0 on: at most five, at 1, 2 or 5 times a power of ten."""
    step = 1.0 if whole else 0.1
    farther = cycle((2, 2.5, 2))
    while highest > 4 * step:
        step *= next(farther)
    return max(highest, step) * 1.1, [number * step for number in range(int(highest / step + 1e-9) + 1)]


def _apart(heights: Sequence[float]) -> list[float]:
    """Return places for words at these heights, from the top down, so that none lies on another or is cut."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, 11.0, placed[-1] + 14 if placed else 0.0))
    overhang = max(0.0, placed[-1] - _HEIGHT - _BELOW + 4) if placed else 0.0
    return [height - overhang for height in placed]
