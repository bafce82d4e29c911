# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart over time as a table: what the picture says without seeing it."""

from __future__ import annotations

from ...model.stack import PACKED
from ...text.units import KIB
from ...words.labels import dimension_label
from .parts import size, text
from .stacked import History

_MOST_ROWS = 10


def by_week(name: str, history: History) -> str:
    """Return some samples of a history, the newest first, evenly far apart."""
    axis = history.axis
    kinds = [kind for kind in PACKED if any(history.amounts.get(kind) or ())]
    last = len(axis.ages) - 1
    step = max(1, -(-last // (_MOST_ROWS - 1)))
    places = list(range(last, -1, -step))
    heads = "".join(f'<th scope="col" class="num">{text(dimension_label(kind))}</th>' for kind in kinds)
    rows = "".join(
        f'<tr><th scope="row">{axis.today if place == last else axis.date(axis.ages[place])}</th>'
        + "".join(f'<td class="num">{_size(history.amounts[kind][place])}</td>' for kind in kinds)
        + "</tr>"
        for place in places
    )
    return (
        '<details class="week"><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{text(f"Numbers of {name}")}"><table><thead><tr><th scope="col">Moment</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _size(kib: int | None) -> str:
    return size(None if kib is None else kib * KIB)
