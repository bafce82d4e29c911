# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the play prints at its end: the verdict and the few things that matter, at most 25 lines, ASCII only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..audit.audit import Audit, JudgedBy
from ..audit.changes import Changes
from ..audit.consolidated import Counts, FleetCounts
from ..audit.entry import Entry
from ..audit.phrases import change_counts, changes_in_order, fleet_entries, short_sentence
from ..text.safe import ascii_only, shortened
from ..words.labels import NO_DATA_LABELS, phrase_of

MOST_LINES = 25
MOST_ENVIRONMENTS = 3
MOST_LINES_OF_A_HOST = 2
FEWEST_HOSTS = 4
SHORTEST_PHRASE = 20

# Of each part: the lines that it may have, with the empty line and the heading, and those that it keeps when there is
# little room.
MOST = {"changes": 6, "common": 5, "no_data": 5, "worst": 12}
FEWEST = {"changes": 2, "common": 3, "no_data": 3, "worst": 5}

BUILT_IN = "built-in limits"

Part = Callable[[int], list[str]]


def summary_lines(audit: Audit, paths: Mapping[str, str], width: int = 100) -> list[str]:
    """Return the summary of *audit* in at most 25 lines of at most *width* characters (the line of *paths* may be
    longer).
    """
    start = [*_head(audit), "", *_environments(audit.counts)]
    end = _report(paths)
    parts: dict[str, Part] = {
        "changes": lambda room: _changes(audit.changes, room),
        "common": lambda room: _common(audit, room),
        "worst": lambda room: _worst(audit.hosts, room, width),
        "no_data": lambda room: _no_data(audit.hosts, room),
    }
    rooms = _rooms({name: len(part(MOST[name])) for name, part in parts.items()}, MOST_LINES - len(start) - len(end))
    lines = [*start, *(line for name, part in parts.items() for line in part(rooms[name])), *end]
    return [line if line.startswith("REPORT") else _fit(line, width) for line in lines]


def _rooms(wanted: Mapping[str, int], lines: int) -> dict[str, int]:
    """Share *lines* out: each part gets what it wants, or the parts with most to spare give lines up, one by one."""
    rooms = dict(wanted)
    while sum(rooms.values()) > lines:
        longest = max(rooms, key=lambda name: rooms[name] - FEWEST[name])
        rooms[longest] -= 1
    return rooms


def _fit(line: str, width: int) -> str:
    return shortened(line, width, "...").rstrip()


def _head(audit: Audit) -> list[str]:
    decision, total, history = audit.decision, audit.counts.all.total, audit.history
    lines = [
        f"KERNEL MEMORY AUDIT  {ascii_only(audit.generated_at)}  hosts={total}  policy: "
        f"{ascii_only(_policy(audit.policy))}",
        f"VERDICT  {ascii_only(decision.sentence)}  [{decision.decision}]",
    ]
    gaps = audit.merged.gaps if audit.merged is not None else ()
    lines.extend(f"MISSING  {ascii_only(gap)}" for gap in gaps[:1])
    if history is not None and history.state in ("new", "unavailable", "not_saved") and history.message:
        lines.append(f"HISTORY  {ascii_only(history.message)}")
    return lines


def _policy(policy: JudgedBy) -> str:
    if policy.name != BUILT_IN:
        return policy.name
    return "built-in" if policy.source == "default" else os.path.basename(policy.source) or "built-in"


def _environments(counts: FleetCounts) -> list[str]:
    """The counts by environment, those with most trouble first; more than a few become one row."""
    ordered = sorted(counts.by_environment.items(), key=lambda entry: (entry[1].by_trouble, entry[0]))
    most = MOST_ENVIRONMENTS if len(ordered) > MOST_ENVIRONMENTS + 1 else len(ordered)
    shown, rest = ordered[:most], ordered[most:]
    rows = [(ascii_only(name), numbers) for name, numbers in shown]
    if rest:
        rows.append((f"({len(rest)} more)", Counts.together(numbers for _unused, numbers in rest)))
    if len(ordered) > 1:
        rows.append(("all", counts.all))
    size = min(30, max(12, *(len(name) for name, _unused in rows)))
    lines = [f"{'ENVIRONMENT':<{size}}  CRITICAL  WARNING  NO DATA       OK    HOSTS"]
    for name, n in rows:
        label = shortened(name, size, "...")
        lines.append(f"{label:<{size}}  {n.critical:>8}  {n.warning:>7}  {n.unknown:>7}  {n.ok:>7}  {n.total:>7}")
    return lines


def _changes(changes: Changes | None, room: int) -> list[str]:
    """What changed since last time: the numbers always, then the worst changes."""
    if changes is None or not changes.previous_run_at:
        return []
    ordered = changes_in_order(changes)
    lines = [
        f"  {what.upper():<8}  {change.severity.upper():<8}  {shortened(ascii_only(change.name), 30, '...')}  "
        f"{ascii_only(change.text)}"
        for what, change in ordered[: max(0, room - 2)]
    ]
    return ["", f"CHANGED SINCE {ascii_only(changes.previous_run_at)}: {change_counts(changes)}", *lines]


def _common(audit: Audit, room: int) -> list[str]:
    groups = [group for group in audit.groups if group.severity != "info"]
    shown = fleet_entries(audit.fleet_findings, groups)[: room - 2]
    lines = [
        f"  {hosts:>5}  {entry.severity.upper():<8}  {ascii_only(short_sentence(entry))}" for hosts, entry in shown
    ]
    return ["", "MOST COMMON", *lines] if lines else []


def _worst(hosts: Iterable[Entry], room: int, width: int) -> list[str]:
    """The worst hosts, as many as *room* lines hold; a host with several findings may have several lines."""
    bad = [host for host in hosts if host.needs_attention]
    if not bad or room < 3:
        return []
    size = min(40, max(len(ascii_only(host.name)) for host in bad[: room - 2]))
    lines: list[str] = []
    shown = 0
    # Four hosts in one line each say more than two in two lines each.
    most = MOST_LINES_OF_A_HOST if room - 2 >= MOST_LINES_OF_A_HOST * min(len(bad), FEWEST_HOSTS) else 1
    for host in bad:
        left = room - 2 - len(lines)
        if left < 1:
            break
        texts = _findings(host, width - size - 14, min(left, most))
        name = shortened(ascii_only(host.name), size, "...")
        lines.append(f"  {host.verdict.upper():<8}  {name:<{size}}  {texts[0]}")
        lines.extend(f"  {'':<8}  {'':<{size}}  {text}" for text in texts[1:])
        shown += 1
    return ["", f"WORST HOSTS ({shown} of {len(bad)})", *lines]


def _findings(host: Entry, width: int, most: int) -> list[str]:
    """The findings of a host in at most *most* lines of *width*: whole, else without their limits, else as many as
    fit and how many more.
    """
    width = max(width, SHORTEST_PHRASE)
    whole = [shortened(ascii_only(phrase_of(finding)), width, "...") for finding in host.findings]
    brief = [phrase.partition(" (")[0] for phrase in whole]
    for shown in (
        whole,
        brief,
        *([*brief[:number], f"and {len(brief) - number} more"] for number in range(len(brief) - 1, 0, -1)),
    ):
        lines = _wrapped(shown, width)
        if len(lines) <= most:
            return lines
    return [shortened("; ".join(brief), width, "...")]


def _wrapped(phrases: Sequence[str], width: int) -> list[str]:
    lines = [""]
    for phrase in phrases:
        joined = f"{lines[-1]}; {phrase}" if lines[-1] else phrase
        if len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(phrase)
    return lines


def _no_data(hosts: Iterable[Entry], room: int) -> list[str]:
    names: dict[str, list[str]] = {}
    for host in hosts:
        if host.no_data:
            names.setdefault(host.no_data.reason, []).append(ascii_only(host.name))
    ordered = sorted(names.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    most = max(1, room - 2)
    shown = ordered if len(ordered) <= most else ordered[: most - 1]
    lines = [f"  {len(hosts_of):>5}  {NO_DATA_LABELS[reason]}: {_some(hosts_of)}" for reason, hosts_of in shown]
    if len(shown) < len(ordered):
        rest = ordered[len(shown) :]
        lines.append(
            f"  {sum(len(hosts_of) for _unused, hosts_of in rest):>5}  "
            + ", ".join(NO_DATA_LABELS[reason] for reason, _unused in rest)
        )
    return ["", "NO DATA (a host without data is not a healthy host)", *lines] if lines else []


def _some(names: list[str]) -> str:
    shown = ", ".join(shortened(name, 40, "...") for name in names[:3])
    return shown if len(names) <= 3 else f"{shown}, ..."


def _report(paths: Mapping[str, str]) -> list[str]:
    """The path of the page (or of the first file) in full, then the other files by name where they lie beside it."""
    if not paths:
        return []
    first = "report.html" if "report.html" in paths else min(paths)
    folder = os.path.dirname(paths[first])
    others = [
        os.path.basename(path) if os.path.dirname(path) == folder else path
        for name, path in sorted(paths.items())
        if name != first
    ]
    return [ascii_only("REPORT  " + "  ".join([paths[first], *others]))]
