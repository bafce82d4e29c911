# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all hosts: as HTML for readers without scripts, and the empty frame that the script of the page
fills.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...audit.audit import Audit
from ...audit.consolidated import available_share, days_of
from ...audit.entry import Entry
from ...model.finding import VERDICTS
from ...words.labels import NO_DATA_LABELS, dimension_label
from .parts import DASH, LABELS, NB, Column, left, meter, name, short_name, status, table, text, total

MOST_ROWS = 500
MOST_WORST_ROWS = 200

FRAME = """<div id="finder" hidden>
<form id="filter" role="search" aria-label="Filter the hosts">
<label>Search <input type="search" id="q" placeholder="host, kernel, cause" autocomplete="off"></label>
<fieldset><legend>Verdict</legend>{boxes}</fieldset>
<label>Environment <select id="env"><option value="">all</option></select></label>
<label>Kernel <select id="kernel"><option value="">all</option></select></label>
<label>Finding <select id="finding"><option value="">all</option></select></label>
<details id="chooser"><summary>Columns</summary><div id="columns"></div></details>
</form>
<div class="pager"><p id="info" role="status"></p> <button type="button" id="clear">Show all</button>
<button type="button" id="csv">CSV of these</button>
<label>Rows <select id="per"><option>50</option><option>100</option><option>500</option></select></label>
<button type="button" id="previous">Previous</button> <button type="button" id="next">Next</button></div>
<div class="boxed" id="box">
<table id="table" class="hosts"><thead><tr id="heads"></tr></thead><tbody id="rows"></tbody></table></div>
</div>"""


def all_hosts(audit: Audit, held: Mapping[str, str], ending: str) -> str:
    """Return the table of all hosts, *held* is who holds the memory of some of them; without scripts, of a large
    fleet, only the worst that are not within their limits, and it says so.
    """
    hosts = audit.hosts
    boxes = " ".join(
        f'<label><input type="checkbox" id="verdict-{verdict}" checked> {LABELS[verdict]}</label>'
        for verdict in VERDICTS
    )
    said = f" All names end in <code>{text(ending)}</code>, which is left out." if ending else ""
    heading = (
        f'<section id="hosts"><h2>All hosts <span class="mu">{len(hosts):,}</span></h2>\n<p class="mu">What strikes '
        f"first stands first. Bars and lines of one column have one scale.{said}</p>{FRAME.format(boxes=boxes)}\n"
        '<div id="static">'
    )
    if len(hosts) > MOST_ROWS:
        bad = [host for host in hosts if host.verdict != "ok"]
        shown = bad[:MOST_WORST_ROWS]
        which = f"the {len(bad):,}" if len(shown) == len(bad) else f"{len(shown):,} of the {len(bad):,}"
        note = (
            f"<p>The fleet has more than {MOST_ROWS} hosts, so without JavaScript this table holds only {which} that "
            f"are not within their limits. All {len(hosts):,} are in hosts.csv beside this page.</p>"
        )
    else:
        shown, note = list(hosts), ""
    columns = [
        Column("Host"),
        Column("Verdict"),
        Column("Days left", True),
        Column("Available", True),
        Column("Nearest limit"),
        Column("Held by"),
        Column("Kernel memory", True),
        Column("Environment"),
        Column("Kernel"),
    ]
    rows = [_row(host, held.get(host.name, ""), ending) for host in shown]
    return f"{heading}{note}\n{table('All hosts', columns, rows, 'hosts') if rows else ''}</div></section>"


def _row(host: Entry, holder: str, ending: str) -> list[str]:
    available = available_share(host)
    return [
        short_name(host.name, ending, 40),
        status(host.verdict),
        left(days_of(host)),
        DASH if available is None else percent(available),
        nearest(host),
        text(holder or (NO_DATA_LABELS[host.no_data.reason] if host.no_data else "")),
        total(host),
        name(host.environment),
        name(host.kernel_release or DASH),
    ]


def nearest(host: Entry) -> str:
    """Return the limit of which a host uses most: a bar, the percent and the kind."""
    near = host.nearest
    if near is None:
        return DASH
    class_ = f"f-{host.verdict}" if host.needs_attention else "acc"
    return (
        f'<span class="lim">{meter(near.share, class_)} <span class="pc">{round(100 * near.share, 1):.0f}{NB}%</span> '
        f'<span class="mu">{text(dimension_label(near.dimension))}</span></span>'
    )


def percent(part: float) -> str:
    """Return a share for a column of them: ``22 %``, below 10 with a decimal."""
    return f"{100 * part:.{1 if part < 0.0995 else 0}f}{NB}%"


def coverage(host: Entry) -> str:
    """Return what could be judged on a host, or why nothing could."""
    if host.coverage:
        return host.coverage.text
    return NO_DATA_LABELS[host.no_data.reason] if host.no_data else DASH
