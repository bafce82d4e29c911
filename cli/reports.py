# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the reports of a folder: which is the newest, and what it says of a host."""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

WIDTH = 100


def newest(folder: Path) -> Path:
    """Return the folder of the newest report. Raises ValueError where there is none."""
    found = sorted(path.parent for path in folder.glob("*/audit.json") if not path.parent.is_symlink())
    if not found:
        raise ValueError(
            f"There is no report in {folder}; make one with kernel-memory audit, or give --reports FOLDER."
        )
    return max(found, key=lambda path: (path / "audit.json").stat().st_mtime_ns)


def newest_spool(folder: Path) -> Path:
    """Return what the newest run that ended early has gathered. Raises ValueError where there is none."""
    found = list(folder.glob("kernel-memory-*.spool"))
    if not found:
        raise ValueError(
            f"No run in {folder} ended early: there is no kernel-memory-*.spool. Give its path, if it is elsewhere."
        )
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def explained(report: Path, name: str) -> list[str]:
    """Return what a report says of a host. Raises ValueError for a host that it has not."""
    try:
        audit = json.loads((report / "audit.json").read_text(encoding="utf-8"))
        hosts = {str(host["name"]): host for host in audit["hosts"]}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ValueError(f"{report / 'audit.json'} can't be read as an audit: {exc}.") from exc
    if name not in hosts:
        near = difflib.get_close_matches(name, hosts, 3)
        raise ValueError(f"{report} has no host {name}" + (f"; did you mean {', '.join(near)}?" if near else "."))
    host = hosts[name]
    lines = [f"{name}: {host['verdict']} ({audit['generated_at']}, {report / 'report.html'})"]
    if host["no_data"]:
        lines += _said("  ", f"No data: {host['no_data'].get('sentence') or host['no_data'].get('reason')}")
    for finding in host["findings"]:
        lines += _finding(finding)
    if not host["findings"] and not host["no_data"]:
        lines.append("  All that is judged is within its limits.")
    return [_visible(line) for line in lines]


def _finding(finding: Mapping[str, object]) -> list[str]:
    lines = _said("  ", f"{str(finding['severity']).upper()}: {finding.get('sentence') or finding['dimension']}")
    if finding.get("next_step"):
        lines += _said("    ", f"Next: {finding['next_step']}")
    # A command stays whole, so that it can be picked up.
    return [*lines, f"    {finding['command']}"] if finding.get("command") else lines


def _said(lead: str, words: str) -> list[str]:
    return textwrap.wrap(
        words, WIDTH, initial_indent=lead, subsequent_indent=f"{lead}  ", break_long_words=False, break_on_hyphens=False
    )


def _visible(line: str) -> str:
    """Return a line without signs that move the cursor: hosts wrote parts of it."""
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in line)
