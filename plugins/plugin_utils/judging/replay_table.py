# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A replay as plain data, as a table, and as a small page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape

from ..model.plain import Json, plain
from ..text.safe import defused, visible
from .replay import Replay

MOST_ALARMS = 1000
_STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em}"
    "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top}"
    "th,td{padding:.3em .8em;border-bottom:1px solid #ccc}"
)
COLUMNS = ("day", "host", "dimension", "kind", "severity", "explanation")


def summary(found: Replay) -> dict[str, Json]:
    """Return a replay as plain data; of its alarms the first thousand."""
    return {
        "hosts": found.hosts,
        "samples": found.samples,
        "host_days": found.host_days,
        "rates": plain(found.rates()),
        "days": plain(found.by_day()),
        "alarms": plain(found.alarms[:MOST_ALARMS]),
    }


def alarms_csv(found: Replay) -> str:
    """Return every alarm as a row of CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect="excel", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for alarm in found.alarms:
        writer.writerow([defused(getattr(alarm, name)) for name in COLUMNS])
    return out.getvalue()


def page(found: Replay, title: str, remarks: Sequence[str]) -> str:
    """Return a replay as a page that needs nothing else: what it came to, the days with new alarms, and each alarm."""
    rates = ", ".join(f"{name}: {'no day' if rate is None else rate}" for name, rate in found.rates().items())
    days = ((one.day, one.warning, one.critical, ", ".join(one.hosts)) for one in found.by_day())
    alarms = (tuple(getattr(alarm, name) for name in COLUMNS) for alarm in found.alarms)
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            f"<title>{_shown(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_shown(title)}</h1>",
            f"<p>{found.hosts:,} hosts, {found.samples:,} samples, {found.host_days:,} host-days; "
            f"{len(found.alarms):,} new alarms. For 1,000 host-days: {_shown(rates)}.</p>",
            *(f"<p>{_shown(remark)}</p>" for remark in remarks),
            "<h2>Days</h2>",
            _table(("day", "warning", "critical", "hosts"), days),
            "<h2>Alarms</h2>",
            _table(COLUMNS, alarms),
            "</body></html>\n",
        ]
    )


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f'<th scope="col">{_shown(name)}</th>' for name in names)
    body = "\n".join(f"<tr>{''.join(f'<td>{_shown(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _shown(text: object) -> str:
    return escape(visible(str(text)))
