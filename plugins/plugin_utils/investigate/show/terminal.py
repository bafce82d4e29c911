# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of the play: the answer, a line a host, where the files are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...text.safe import ascii_only, shortened
from ..document import is_investigation

WIDTH = 160
MOST_LINES = 30


def terminal_lines(document: Mapping[str, Any], written: Mapping[str, str]) -> list[str]:
    """Return at most 30 lines of printable ASCII; the answer stands last, where the eye is."""
    counts = document["counts"]
    lines = [f"WHO MAKES KERNEL MEMORY GROW  {counts['investigated']} of {counts['hosts']} hosts answered"]
    shown = document["hosts"][: MOST_LINES - 12]
    for host in shown:
        told = (
            f"{host['sentence']} [{host['confidence']}]" if is_investigation(host) else f"no answer: {host['message']}"
        )
        lines.append(f"  {host['name']}: {told}")
        if is_investigation(host) and host["next"] and not host["answered"]:
            step = host["next"][0]
            lines.append(f"    Next: {step['sentence']} {step['command']}".rstrip())
    if len(document["hosts"]) > len(shown):
        lines.append(f"  and {len(document['hosts']) - len(shown)} more hosts")
    lines.extend(f"  {text}" for text in (*document["differences"], *document["notes"]))
    lines.extend(f"  {name}: {path}" for name, path in written.items())
    if counts["hosts"] > 1:
        lines.extend(["", f"ANSWER  {document['sentence']}"])
    return [shortened(ascii_only(line), 3 * WIDTH, "...") for line in lines]
