# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The histograms of the page, as SVG. Colours are given twice, as attributes and as classes, so that they stay where
styles are blocked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .parts import FILLS, text

HISTOGRAM, AXIS = "#7b8794", "#545d68"
SMALLEST_PERCENT = 0.001


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
