# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation as Markdown, for a ticket: the fleet first, then a page a host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...outputs.markdown import code, markdown, table
from ...text.safe import shortened
from ...text.units import human_bytes
from ..document import is_investigation
from ..shapes import GrowthShape, HostShape, InvestigatedHost, InvestigationShape, TraceShape

MOST_BYTES = 60_000
"""Forges take comments of up to 65,536 characters."""

MOST_ROWS = 12
WORDS = {"sick": "with a finding", "healthy": "healthy", "asked": "asked for"}
LONGEST = 600


def ticket(document: InvestigationShape) -> str:
    """Return the Markdown; where it would be longer than a forge takes, hosts at its end are left out, and it says
    so.
    """
    lines: list[str] = []
    size = 0
    for block in (_fleet(document), *(_host(host) for host in document["hosts"])):
        told = list(block)
        size += sum(len(line.encode("utf-8")) + 1 for line in told)
        if size > MOST_BYTES - 200:
            lines.extend(("", "The rest does not fit in here; see investigation.json."))
            break
        lines.extend(told)
    return "\n".join(lines) + "\n"


def words(sentence: str) -> str:
    """Return a sentence of ours as Markdown: what stands between backticks, names from hosts, becomes code."""
    parts = shortened(sentence, LONGEST).split("`")
    return "".join(code(part, cell=False) if place % 2 else markdown(part) for place, part in enumerate(parts))


def _fleet(document: InvestigationShape) -> Iterator[str]:
    counts = document["counts"]
    yield "# Kernel memory: who makes it grow"
    yield ""
    yield f"**{words(document['sentence'])}**"
    yield ""
    of_audit = (
        f", chosen from the audit {code(document['audit_run_id'], cell=False)}" if document["audit_run_id"] else ""
    )
    yield (
        f"{counts['investigated']} of {counts['hosts']} hosts answered{of_audit}. Made {document['generated_at']} by "
        f"fleetaudit.kernel_memory {document['tool']['version']}."
    )
    for sentence in (*(one["sentence"] for one in document["shared"][1:]), *document["differences"]):
        yield f"- {words(sentence)}"
    for note in document["notes"]:
        yield f"- {markdown(note)}"


def _host(host: HostShape) -> Iterator[str]:
    yield ""
    yield f"## {code(host['name'], 120, cell=False)} ({WORDS[host['role']]})"
    yield ""
    if not is_investigation(host):
        yield f"Not investigated: {markdown(host['message'] or host['outcome'])}"
        return
    machine = host["machine"]
    yield f"**{words(host['sentence'])}** Confidence: {host['confidence']}."
    yield ""
    yield (
        f"Kernel {code(machine['kernel'], cell=False)}, {machine['cpus']} CPUs, taint {machine['taint']}, asked "
        f"{host['asked_at']} {'as root' if machine['root'] else 'without root'}, {host['seconds']} seconds."
    )
    if machine["foreign_modules"]:
        foreign = code(", ".join(machine["foreign_modules"]), cell=False)
        yield f"Modules from outside of the kernel's sources: {foreign}."
    if len(host["culprits"]) > 1:
        yield from ("", "Also:", "")
        yield from (f"- {words(one['sentence'])} Confidence: {one['confidence']}." for one in host["culprits"][1:])
    yield from _growing(host["growing"])
    yield from _traces(host["traces"])
    yield from _lists(host)


def _growing(rows: Sequence[GrowthShape]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", "What grows", "")
    cells = [
        [
            markdown(row["kind"].replace("_", " ")),
            code(row["name"], 120),
            amount(row["per_second"], row["unit"]),
            amount(row["noise"], row["unit"]),
        ]
        for row in rows[:MOST_ROWS]
    ]
    yield from table(("Kind", "Name", "A second", "Noise"), cells, (2, 3))
    if len(rows) > MOST_ROWS:
        yield f"\n{len(rows) - MOST_ROWS} more are in investigation.json."


def amount(value: float, unit: str) -> str:
    """Return a rate as text."""
    return human_bytes(round(value)) if unit == "bytes" else f"{value:,.3g}"


def _traces(traces: Sequence[TraceShape]) -> Iterator[str]:
    for trace in traces:
        yield from (
            "",
            f"Traced: {markdown(trace['dimension'].replace('_', ' '))}, {trace['seconds']} seconds, "
            f"{trace['entries']:,} entries, {trace['lost']:,} lost, 1 address in {trace['kept_one_in']} kept.",
            "",
        )
        cells = [
            [
                code(" < ".join(site["functions"]), 300),
                f"{100 * site['share']:.0f} %",
                amount(site["bytes_per_second"], "bytes"),
                words(site["by"][0][0]) if site["by"] else "",
            ]
            for site in trace["sites"][:5]
        ]
        yield from table(("Functions", "Share", "A second", "Mostly by"), cells, (1, 2))


def _lists(host: InvestigatedHost) -> Iterator[str]:
    questions = [question["sentence"] for question in host["questions"]]
    for title, sentences in (
        ("Questions", questions),
        ("Ruled out", host["ruled_out"]),
        ("Not read", host["not_read"]),
    ):
        if sentences:
            yield from ("", title, "")
            yield from (f"- {words(sentence)}" for sentence in sentences)
    if host["next"]:
        yield from ("", "Next", "")
        for step in host["next"]:
            command = f" {code(step['command'], 400, cell=False)}" if step["command"] else ""
            yield f"- {words(step['sentence'])}{command}"
