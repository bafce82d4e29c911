# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page about the whole fleet: the verdict, the counts, the limits, and how to read it."""

from __future__ import annotations

from collections.abc import Collection

from ...audit.audit import Audit
from ...audit.consolidated import Counts
from ...dimensions.table import DIMENSIONS, TABLE
from ...model.finding import VERDICTS
from ...words.labels import BOUND_LABELS, VERDICT_LABELS, hosts_phrase
from .changes import change_line, history_line
from .groups import most_common
from .parts import Column, icon, name, share_bar, show, status, table, text, when

WORST_VERDICT = {"fail": "critical", "inconclusive": "unknown", "hold": "warning", "pass": "ok"}
SECTION_OF = {"critical": "attention", "warning": "attention", "unknown": "no-data", "ok": "hosts"}
SECTIONS = {
    "environments": "Environments",
    "changes": "What changed",
    "investigation": "Who makes it grow",
    "attention": "Needs attention",
    "no-data": "No data",
    "fleet": "Across the fleet",
    "compare": "By kernel",
    "caches": "Slab caches",
    "hosts": "All hosts",
    "limits": "Limits",
    "how": "How to read this",
}


def header(audit: Audit, sections: Collection[str] = tuple(SECTIONS)) -> str:
    """Return the verdict with its reasons, and the counts: what a reader needs in the first ten seconds; links to
    the *sections*.
    """
    decision, counts = audit.decision, audit.counts
    verdict = WORST_VERDICT[decision.decision]
    reasons = [line for line in (change_line(audit), *decision.reasons, most_common(audit)) if line]
    tiles = "".join(
        f'<li class="tile{"" if counts.all.of(one) else " zero"}"><a href="#{SECTION_OF[one]}" {show(verdict=one)}>'
        f"<b>{counts.all.of(one):,}</b> {status(one)}</a></li>"
        for one in VERDICTS
    )
    environments = len(counts.by_environment)
    where = "1 environment" if environments == 1 else f"{environments:,} environments"
    links = " ".join(f'<a href="#{anchor}">{title}</a>' for anchor, title in SECTIONS.items() if anchor in sections)
    meta = [
        f"{hosts_phrase(counts.all.total)} in {where}",
        f"limits &ldquo;{text(audit.policy.name)}&rdquo;",
        text(history_line(audit)),
    ]
    return f"""<header>
<p class="over">Kernel memory audit · {when(audit.generated_at)}</p>
<div class="verdict {verdict}">
{icon(verdict, 30)}
<div><h1>{text(decision.sentence)}</h1>
{"".join(f"<p>{text(reason)}</p>" for reason in reasons)}
</div></div>
<ul class="tiles">{tiles}</ul>
<p class="meta">{" · ".join(part for part in meta if part)}</p>
<nav aria-label="Sections">{links}</nav>
</header>"""


def environments(audit: Audit) -> str:
    """Return the counts by environment, those with most trouble first."""
    by_environment = audit.counts.by_environment
    ordered = sorted(
        by_environment, key=lambda one: ([-by_environment[one].of(verdict) for verdict in VERDICTS[:3]], one)
    )
    rows = [_environment_row(name(environment), by_environment[environment], environment) for environment in ordered]
    if len(ordered) > 1:
        rows.append(_environment_row("All", audit.counts.all))
    columns = [
        Column("Environment"),
        *(Column(VERDICT_LABELS[verdict], True) for verdict in VERDICTS),
        Column("Hosts", True),
        Column("Share"),
    ]
    filled = table("Hosts by environment", columns, rows, "totals" if len(ordered) > 1 else "")
    return f'<section id="environments"><h2>Environments</h2>\n{filled}</section>'


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
    "<li>A line over a grey band is a value over the last 30 days or less, about one step a day, with that of this "
    "audit on the right. The band is "
    "the range in which it usually lay since the host booted; without a band there were too few audits to know "
    "one.</li>"
    "<li>Against usual is how far unreclaimable kernel memory is above the top of its usual range.</li>"
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
