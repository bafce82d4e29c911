# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the play prints at its end: the verdict and the few things that matter, at most 25 lines, ASCII only."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._words import NO_DATA_LABELS, finding_phrase
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.text import ascii_only, shortened

MOST_LINES = 25
MOST_ENVIRONMENTS = 3
MOST_GROUPS = 3
MOST_REASONS = 2
MOST_HOSTS = 10


def summary_lines(audit: Mapping[str, Any], paths: Mapping[str, str], width: int = 100) -> list[str]:
    """Return the summary of *audit* in at most 25 lines of at most *width* characters (the line of *paths* may be longer)."""
    start = [*_head(audit), "", *_environments(audit["counts"])]
    middle = _groups(audit["groups"])
    end = [*_no_data(audit["hosts"]), *_report(paths)]
    hosts = _worst(audit["hosts"], MOST_LINES - len(start) - len(middle) - len(end) - 1)
    lines = [*start, *middle, *hosts, *end]
    return [line if line.startswith("REPORT") else _fit(line, width) for line in lines]


def _fit(line: str, width: int) -> str:
    return shortened(line, width, "...").rstrip()


def _head(audit: Mapping[str, Any]) -> list[str]:
    decision, total = audit["decision"], audit["counts"]["all"]["total"]
    policy = ascii_only(audit["policy"]["name"])
    return [
        f"KERNEL MEMORY AUDIT  {ascii_only(audit['generated_at'])}  hosts={total}  limits: {policy}",
        f"VERDICT  {ascii_only(decision['sentence'])}  [{decision['decision']}]",
    ]


def _environments(counts: Mapping[str, Any]) -> list[str]:
    """The counts by environment, those with most trouble first; more than a few become one row."""
    ordered = sorted(counts["by_environment"].items(), key=lambda entry: (*_trouble(entry[1]), entry[0]))
    most = MOST_ENVIRONMENTS if len(ordered) > MOST_ENVIRONMENTS + 1 else len(ordered)
    shown, rest = ordered[:most], ordered[most:]
    rows = [(ascii_only(name), numbers) for name, numbers in shown]
    if rest:
        rows.append((f"({len(rest)} more)", {key: sum(numbers[key] for _unused, numbers in rest) for key in counts["all"]}))
    if len(ordered) > 1:
        rows.append(("all", counts["all"]))
    size = min(30, max(12, *(len(name) for name, _unused in rows)))
    lines = [f"{'ENVIRONMENT':<{size}}  CRITICAL  WARNING  NO DATA       OK    HOSTS"]
    for name, n in rows:
        label = shortened(name, size, "...")
        lines.append(f"{label:<{size}}  {n['critical']:>8}  {n['warning']:>7}  {n['unknown']:>7}  {n['ok']:>7}  {n['total']:>7}")
    return lines


def _trouble(numbers: Mapping[str, int]) -> tuple[int, int, int]:
    return -numbers["critical"], -numbers["warning"], -numbers["unknown"]


def _groups(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = [group for group in groups if group["severity"] != "info"][:MOST_GROUPS]
    lines = [f"  {len(group['hosts']):>5}  {group['severity'].upper():<8}  {ascii_only(group['explanation'])}" for group in shown]
    return ["", "MOST COMMON", *lines] if lines else []


def _worst(hosts: Sequence[Mapping[str, Any]], room: int) -> list[str]:
    """The worst hosts, as many as *room* lines hold beside a heading and an empty line."""
    bad = [host for host in hosts if host["verdict"] in ("critical", "warning")]
    shown = bad[: max(0, min(MOST_HOSTS, room - 1))]
    if not shown:
        return []
    size = min(40, max(len(ascii_only(host["name"])) for host in shown))
    lines = ["", f"WORST HOSTS ({len(shown)} of {len(bad)})"]
    for host in shown:
        name = shortened(ascii_only(host["name"]), size, "...")
        lines.append(f"  {host['verdict'].upper():<8}  {name:<{size}}  {ascii_only('; '.join(map(finding_phrase, host['findings'])))}")
    return lines


def _no_data(hosts: Sequence[Mapping[str, Any]]) -> list[str]:
    names: dict[str, list[str]] = {}
    for host in hosts:
        if host["no_data"]:
            names.setdefault(host["no_data"]["reason"], []).append(ascii_only(host["name"]))
    ordered = sorted(names.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    shown = ordered if len(ordered) <= MOST_REASONS + 1 else ordered[:MOST_REASONS]
    lines = [f"  {len(hosts_of):>5}  {NO_DATA_LABELS[reason]}: {_some(hosts_of)}" for reason, hosts_of in shown]
    if len(shown) < len(ordered):
        rest = ordered[MOST_REASONS:]
        lines.append(f"  {sum(len(hosts_of) for _unused, hosts_of in rest):>5}  " + ", ".join(NO_DATA_LABELS[reason] for reason, _unused in rest))
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
    others = [os.path.basename(path) if os.path.dirname(path) == folder else path for name, path in sorted(paths.items()) if name != first]
    return [ascii_only("REPORT  " + "  ".join([paths[first], *others]))]
