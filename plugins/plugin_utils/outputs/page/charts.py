# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of the page, as SVG. Colours are given twice, as attributes and as classes, so that they stay where
styles are blocked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...audit.entry import Entry
from ...audit.trend import Trend
from ...dimensions.table import TOTAL
from ...text.units import KIB
from ...words.labels import dimension_label
from .parts import FILLS, size, text

BAND, LINE, HISTOGRAM, AXIS = "#d4dde6", "#1a1f26", "#7b8794", "#545d68"
SMALLEST_PERCENT = 0.001


def trend_at_fault(host: Entry) -> Trend | None:
    """Return the trend of what a host's first finding with a history is about, or of all that can't be reclaimed."""
    wanted = [*(finding.dimension for finding in host.findings), TOTAL]
    return next(filter(None, (host.details.trend_of(dimension) for dimension in wanted)), None)


def sparkline(trend: Trend, width: int = 150, height: int = 34) -> str:
    """Return a line through the values, one step each, over a band that is the usual range."""
    low, high = trend.bounds
    scale = (height - 4) / ((high - low) or 1)
    step = (width - 6) / (len(trend.amounts) - 1)

    def across(place: int) -> float:
        return 3 + place * step

    def down(amount: int) -> float:
        return height - 2 - (amount - low) * scale

    parts = []
    if trend.low is not None and trend.high is not None:
        top, bottom = down(trend.high), down(trend.low)
        parts.append(
            f'<rect class="band" fill="{BAND}" y="{top:.1f}" width="{width}" height="{max(1.5, bottom - top):.1f}"/>'
        )
    for run in _runs(trend.amounts):
        points = " ".join(f"{across(place):.1f},{down(amount):.1f}" for place, amount in run)
        parts.append(f'<polyline class="line" fill="none" stroke="{LINE}" points="{points}"/>')
    place, amount = max((place, amount) for place, amount in enumerate(trend.amounts) if amount is not None)
    parts.append(f'<circle class="dot" fill="{LINE}" cx="{across(place):.1f}" cy="{down(amount):.1f}" r="2.5"/>')
    return (
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{trend_words(trend)}">{"".join(parts)}</svg>'
    )


def _runs(amounts: Sequence[int | None]) -> list[list[tuple[int, int]]]:
    """Return the stretches of known values, each value with its place; a gap is never bridged."""
    runs: list[list[tuple[int, int]]] = [[]]
    for place, amount in enumerate(amounts):
        if amount is None:
            runs.append([])
        else:
            runs[-1].append((place, amount))
    return [run for run in runs if len(run) > 1]


def trend_words(trend: Trend) -> str:
    """Return what a sparkline shows, as escaped text."""
    known = trend.known
    words = (
        f"{dimension_label(trend.dimension)} from {size(known[0] * KIB)} on {trend.since} to "
        f"{size(known[-1] * KIB)} now"
    )
    if trend.low is None or trend.high is None:
        return text(words)
    return text(f"{words}; usually {size(trend.low * KIB)} to {size(trend.high * KIB)}")


class Point(NamedTuple):
    """One host in a histogram: its share of RAM in percent and the severity of its finding, if any."""

    percent: float
    severity: str | None


def histogram(label: str, points: Sequence[Point], width: int = 240, height: int = 84, bins: int = 40) -> str:
    """Return how many hosts have which share of RAM: a logarithmic scale, and heights that are square roots, so that
    one host is seen.
    """
    logs = [math.log10(max(SMALLEST_PERCENT, point.percent)) for point in points]
    low = min(logs)
    high = max(max(logs) + 0.01, low + 0.1)
    counted = [{"critical": 0, "warning": 0, "all": 0} for _unused in range(bins)]
    for at, point in zip(logs, points, strict=True):
        bin_ = counted[min(bins - 1, int((at - low) / (high - low) * bins))]
        bin_["all"] += 1
        if point.severity in bin_:
            bin_[point.severity] += 1
    tallest = max(math.sqrt(bin_["all"]) for bin_ in counted)
    parts = [
        _column(
            number * width / bins,
            width / bins - 0.8,
            math.sqrt(bin_["all"]) / tallest * (height - 20),
            height - 16,
            bin_,
        )
        for number, bin_ in enumerate(counted)
        if bin_["all"]
    ]
    scale = [(float(exponent), f"{10.0**exponent:g} %") for exponent in range(math.ceil(low), math.floor(high) + 1)]
    if len(scale) < 2:
        # Less than two powers of ten do not make a scale, so its ends are named.
        scale = [(low, f"{10.0**low:.2g} %"), (high, f"{10.0**high:.2g} %")]
    ticks = "".join(_tick(words, (at - low) / (high - low) * width, width, height) for at, words in scale)
    return (
        f'<svg class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{text(label)}">{"".join(parts)}{ticks}</svg>'
    )


def _column(left: float, width: float, tall: float, ground: float, bin_: Mapping[str, int]) -> str:
    """Return one column: its hosts with findings are coloured at the top, never thinner than can be seen."""
    tall = max(3.0, tall)
    parts = [
        f'<rect class="column" fill="{HISTOGRAM}" x="{left:.1f}" y="{ground - tall:.1f}" width="{width:.1f}" '
        f'height="{tall:.1f}"/>'
    ]
    top = ground - tall
    for severity in ("critical", "warning"):
        if bin_[severity]:
            part = min(ground - top, max(3.0, tall * bin_[severity] / bin_["all"]))
            parts.append(
                f'<rect class="f-{severity}" fill="{FILLS[severity]}" x="{left:.1f}" y="{top:.1f}" '
                f'width="{width:.1f}" height="{part:.1f}"/>'
            )
            top += part
    return "".join(parts)


def _tick(words: str, across: float, width: int, height: int) -> str:
    anchor = "start" if across < 16 else "end" if across > width - 16 else "middle"
    return (
        f'<path class="tick" stroke="{AXIS}" d="M{across:.1f} {height - 16}v3"/>'
        f'<text class="axis" fill="{AXIS}" font-size="11" text-anchor="{anchor}" x="{across:.1f}" '
        f'y="{height - 2}">{words}</text>'
    )
