# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small chart of a cause: the dimension at fault alone, on an axis from 0, with its limit and the way there."""

from __future__ import annotations

from collections.abc import Sequence

from ...text.units import KIB
from .axis import ACCENT, DAY, INK, LIMIT, MUTED, WIDE, area, boot_line, limit_line, percent, way_ahead
from .parts import size, text
from .stacked import Ahead, History

_HEIGHT, _PAD = 84, 16


def grower(label: str, history: History, amounts: Sequence[int | None], ahead: Ahead) -> str:
    """Return the chart of *amounts* in KiB; nothing where none is known."""
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return ""
    axis, limit = history.axis, ahead.limit_kib
    drawn = limit is not None and limit <= 20 * max(known)
    top = 1.02 * max(1, *known, (limit or 0) if drawn else 0)

    def y(value: float) -> float:
        return _PAD + (_HEIGHT - _PAD) * (1 - value / top)

    whole, edge = area(axis, amounts, y, _HEIGHT)
    parts = [
        f'<path class="soft" fill="#cfe0f4" d="{whole}"/><path class="line" fill="none" stroke="{ACCENT}" d="{edge}"/>'
    ]
    words = []
    if limit is not None:
        at = y(limit) if drawn else 10
        if drawn:
            parts.append(limit_line(at))
        amount = size(limit * KIB)
        said = f"limit {amount}" if drawn else f"↑ limit {amount}"
        words.append(f'<text class="t-limit halo" fill="{LIMIT}" x="2" y="{max(11.0, at - 5):.0f}">{said}</text>')
        now, left = amounts[-1], ahead.days_left
        goal = None if now is None else ahead.goal_kib(now)
        if now is not None and left is not None and goal is not None and axis.ahead:
            parts.append(way_ahead(axis.x(0), y(now), axis.x(-left * DAY), y(goal)))
    parts += [boot_line(axis.at(place), _HEIGHT) for place in history.boots]
    return (
        f'<svg class="xs grower" width="100%" height="{_HEIGHT + 18}" role="img" aria-label="{text(label)}"><svg '
        f'width="100%" height="{_HEIGHT}" viewBox="0 0 {WIDE} {_HEIGHT}" preserveAspectRatio="none">{"".join(parts)}'
        f"</svg>{''.join(words)}{_dates(history, ahead)}</svg>"
    )


def _dates(history: History, ahead: Ahead) -> str:
    """Return the ends of the axis and where growth begins."""
    axis, y = history.axis, _HEIGHT + 14
    words = (
        f'<text class="t-axis" fill="{MUTED}" x="{percent(axis.x(0))}" y="{y}" text-anchor="end">{axis.today}</text>'
    )
    begun = None if ahead.since is None else axis.x(ahead.since)
    if begun is None or not 0 < begun <= WIDE:
        return words + f'<text class="t-axis" fill="{MUTED}" x="0" y="{y}">{axis.date(axis.ages[0])}</text>'
    if begun < axis.x(0) - WIDE * 0.22:
        anchor = "start" if begun < WIDE * 0.1 else "middle"
        words += (
            f'<text class="t-axis ink" fill="{INK}" x="{percent(begun)}" y="{y}" text-anchor="{anchor}">'
            f"{axis.date(ahead.since or 0)}</text>"
        )
    if begun > WIDE * 0.3:
        words += f'<text class="t-axis" fill="{MUTED}" x="0" y="{y}">{axis.date(axis.ages[0])}</text>'
    mark = f'<path class="ev" fill="{INK}" d="M0 -7V3H1V-7z"/>'
    return words + f'<svg x="{percent(begun)}" y="{_HEIGHT}" width="1" height="6" overflow="visible">{mark}</svg>'
