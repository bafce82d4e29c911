# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heat map: the worst hosts by the days of the last audits, each cell the share of its limit that was used.

Value by limit lets hosts of one cause be seen together: what began on one day is one edge down the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...audit.outlooks import Ahead as HostAhead
from ...words.labels import dimension_label
from .axis import EDGE, INK, WIDE, TimeAxis, dates
from .host_history import history_of, used_series
from .parts import NB, Column, as_table, host_link, left, plain, short_name, text

MOST_HOSTS = 30
ROW = 24
LEVELS = (
    ("h0", "#f1f4f7", f"below 25{NB}%"),
    ("h1", "#c2d8f2", f"25 to 50{NB}%"),
    ("h2", "#86b2e6", f"50 to 75{NB}%"),
    ("h3", "#3f7fca", f"75 to 100{NB}%"),
    ("h4", "#b3201a", "over the critical limit"),
)
_DEAD = 0.02
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The columns of the map, in minutes before this audit, and its rows."""

    ages: tuple[int, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, now: str, worst: Sequence[HostAhead]) -> HeatMap:
        """Return the map of those hosts that have a past and a limit, in the order of *worst*."""
        found = [one for one in worst if one.host.past is not None][: 2 * MOST_HOSTS]
        counted = Counter(one.host.past.ages for one in found if one.host.past is not None)
        if not counted:
            return cls((), ())
        common = max(counted, key=lambda ages: (counted[ages], len(ages), ages))
        columns = tuple(int(age) for age in common.split(","))
        rows = [row for row in (_row(one, now, columns) for one in found) if row is not None]
        return cls(columns, tuple(rows[:MOST_HOSTS]))


@dataclass(frozen=True, slots=True)
class Row:
    """A host of the map: the share of its limit at each column, and the columns of its boots and new kernels."""

    ahead: HostAhead
    shares: tuple[float | None, ...]
    boots: tuple[int, ...]
    kernels: tuple[int, ...]


def level(share: float) -> int:
    """Return the place of a share among ``LEVELS``."""
    return 4 if share >= 1 else min(3, int(share * 4))


def settled(shares: Sequence[float | None]) -> list[int | None]:
    """Return the levels of some shares; one holds until the share has left it by two points, so that noise at a
    border draws no pattern.
    """
    out: list[int | None] = []
    now: int | None = None
    for share in shares:
        if share is not None and (now is None or now not in (level(share), level(share - _DEAD), level(share + _DEAD))):
            now = level(share)
        out.append(None if share is None else now)
    return out


def heat(now: str, map_: HeatMap, ending: str) -> str:
    """Return the section; nothing where fewer than two hosts have a past and a limit."""
    rows = map_.rows
    if len(rows) < _FEWEST:
        return ""
    axis = TimeAxis(now, map_.ages)
    order = (
        '<p class="controls" hidden><label>Order <select id="heat-order"><option value="0">what strikes first</option>'
        '<option value="1">when it began</option><option value="2">cause</option><option value="3">kernel</option>'
        '</select></label> <output id="heat-say">Point at a cell, or focus the picture and use the arrow keys.'
        "</output></p>"
    )
    return (
        f'<section id="days"><h2>Hosts by days <span class="mu">the worst {len(rows)}</span></h2><p class="mu">Each '
        "cell is one audit: how much of its critical limit the dimension at fault used. Rows that darken together "
        "began together.</p>"
        f"{order}{_key()}{_map(rows, axis, ending)}{_table(rows, axis, ending)}</section>"
    )


def _row(ahead: HostAhead, now: str, columns: Sequence[int]) -> Row | None:
    host, limit = ahead.host, ahead.limit_bytes
    history = history_of(host, now)
    if history is None or not limit:
        return None
    amounts = used_series(host, history, ahead.outlook.dimension)
    if all(amount is None for amount in amounts):
        return None
    places = [_nearest(column, history.axis.ages, columns) for column in columns]
    shares = [None if place is None else amounts[place] for place in places]
    return Row(
        ahead,
        tuple([None if one is None else one * 1024 / limit for one in shares]),
        tuple([column for column, place in enumerate(places) if place in history.boots]),
        tuple([column for column, place in enumerate(places) if place in history.kernels]),
    )


def _nearest(column: int, ages: Sequence[int], columns: Sequence[int]) -> int | None:
    """Return the place of the sample that stands in a column; None where none is near."""
    apart = max(1, (columns[0] - columns[-1]) // max(1, len(columns) - 1))
    place = min(range(len(ages)), key=lambda one: abs(ages[one] - column))
    return place if abs(ages[place] - column) <= apart / 2 else None


def _map(rows: Sequence[Row], axis: TimeAxis, ending: str) -> str:
    cell = WIDE / len(axis.ages)
    high = len(rows) * ROW
    drawn = "".join(
        f'<g class="r" transform="translate(0 {place * ROW})">{_cells(row, cell)}</g>' for place, row in enumerate(rows)
    )
    names = "".join(f"<li>{host_link(row.ahead.host.name, ending, 21)}</li>" for row in rows)
    lefts = "".join(f"<li{' class=soon' if row.ahead.outlook.is_soon else ''}>{_left(row)}</li>" for row in rows)
    audits = f"{len(rows)} hosts by {len(axis.ages)} audits"
    label = f"{audits}: the share of its critical limit that each used; the table has numbers."
    return (
        f'<div class="heat" id="heat"><ol class="hn">{names}</ol><div class="pane"><svg class="xs" id="heat-map" '
        f'width="100%" height="{high}" viewBox="0 0 {WIDE} {high}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{drawn}<rect class="hx" fill="none" stroke="{INK}" width="{cell:.2f}" height="{ROW}" '
        f'visibility="hidden"/></svg><svg class="xs" width="100%" height="18" aria-hidden="true" focusable="false">'
        f'{dates(axis, 12, cell)}</svg></div><ol class="hl">{lefts}</ol></div>'
    )


def _left(row: Row) -> str:
    outlook = row.ahead.outlook
    return left(outlook.days_left) if outlook.days_left is not None else outlook.left


def _cells(row: Row, cell: float) -> str:
    """Return a row: one path for each level that it has."""
    levels = settled(row.shares)
    paths: dict[int | None, str] = {}
    at = 0
    while at < len(levels):
        end = at
        while end < len(levels) and levels[end] == levels[at]:
            end += 1
        wide = (end - at) * cell
        paths[levels[at]] = paths.get(levels[at], "") + f"M{at * cell:.1f} 1h{wide:.1f}v{ROW - 2}h-{wide:.1f}z"
        at = end
    drawn = ""
    for number, (class_, fill, _words) in enumerate(LEVELS):
        if number in paths:
            drawn += f'<path class="{class_}" fill="{fill}" d="{paths[number]}"/>'
    if None in paths:
        drawn += f'<path fill="url(#p-gap)" d="{paths[None]}"/>'
    boots = "".join(f"M{place * cell:.1f} 1v{ROW - 2}" for place in row.boots)
    kernels = "".join(f"M{place * cell:.1f} 6l6 6-6 6-6-6z" for place in row.kernels)
    if boots:
        drawn += f'<path class="hb halo" stroke="#fff" d="{boots}"/><path class="hb" stroke="{INK}" d="{boots}"/>'
    return drawn + (f'<path class="hk" fill="{INK}" d="{kernels}"/>' if kernels else "")


def _key() -> str:
    """Return what the colours and marks mean."""
    box = f'<rect class="box" x=".5" y=".5" width="13" height="13" fill="none" stroke="{EDGE}"/>'
    items = [
        _swatch(f'<rect class="{class_}" fill="{fill}" width="14" height="14"/>{box}') + f" {words}"
        for class_, fill, words in LEVELS
    ]
    items.append(_swatch('<rect fill="url(#p-gap)" width="14" height="14"/>') + " no data")
    items.append(_swatch(f'<path class="hb" stroke="{INK}" d="M3 0v14"/>', 6) + " boot")
    items.append(_swatch(f'<path class="hk" fill="{INK}" d="M6 2l5 5-5 5-5-5z"/>', 12) + " new kernel")
    return '<ul class="key">' + "".join(f"<li>{item}</li> " for item in items) + "</ul>"


def _swatch(inside: str, width: int = 14) -> str:
    return f'<svg width="{width}" height="14" aria-hidden="true" focusable="false">{inside}</svg>'


def _table(rows: Sequence[Row], axis: TimeAxis, ending: str) -> str:
    """Return the map without seeing it: some columns of each row."""
    last = len(axis.ages) - 1
    spots = sorted({0, last // 2, last * 3 // 4, max(0, last - 7), last})
    moments = [axis.date(axis.ages[spot]).replace(NB, " ") if spot != last else axis.today for spot in spots]
    columns = [Column("Host"), Column("Kind"), *(Column(moment, True) for moment in moments), Column("Boots")]
    cells = [
        [
            short_name(row.ahead.host.name, ending),
            text(dimension_label(row.ahead.outlook.dimension)),
            *(_percent(row.shares[spot]) for spot in spots),
            ", ".join(axis.date(axis.ages[place]) for place in row.boots) or "none",
        ]
        for row in rows
    ]
    return as_table("Hosts by days as a table", columns, cells)


def _percent(share: float | None) -> str:
    return "no data" if share is None else f"{100 * share:.0f}{NB}%"


def heat_data(map_: HeatMap) -> dict[str, object] | None:
    """Return what the script says of a cell: of each row its host, since when, its cause, its kernel, its percents."""
    if len(map_.rows) < _FEWEST:
        return None
    listed = [
        [
            plain(row.ahead.host.name),
            row.ahead.outlook.since or "",
            f"{row.ahead.outlook.dimension} {plain(row.ahead.outlook.pattern or row.ahead.outlook.holder)}",
            plain(row.ahead.host.kernel_release or ""),
            [None if share is None else round(100 * share) for share in row.shares],
        ]
        for row in map_.rows
    ]
    return {"ages": map_.ages, "rows": listed}
