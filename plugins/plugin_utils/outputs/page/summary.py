# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands around the sections of the page: its bar and its contents, the environments, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...audit.audit import Audit
from ...audit.consolidated import Counts
from ...dimensions.table import DIMENSIONS, TABLE
from ...model.finding import VERDICTS
from ...words.labels import BOUND_LABELS, hosts_phrase
from .changes import history_line
from .parts import LABELS, Column, name, share_bar, show, table, text, when
from .verdict import SECTION_OF

SECTIONS = {
    "verdict": "Verdict",
    "changes": "What changed",
    "investigation": "Who makes it grow",
    "attention": "Needs attention",
    "host": "The host",
    "days": "Hosts by days",
    "environments": "Environments",
    "time": "The fleet over time",
    "no-data": "No data",
    "hosts": "All hosts",
    "fleet": "Across the fleet",
    "compare": "By kernel",
    "caches": "Slab caches",
    "limits": "Limits",
    "how": "How to read this",
}
MOST_ENVIRONMENTS = 6
"""More of them are folded, but for those with trouble."""


def masthead(audit: Audit) -> str:
    """Return the bar at the top: what this is, of when, of what."""
    hosts, environments = audit.counts.all.total, len(audit.counts.by_environment)
    where = "1 environment" if environments == 1 else f"{environments:,} environments"
    meta = [
        f"{hosts_phrase(hosts)} in {where}",
        f"limits &ldquo;{text(audit.policy.name)}&rdquo;",
        text(history_line(audit)),
    ]
    return (
        f'<header class="top"><p><b>Kernel memory audit</b> <span class="mu">{when(audit.generated_at)} '
        f'<span class="opt">· {" · ".join(part for part in meta if part)}</span></span></p><p class="tools">'
        '<button type="button" id="link" class="copy" data-copy="" hidden>Copy link</button> '
        '<button type="button" id="theme" hidden>Dark</button></p></header>'
    )


def contents(audit: Audit, sections: Mapping[str, str]) -> str:
    """Return the links to the sections, with the numbers of hosts."""
    counts = audit.counts.all
    numbers = {"attention": counts.critical + counts.warning, "no-data": counts.unknown, "hosts": counts.total}
    links = "".join(
        f'<li><a href="#{anchor}">{SECTIONS[anchor]}{_number(numbers.get(anchor))}</a></li> '
        for anchor in SECTIONS
        if anchor in sections
    )
    return f'<nav class="side" aria-label="Contents"><ul>{links}</ul></nav>'


def _number(number: int | None) -> str:
    return f" <span>{number:,}</span>" if number else ""


def environments(audit: Audit) -> str:
    """Return the counts by environment, those with most trouble first."""
    by_environment = audit.counts.by_environment
    ordered = sorted(
        by_environment, key=lambda one: ([-by_environment[one].of(verdict) for verdict in VERDICTS[:3]], one)
    )
    if len(ordered) == 1:
        return ""
    troubled = [one for one in ordered if any(by_environment[one].of(verdict) for verdict in VERDICTS[:3])]
    shown = ordered if len(ordered) <= MOST_ENVIRONMENTS else troubled[:MOST_ENVIRONMENTS]
    rest = [one for one in ordered if one not in shown]
    rows = [_environment_row(name(one), by_environment[one], one) for one in shown]
    rows.append(_environment_row("All", audit.counts.all))
    columns = [
        Column("Environment"),
        *(Column(LABELS[verdict], True) for verdict in VERDICTS),
        Column("Hosts", True),
        Column("Share"),
    ]
    filled = table("Hosts by environment", columns, rows, "totals")
    return (
        f'<section id="environments"><h2>Environments <span class="mu">{len(ordered):,}</span></h2>\n{filled}'
        f"{_folded(rest, by_environment, columns)}</section>"
    )


def _folded(rest: Sequence[str], counts: Mapping[str, Counts], columns: Sequence[Column]) -> str:
    if not rest:
        return ""
    bad = sum(1 for one in rest if counts[one].ok < counts[one].total)
    words = f"{len(rest):,} more" + (f", {bad:,} with trouble" if bad else ", all within their limits")
    rows = [_environment_row(name(one), counts[one], one) for one in rest]
    return f"<details><summary>{words}</summary>{table('More environments', columns, rows)}</details>"


def _environment_row(title: str, counts: Counts, environment: str | None = None) -> list[str]:
    where = {} if environment is None else {"environment": environment}
    cells = [
        f'<a class="{verdict}" href="#{SECTION_OF[verdict]}" {show(verdict=verdict, **where)}>'
        f"{counts.of(verdict):,}</a>"
        if counts.of(verdict)
        else '<span class="nil">0</span>'
        for verdict in VERDICTS
    ]
    return [title, *cells, f"{counts.total:,}", share_bar(counts)]


def how_to_read(audit: Audit) -> str:
    """Return the meaning of the words on the page."""
    meanings = "".join(f"<dt>{text(TABLE[key].label)}</dt><dd>{text(TABLE[key].sentence)}</dd>" for key in DIMENSIONS)
    bounds = "".join(
        f"<li>{sign} {text(BOUND_LABELS[bound])}</li>" for bound, sign in (("lower", "≥"), ("estimate", "≈"))
    )
    notes = "".join(f"<li>{text(note)}</li>" for note in audit.notes)
    history = HISTORY_MEANING if any(host.has_trend for host in audit.hosts) else ""
    return f"""<section id="how"><h2>How to read this</h2>
<p>Kernel memory is memory that the Linux kernel uses for itself. No process list shows it. The kinds below, all but the
last, add up to
the kernel memory of a host; <em>unreclaimable</em> is that sum less what the kernel gives back when memory runs short.
Each kind that has a limit is judged by itself, and so is the unreclaimable sum.</p>
<dl class="meanings">{meanings}</dl>
<ul>{bounds}<li>{DASH_MEANING}</li><li>Coverage says how many of the kinds could be judged on a host.</li>{history}</ul>
{f"<h3>Notes on this run</h3><ul>{notes}</ul>" if notes else ""}
</section>"""


HISTORY_MEANING = (
    "<li>Days left are an estimate: what is left to the critical limit, or of available memory, whichever comes first, "
    "divided by the growth of a day. They are shown below 90.</li>"
    "<li>In a chart over time the kind at fault lies at the foot in colour, so that its limit is on the same axis. The "
    "greys keep one order; hatched is what no counter names, dotted is what the kernel gives back by itself. ▲ is a "
    "boot.</li>"
    "<li>The nearest limit is the critical limit of which a host uses most; bars and lines of it have one scale, "
    "from nothing to the limit. Against usual is how far unreclaimable kernel memory is above the top of its usual "
    "range.</li>"
)
DASH_MEANING = "– The number is not known; that is not the same as 0."


def footer(audit: Audit) -> str:
    """Return what made the page, and from which run."""
    tool = audit.tool
    return (
        f"<footer><p>Run {text(audit.run_id)}, started {when(audit.started_at)}. Made by {text(tool.name)} "
        f"{text(tool.version)}. "
        "All numbers are in audit.json, one row a host in hosts.csv. This page asks nothing of any "
        "network.</p></footer>"
    )
