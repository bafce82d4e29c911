# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.md: the audit in short, for merge requests, tickets and chat. What changed comes first, hosts by the
hundred do not come at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..audit.audit import Audit
from ..audit.changes import Changes
from ..audit.consolidated import Counts, FleetCounts
from ..audit.entry import Entry
from ..audit.phrases import CHANGE_LABELS, change_counts, changes_in_order, fleet_entries, whole_sentence
from ..text.safe import shortened
from ..words.labels import NO_DATA_LABELS, VERDICT_LABELS, hosts_phrase, phrase_of
from .markdown import code, markdown, table

MOST_BYTES = 60_000
"""Forges take comments of up to 65,536 characters."""

MOST_ENVIRONMENTS = 20
MOST_CHANGES = 20
MOST_GROUPS = 10
MOST_HOSTS = 20
MOST_NAMES = 5
MOST_NOTES = 5


def render(audit: Audit) -> str:
    """Return the text of summary.md; where it would be longer than 60,000 bytes, whole lines at its end are left
    out, and it says so.
    """
    lines: list[str] = []
    size = 0
    for line in _lines(audit):
        size += len(line.encode("utf-8")) + 1
        if size > MOST_BYTES - 200:
            lines.extend(("", "The rest does not fit in here; see the other files of the report."))
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    decision, made_at, policy = audit.decision, audit.generated_at, audit.policy.name
    yield f"# Kernel memory: {markdown(decision.sentence)}"
    yield ""
    yield (
        f"Decision: **{markdown(decision.decision)}**. Audited {markdown(made_at)}, run "
        f"{code(audit.run_id)}, policy {markdown(policy, 100)}."
    )
    history = audit.history
    if history is not None and history.message:
        yield ""
        yield markdown(history.message)
    yield from _changes(audit.changes)
    yield from _counts(audit.counts)
    yield from _common(audit)
    yield from _worst(audit.hosts)
    yield from _no_data(audit.hosts)
    yield from _notes(audit.notes)


def _changes(changes: Changes | None) -> Iterator[str]:
    if changes is None:
        return
    since = f" since {markdown(changes.previous_run_at)}" if changes.previous_run_at else ""
    yield from ("", f"## What changed{since}", "", markdown(change_counts(changes)) + ".")
    ordered = changes_in_order(changes)
    if ordered:
        yield ""
    for what, change in ordered[:MOST_CHANGES]:
        yield (
            f"- {CHANGE_LABELS[what]}, {change.severity}: {code(change.name, 80, cell=False)} "
            f"{markdown(change.text, 300)}"
        )
    if len(ordered) > MOST_CHANGES:
        yield f"- and {len(ordered) - MOST_CHANGES:,} more"


def _counts(counts: FleetCounts) -> Iterator[str]:
    ordered = sorted(counts.by_environment.items(), key=lambda entry: (entry[1].by_trouble, entry[0]))
    rows = [[markdown(name, 80), *_numbers(numbers)] for name, numbers in ordered[:MOST_ENVIRONMENTS]]
    if len(ordered) > MOST_ENVIRONMENTS:
        rows.append([f"{len(ordered) - MOST_ENVIRONMENTS:,} more", "", "", "", "", ""])
    rows.append(["**all**", *_numbers(counts.all)])
    yield from ("", "## Hosts", "")
    yield from table(("Environment", "Critical", "Warning", "No data", "OK", "Hosts"), rows, range(1, 6))


def _numbers(counts: Counts) -> list[str]:
    return [f"{one:,}" for one in (counts.critical, counts.warning, counts.unknown, counts.ok, counts.total)]


def _common(audit: Audit) -> Iterator[str]:
    leaks = audit.fleet_findings
    groups = [group for group in audit.groups if group.severity != "info"]
    if not leaks and not groups:
        return
    yield from ("", "## Same finding on many hosts", "")
    for number, entry in fleet_entries(leaks, groups)[:MOST_GROUPS]:
        sentence, step = markdown(whole_sentence(entry)), markdown(entry.next_step, 300)
        command = f" {code(entry.command, 400, cell=False)}" if entry.command else ""
        yield f"- {VERDICT_LABELS[entry.severity]}, {hosts_phrase(number)}: {sentence} Next: {step}{command}"


def _worst(hosts: Iterable[Entry]) -> Iterator[str]:
    bad = [host for host in hosts if host.needs_attention]
    if not bad:
        return
    yield from ("", f"## Worst hosts ({min(MOST_HOSTS, len(bad))} of {len(bad):,})", "")
    rows = [
        [
            VERDICT_LABELS[host.verdict],
            code(host.name, 80),
            markdown(host.environment, 80),
            "<br>".join(markdown(phrase_of(finding)) for finding in host.findings),
        ]
        for host in bad[:MOST_HOSTS]
    ]
    yield from table(("Verdict", "Host", "Environment", "Findings"), rows)


def _no_data(hosts: Iterable[Entry]) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for host in hosts:
        if host.no_data:
            names.setdefault(host.no_data.reason, []).append(host.name)
    if not names:
        return
    yield from ("", "## No data", "", "A host without data is not a healthy host.", "")
    ordered = sorted(names.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    rows = []
    for reason, hosts_of in ordered:
        more = f" and {len(hosts_of) - MOST_NAMES:,} more" if len(hosts_of) > MOST_NAMES else ""
        rows.append(
            [
                NO_DATA_LABELS[reason],
                f"{len(hosts_of):,}",
                ", ".join(code(name, 80) for name in hosts_of[:MOST_NAMES]) + more,
            ]
        )
    yield from table(("Reason", "Hosts", "Names"), rows, (1,))


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield from ("", "## Notes", "")
        yield from (f"- {markdown(shortened(note, 400))}" for note in notes[:MOST_NOTES])
        if len(notes) > MOST_NOTES:
            yield f"- and {len(notes) - MOST_NOTES:,} more"
