# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about hosts that need attention: causes that they share, then the worst of them with reason
and next step.
"""

from __future__ import annotations

from ...audit.audit import Audit
from ...audit.entry import Entry, SeenFinding
from ...dimensions.table import DIMENSIONS, TABLE, TOTAL
from ...words.labels import BOUND_LABELS, dimension_label
from .attribution import attribution
from .charts import BAND, LINE, sparkline, trend_at_fault
from .groups import causes, shown_entries
from .parts import STATUS_WORDS, memory_bar, name, next_step, share, show, size, status, text, total

MOST_HOSTS = 100
MOST_ACCOUNTS = 38
MOST_IN_FULL = 1
"""So many are shown with every part of their attribution, the next ones with those that explain most."""
NOT_READY = {
    "no_history": "There is no history of this host yet.",
    "learning": "Its own history is not judged yet: {samples} of {needed} samples are there.",
    "warming_up": "Its own history is not judged while the host warms up after its boot.",
    "stale": "Its own history is not judged, since the last sample is too old.",
    "unsupported": "Its own history can't be judged, since the host says too little about itself.",
}
REMARK_HEAD = '<th scope="col">Remark</th>'


def attention(audit: Audit) -> str:
    """Return the findings that many hosts share, then the hosts, worst first."""
    bad = [host for host in audit.hosts if host.needs_attention]
    parts = [f'<section id="attention"><h2>Needs attention <span class="mu">{len(bad):,}</span></h2>', causes(audit)]
    if bad:
        # What a group above says once is not said again on each of its hosts.
        said = {(group.next_step, group.command) for _unused, group in shown_entries(audit)}
        today = audit.generated_at
        shown = [audit.hosts.whole(host) for host in bad[:MOST_HOSTS]]
        items = "\n".join(_host(host, said, today, number) for number, host in enumerate(shown))
        parts.append(
            f"<h3>Hosts, worst first</h3>\n{_key(any(trend_at_fault(host) for host in shown))}\n<ol "
            f'class="cards">{items}</ol>'
        )
    if len(bad) > MOST_HOSTS:
        link = f'<a class="shows" href="#hosts" {show(verdict="critical,warning")}>Show them in the table</a>'
        parts.append(
            f'<p class="more">{len(bad) - MOST_HOSTS:,} more need attention; they are in hosts.csv, in the same '
            f"order. {link}</p>"
        )
    if not bad:
        parts.append("<p>No host that was judged is above a limit.</p>")
    return "\n".join(part for part in parts if part) + "</section>"


def _key(trends: bool) -> str:
    swatch = (
        '<svg width="12" height="10" aria-hidden="true" focusable="false"><rect class="{}" fill="{}" width="12" '
        'height="10"/></svg>'
    )
    trend = (
        '<span><svg width="22" height="12" aria-hidden="true" focusable="false">'
        f'<rect class="band" fill="{BAND}" y="5" width="22" height="6"/><polyline class="line" fill="none" '
        f'stroke="{LINE}" points="1,9 9,7 15,8 21,2"/></svg>'
        " about one step a day, over the usual range</span>"
    )
    return (
        f'<p class="key">The bar is the host\'s RAM: <span>{swatch.format("f-fixed", "#0b3d7a")} unreclaimable '
        "kernel memory</span> "
        f"<span>{swatch.format('f-free', '#4b8bcb')} reclaimable</span>{' ' + trend if trends else ''}</p>"
    )


def _host(host: Entry, said: set[tuple[str, str]], today: str, number: int) -> str:
    memory = host.memory_total_bytes
    steps = {(finding.next_step, finding.command): finding for finding in reversed(host.findings)}
    findings = "".join(
        f'<p class="why">{_mark(finding, host)}{text(finding.explanation)}{_seen(finding, today)}</p>'
        + "".join(next_step(finding) for step, first in steps.items() if first is finding and step not in said)
        for finding in host.findings
    )
    folded = "".join(next_step(finding) for step, finding in reversed(steps.items()) if step in said)
    release = text(host.kernel_release or "kernel not known", 80)
    trend = trend_at_fault(host)
    line = f' {sparkline(trend)} <span class="mu">{text(dimension_label(trend.dimension))}</span>' if trend else ""
    account = (
        _account(host, folded, in_full=number < MOST_IN_FULL)
        if number < MOST_ACCOUNTS
        else f"<details><summary>Next step</summary>{folded}</details>"
        if folded
        else ""
    )
    return (
        f'<li class="card {text(host.verdict)}"><div class="what">'
        f'<p class="who">{status(host.verdict)} <strong>{name(host.name)}</strong> <span '
        f'class="mu">{name(host.environment)} · {release}</span></p>'
        f"{findings}{_investigate(host)}{account}</div>"
        f'<p class="figure"><b>{total(host)}</b> '
        f'<span class="mu">{share(host.kernel_total_bytes, memory)} of {size(memory)} RAM</span> '
        f"{memory_bar(host)}{line}</p></li>"
    )


def _investigate(host: Entry) -> str:
    """Return the command that finds out who it is, of a host that has too much of what the kernel holds."""
    command = next((finding.investigate for finding in host.findings if finding.investigate), None)
    return f'<p class="next"><span>Who is it:</span> <code>{text(command)}</code></p>' if command else ""


def _mark(finding: SeenFinding, host: Entry) -> str:
    """Return the severity of a finding where it is not that of its host anyway."""
    return "" if finding.severity == host.verdict else status(finding.severity) + " "


def _seen(finding: SeenFinding, today: str) -> str:
    words = seen_words(finding, today)
    return f' <span class="mu seen">({text(words)})</span>' if words else ""


def seen_words(finding: SeenFinding, today: str) -> str:
    """Return how sure a finding is and since when it is there, where that says more than that it is there in the
    audit of *today*.
    """
    words = [STATUS_WORDS[finding.status]] if finding.status in STATUS_WORDS else []
    first = finding.first_seen_at
    words += [f"first seen {first[:10]}"] if first and first[:10] != today[:10] else []
    return ", ".join(words)


def _meanings(host: Entry) -> str:
    """Return what the findings of a host mean on such a machine, each meaning once."""
    meanings = dict.fromkeys(finding.meaning for finding in host.findings)
    return "".join(f'<p class="mu">{text(meaning)}</p>' for meaning in meanings if meaning)


def _account(host: Entry, folded: str, *, in_full: bool) -> str:
    """Return the whole account of a host after the *folded* HTML, closed until somebody wants it."""
    memory = host.memory_total_bytes
    remarked = any(host.details.why_unknown(key) for key in DIMENSIONS)
    rows = []
    for key in DIMENSIONS:
        label = TABLE[key].label
        amount, reason = host.amount(key), host.details.why_unknown(key) or ""
        rows.append(
            f'<tr><th scope="row">{label}</th><td class="num">{size(amount)}</td><td '
            f'class="num">{share(amount, memory)}</td>'
            + (f"<td>{text(reason, 200)}</td>" if remarked else "")
            + "</tr>"
        )
    meanings = _meanings(host)
    inside = [what for what, given in (("next step", folded), ("meaning", meanings)) if given]
    words = f"{', '.join(inside)} and whole account" if inside else "whole account"
    return (
        f"<details><summary>{words.capitalize()}</summary>{folded}{meanings}<table>"
        '<thead><tr><th scope="col">Kind</th><th scope="col" class="num">Size</th>'
        f'<th scope="col" class="num">Of RAM</th>'
        f"{REMARK_HEAD if remarked else ''}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        f'<p class="mu">{" ".join(text(remark, 300) for remark in remarks(host))}</p>'
        f"{attribution(host.details.attribution, in_full=in_full)}</details>"
    )


def remarks(host: Entry) -> list[str]:
    """Return the sentences on how exact a host's account is, what may hold memory, what was judged and what a waiver
    took out.
    """
    accounting, usual = host.details.accounting, host.details.baseline.get(TOTAL)
    said = [BOUND_LABELS[host.bound or "exact"]]
    if accounting is not None:
        said += accounting.reasons[:6]
        said += [f"{holder.name}: {holder.explanation}" for holder in accounting.holders[:4]]
    said += [f"Coverage: {host.coverage.text}."] if host.coverage is not None and host.coverage.text else []
    if usual is not None and usual.state in NOT_READY:
        said.append(NOT_READY[usual.state].format(samples=usual.samples, needed=usual.needed))
    said += [f"Waived: {finding.explanation}" for finding in host.waived[:4]]
    return said
