# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation as a section of the report's page: static HTML, made from ``investigation.json`` alone."""

from __future__ import annotations

from ...outputs.page.parts import Column, name, table, text, when
from ..document import is_investigation
from ..shapes import HostShape, InvestigatedHost, InvestigationShape
from .ticket import WORDS, amount

MOST_ROWS = 12


def section(document: InvestigationShape) -> str:
    """Return a ``<section id="investigation">`` with the fleet's answer and the hosts below it, folded but the first. A
    host that is alone does not say the answer again.
    """
    counts, hosts = document["counts"], document["hosts"]
    alone = len(hosts) == 1
    told = "".join(_host(host, is_open=place == 0, alone=alone) for place, host in enumerate(hosts))
    lists = [one["sentence"] for one in document["shared"][1:]] + document["differences"] + document["notes"]
    return (
        '<section id="investigation"><h2>Who makes it grow</h2>\n'
        f"<p><strong>{_words(document['sentence'])}</strong></p>\n"
        f'<p class="mu">{counts["investigated"]} of {counts["hosts"]} hosts answered, '
        f"{when(document['generated_at'])}.</p>\n{_list(lists)}{told}</section>"
    )


def _words(sentence: str) -> str:
    """Return a sentence of ours as HTML; what stands between backticks, names from hosts, is code."""
    parts = sentence.split("`")
    return "".join(f"<code>{text(part)}</code>" if place % 2 else text(part) for place, part in enumerate(parts))


def _list(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{_words(one)}</li>' for one in sentences)}</ul>\n" if sentences else ""


def _host(host: HostShape, *, is_open: bool, alone: bool) -> str:
    if not is_investigation(host):
        why = text(host["message"] or host["outcome"])
        return f"<details><summary>{name(host['name'])}: not investigated</summary><p>{why}</p></details>\n"
    machine = host["machine"]
    about = (
        f"Kernel {text(machine['kernel'])}, {machine['cpus']} CPUs, taint {machine['taint']}, "
        f"{'as root' if machine['root'] else 'without root'}, confidence {text(host['confidence'])}."
    )
    others = [f"{one['sentence']} Confidence: {one['confidence']}." for one in host["culprits"][1:]]
    said = "" if alone else f": {_words(host['sentence'])}"
    return (
        f"<details{' open' if is_open else ''}><summary>{name(host['name'])} ({WORDS[host['role']]}){said}</summary>\n"
        f'<p class="mu">{about}</p>\n{_list(others)}{_growing(host)}{_traces(host)}'
        f"{_titled('Questions', [one['sentence'] for one in host['questions']])}"
        f"{_titled('Ruled out', host['ruled_out'])}{_titled('Not read', host['not_read'])}{_next(host)}</details>\n"
    )


def _titled(title: str, sentences: list[str]) -> str:
    return f"<h4>{title}</h4>{_list(sentences)}" if sentences else ""


def _growing(host: InvestigatedHost) -> str:
    if not host["growing"]:
        return ""
    rows = [
        [
            name(row["name"]),
            text(row["kind"].replace("_", " ")),
            amount(row["per_second"], row["unit"]),
            amount(row["noise"], row["unit"]),
        ]
        for row in host["growing"][:MOST_ROWS]
    ]
    heads = [Column("Name"), Column("Kind"), Column("A second", True), Column("Noise", True)]
    return f"<h4>What grows</h4>{table('What grows', heads, rows)}"


def _traces(host: InvestigatedHost) -> str:
    parts = []
    for trace in host["traces"]:
        rows = [
            [
                f"<code>{text(' < '.join(site['functions']))}</code>",
                f"{100 * site['share']:.0f} %",
                amount(site["bytes_per_second"], "bytes"),
                _words(site["by"][0][0]) if site["by"] else "",
            ]
            for site in trace["sites"][:5]
        ]
        heads = [Column("Functions"), Column("Share", True), Column("A second", True), Column("Mostly by")]
        title = f"Traced: {text(trace['dimension'].replace('_', ' '))}, {trace['lost']:,} events lost"
        parts.append(f"<h4>{title}</h4>{table(title, heads, rows)}")
    return "".join(parts)


def _next(host: InvestigatedHost) -> str:
    steps = "".join(
        f"<li>{_words(step['sentence'])}{' <code>' + text(step['command']) + '</code>' if step['command'] else ''}</li>"
        for step in host["next"]
    )
    return f"<h4>Next</h4><ul>{steps}</ul>" if steps else ""
