# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of the play: the answer, a line a host, where the files are."""

from __future__ import annotations

from collections.abc import Mapping

from ...text.safe import ascii_only, shortened
from ..document import is_investigation
from ..shapes import HostShape, InvestigationShape

WIDTH = 160
MOST_LINES = 30
MOST_BESIDE = 6
"""Sentences on what else the hosts share, and on what was left out."""


def terminal_lines(document: InvestigationShape, written: Mapping[str, str]) -> list[str]:
    """Return at most 30 lines of printable ASCII; the answer stands last, where the eye is."""
    counts, hosts = document["counts"], document["hosts"]
    start = [f"WHO MAKES KERNEL MEMORY GROW  {counts['investigated']} of {counts['hosts']} hosts answered"]
    beside = [f"  {text}" for text in (*document["differences"], *document["notes"])][:MOST_BESIDE]
    end = [*beside, *(f"  {name}: {path}" for name, path in written.items())]
    if counts["hosts"] > 1:
        end.extend(["", f"ANSWER  {document['sentence']}"])
    left = MOST_LINES - len(start) - len(end) - 1
    told: list[str] = []
    for place, host in enumerate(hosts):
        lines = _host(host)
        if len(told) + len(lines) > left:
            told.append(f"  and {len(hosts) - place} more hosts")
            break
        told.extend(lines)
    return [shortened(ascii_only(line), 3 * WIDTH, "...") for line in (*start, *told, *end)]


def _host(host: HostShape) -> list[str]:
    """Return the line of a host, and what to do next where it is not answered."""
    if not is_investigation(host):
        return [f"  {host['name']}: no answer: {host['message']}"]
    lines = [f"  {host['name']}: {host['sentence']} [{host['confidence']}]"]
    if host["next"] and not host["answered"]:
        step = host["next"][0]
        lines.append(f"    Next: {step['sentence']} {step['command']}".rstrip())
    return lines
