# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparison of two audits as JSON, as Markdown, as lines in the terminal and as a section of a page. Worse comes
first everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ..audit.comparison import Comparison, Difference, KernelDifference
from ..model.plain import Json
from ..text.safe import ascii_only, shortened
from ..text.units import human_bytes
from ..words.labels import KIND_LABELS, VERDICT_LABELS, dimension_label, hosts_phrase, some_names
from .audit_json import compact
from .markdown import code, markdown, table
from .page.parts import Column, name, size, text
from .page.parts import table as html_table
from .write import Rendered, write_files

OUTPUTS = ("compare.json", "compare.md")
MOST_ROWS = 50
MOST_LINES = 25

# Every list of changes with its heading, the worst news first.
LISTS = {
    "worse": "Worse",
    "appeared": "Appeared",
    "better": "Better",
    "vanished": "Vanished",
    "no_longer_judged": "Could not be judged again",
    "waived": "Waived",
}
NAMES = {
    "data_lost": "No data any more",
    "data_regained": "Data again",
    "hosts_added": "Added",
    "hosts_gone": "Gone",
    "rebooted": "Rebooted",
}


def write_comparison(comparison: Comparison, directory: str) -> dict[str, str]:
    """Write compare.json and compare.md to *directory*, both or none, and return their paths. Raises ValueError
    where that fails.
    """
    texts: dict[str, Rendered] = dict(zip(OUTPUTS, (json_pieces(comparison), markdown_text(comparison)), strict=True))
    paths = write_files({os.path.join(directory, output): whole for output, whole in texts.items()})
    return dict(zip(OUTPUTS, paths, strict=True))


def json_pieces(comparison: Comparison) -> Iterator[str]:
    """Yield the text of compare.json, one change a line."""
    before = "{\n"
    document: dict[str, Json] = comparison.as_plain()
    for key in sorted(document):
        value = document[key]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{before}{compact(key)}: [\n" + ",\n".join(map(compact, value)) + "\n]"
        else:
            yield f"{before}{compact(key)}: {compact(value)}"
        before = ",\n"
    yield "\n}\n"


def comparison_lines(comparison: Comparison, width: int = 100) -> list[str]:
    """Return what the play prints: at most 25 lines of printable ASCII of at most *width* characters."""
    first, second = comparison.before, comparison.after
    lines = [
        f"KERNEL MEMORY COMPARED  {ascii_only(first.generated_at)} ({first.counts.total} hosts) with "
        f"{ascii_only(second.generated_at)} "
        f"({second.counts.total} hosts)",
        f"RESULT  {ascii_only(comparison.sentence)}  [{first.decision} -> {second.decision}]",
    ]
    if comparison.policy_changed:
        lines.append("POLICY  The settings are not the same in both, so a part of the differences may come from them.")
    names = [
        f"  {label}: {hosts_phrase(len(comparison.names(key)))}: {_names(comparison.names(key))}"
        for key, label in NAMES.items()
        if comparison.names(key)
    ]
    shown = [key for key in LISTS if comparison.differences(key)]
    room = MOST_LINES - len(lines) - (len(names) + 1 if names else 0) - 2 * len(shown)
    for key in shown:
        most = max(1, room // len(shown))
        changes = comparison.differences(key)
        number = len(changes) if len(changes) <= most else most
        lines.extend(("", f"{LISTS[key].upper()} ({number} of {len(changes)})"))
        lines.extend(
            f"  {_step(change):<20}  {shortened(ascii_only(change.name), 34, '...')}  {ascii_only(change.text)}"
            for change in changes[:number]
        )
    lines.extend(["", *names] if names else [])
    return [shortened(line, width, "...").rstrip() for line in lines[:MOST_LINES]]


def _names(names: Sequence[str]) -> str:
    return ascii_only(some_names([shortened(one, 40, "...") for one in names], 3))


def _step(change: Difference) -> str:
    was, now = change.was, change.now
    return f"{was.severity if was else 'none'} -> {now.severity if now else 'none'}"


def markdown_text(comparison: Comparison) -> str:
    """Return the text of compare.md, for merge requests and tickets."""
    first, second = comparison.before, comparison.after
    lines = [
        f"# Kernel memory compared: {markdown(comparison.sentence)}",
        "",
        f"Before: {markdown(first.generated_at)}, run {code(first.run_id, cell=False)}, {markdown(first.sentence)}.",
        f"After: {markdown(second.generated_at)}, run {code(second.run_id, cell=False)}, {markdown(second.sentence)}.",
    ]
    if comparison.policy_changed:
        lines.extend(("", "The settings are not the same in both, so a part of the differences may come from them."))
    for key, label in LISTS.items():
        changes = comparison.differences(key)
        if changes:
            rows = [[_step(change), code(change.name, 80), markdown(change.text)] for change in changes[:MOST_ROWS]]
            lines.extend(("", f"## {label} ({len(changes):,})", "", *table(("Severity", "Host", "Finding"), rows)))
    lines.extend(
        (
            "",
            "## Kernels",
            "",
            *table(_KERNEL_HEADS, [[code(row[0], 80), *row[1:]] for row in _kernels(comparison)], range(1, 5)),
        )
    )
    names = [
        f"- {label}: {hosts_phrase(len(comparison.names(key)))}: {markdown(_names(comparison.names(key)))}"
        for key, label in NAMES.items()
        if comparison.names(key)
    ]
    lines.extend(["", "## Hosts", "", *names] if names else [])
    return "\n".join(lines) + "\n"


_KERNEL_HEADS = ("Kernel", "Hosts before", "Need attention before", "Hosts after", "Need attention after")


def _kernels(comparison: Comparison) -> list[list[str]]:
    return [_kernel(one) for one in comparison.kernels]


def _kernel(one: KernelDifference) -> list[str]:
    numbers = one.hosts_before, one.attention_before, one.hosts_after, one.attention_after
    return [one.kernel, *(f"{number:,}" for number in numbers)]


def compare_section(comparison: Comparison) -> str:
    """Return a section for a page: what became worse and better, groups, kernels, and the hosts that came and went."""
    first, second = comparison.before, comparison.after
    parts = [
        f'<section id="compare"><h2>Compared with {text(first.generated_at)}</h2>',
        f"<p>{text(comparison.sentence)}. Before: {text(first.sentence)}. After: {text(second.sentence)}.</p>",
    ]
    if comparison.policy_changed:
        parts.append("<p>The settings are not the same in both, so a part of the differences may come from them.</p>")
    for key, label in LISTS.items():
        changes = comparison.differences(key)
        if changes:
            rows = [[name(change.name), text(_step(change)), text(change.text)] for change in changes[:MOST_ROWS]]
            parts.append(f"<h3>{label} ({len(changes):,})</h3>")
            parts.append(html_table(label, [Column("Host"), Column("Severity"), Column("Finding")], rows))
            if len(changes) > MOST_ROWS:
                parts.append(f'<p class="more">{len(changes) - MOST_ROWS:,} more are in compare.json.</p>')
    parts.extend(_tables(comparison))
    names = [
        f"<li>{label}: {text(hosts_phrase(len(comparison.names(key))))}: {_linked(comparison.names(key))}</li>"
        for key, label in NAMES.items()
        if comparison.names(key)
    ]
    if names:
        parts.append(f"<h3>Hosts</h3><ul>{''.join(names)}</ul>")
    return "\n".join(parts) + "</section>"


def _tables(comparison: Comparison) -> Iterator[str]:
    if comparison.groups:
        rows = [
            [
                text(dimension_label(group.dimension)),
                text(KIND_LABELS.get(group.kind, group.kind)),
                text(VERDICT_LABELS[group.severity]),
                f"{group.hosts_before:,}",
                f"{group.hosts_after:,}",
            ]
            for group in comparison.groups[:MOST_ROWS]
        ]
        heads = [
            Column("Dimension"),
            Column("Finding"),
            Column("Severity"),
            Column("Hosts before", True),
            Column("Hosts after", True),
        ]
        yield "<h3>Findings by number of hosts</h3>" + html_table("Findings by number of hosts", heads, rows)
    if comparison.kernels:
        heads = [Column(head, place > 0) for place, head in enumerate(_KERNEL_HEADS)]
        yield "<h3>Kernels</h3>" + html_table(
            "Kernels", heads, [[name(row[0]), *row[1:]] for row in _kernels(comparison)]
        )
    if comparison.amounts:
        rows = [
            [
                name(row.name),
                size(row.before_bytes),
                size(row.after_bytes),
                _difference(row.after_bytes - row.before_bytes),
            ]
            for row in comparison.amounts
        ]
        heads = [Column("Host"), Column("Before", True), Column("After", True), Column("Difference", True)]
        title = "Largest changes of unreclaimable kernel memory"
        yield f"<h3>{title}</h3>" + html_table(title, heads, rows)


def _difference(amount: int) -> str:
    return text(("+" if amount > 0 else "") + human_bytes(amount))


def _linked(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return ", ".join(name(one) for one in names[:10]) + more
