# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all hosts: as HTML for readers without scripts, and the empty frame that the script of the page
fills.
"""

from __future__ import annotations

from ...audit.audit import Audit
from ...audit.entry import Entry
from ...dimensions.table import DIMENSIONS, TABLE
from ...model.finding import VERDICTS
from ...words.labels import NO_DATA_LABELS, VERDICT_LABELS
from .parts import DASH, Column, name, share, size, status, table, text, total

MOST_ROWS = 500
MOST_WORST_ROWS = 200

FRAME = """<div id="finder" hidden>
<form id="filter" role="search" aria-label="Filter the hosts">
<label>Search <input type="search" id="q" placeholder="host, kernel …" autocomplete="off" spellcheck="false"></label>
<fieldset><legend>Verdict</legend>{boxes}</fieldset>
<label>Environment <select id="env"><option value="">all</option></select></label>
<label>Kernel <select id="kernel"><option value="">all</option></select></label>
<label>Finding <select id="finding"><option value="">all</option></select></label>
</form>
<div class="pager"><p id="info" role="status"></p> <button type="button" id="clear">Show all</button>
<label>Rows <select id="per"><option>50</option><option>100</option><option>500</option></select></label>
<button type="button" id="previous">Previous</button> <button type="button" id="next">Next</button></div>
<div class="scroll" tabindex="0" role="region" aria-label="All hosts">
<table id="table" class="wide"><thead><tr id="heads"></tr></thead><tbody id="rows"></tbody></table></div>
</div>"""


def all_hosts(audit: Audit) -> str:
    """Return the table of all hosts; without scripts, of a large fleet, only the worst that are not OK, and it says
    so.
    """
    hosts = audit.hosts
    boxes = " ".join(
        f'<label><input type="checkbox" id="verdict-{verdict}" checked> {VERDICT_LABELS[verdict]}</label>'
        for verdict in VERDICTS
    )
    heading = (
        '<section id="hosts"><h2>All hosts <span '
        f'class="mu">{len(hosts):,}</span></h2>\n{FRAME.format(boxes=boxes)}\n<div id="static">'
    )
    if len(hosts) > MOST_ROWS:
        bad = [host for host in hosts if host.verdict != "ok"]
        shown = bad[:MOST_WORST_ROWS]
        which = f"the {len(bad):,}" if len(shown) == len(bad) else f"{len(shown):,} of the {len(bad):,}"
        note = (
            f"<p>The fleet has more than {MOST_ROWS} hosts, so without JavaScript this table holds only {which} that "
            "are not OK. "
            f"All {len(hosts):,} are in hosts.csv beside this page.</p>"
        )
    else:
        shown, note = (
            list(hosts),
            '<p class="mu">Worst first. The columns from unreclaimable slab to other counted add up to the kernel '
            "memory.</p>",
        )
    columns = [
        Column("Host"),
        Column("Verdict"),
        Column("Environment"),
        Column("Kernel"),
        Column("RAM", True),
        Column("Kernel memory", True),
        Column("Of RAM", True),
        Column("Unreclaimable", True),
        *(Column(TABLE[key].label, True) for key in DIMENSIONS),
        Column("Coverage"),
    ]
    rows = table("All hosts", columns, [_row(host) for host in shown], "wide") if shown else ""
    return f"{heading}{note}\n{rows}</div></section>"


def _row(host: Entry) -> list[str]:
    memory = host.memory_total_bytes
    return [
        name(host.name),
        status(host.verdict),
        name(host.environment),
        name(host.kernel_release or DASH),
        size(memory),
        total(host),
        share(host.kernel_total_bytes, memory),
        size(host.kernel_unreclaimable_bytes),
        *(size(host.amount(key)) for key in DIMENSIONS),
        text(coverage(host)),
    ]


def coverage(host: Entry) -> str:
    """Return what could be judged on a host, or why nothing could."""
    if host.coverage:
        return host.coverage.text
    return NO_DATA_LABELS[host.no_data.reason] if host.no_data else DASH
