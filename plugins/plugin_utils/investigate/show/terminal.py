# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last screen of an investigation: a host each, then the answer, what to do, and where the files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...screen.style import Lines, Style
from ...text.safe import ascii_only, shortened
from ..document import is_investigation
from ..shapes import HostShape, InvestigationShape

MOST_LINES = 30
MOST_BESIDE = 6
"""Sentences on what else the hosts share, and on what was left out."""
_LONGEST = 480
_FIRST = ("investigation.html", "report.html")
"""What a person opens."""
_KINDS = {"high": "heading", "medium": "heading", "low": "", "none": "unknown"}


def terminal_lines(document: InvestigationShape, written: Mapping[str, str], style: Style | None = None) -> list[str]:
    """Return at most 30 lines of printable ASCII; the answer stands at the end, where the eye is. Without a *style*
    they have no colour and the width of a log.
    """
    style = style or Style()
    counts, hosts = document["counts"], document["hosts"]
    start, end = Lines(style), Lines(style)
    answered = f"{counts['investigated']} of {counts['hosts']} hosts answered; first is how sure it is"
    start.say("WHO MAKES KERNEL MEMORY GROW  ", answered, "heading")
    for text in (*document["differences"], *document["notes"])[:MOST_BESIDE]:
        end.say("NOTE      ", _ascii(text), "heading")
    if counts["hosts"] > 1:
        end.say("ANSWER    ", _ascii(document["sentence"]), "heading")
    _next(end, hosts)
    _report(end, written)
    left = MOST_LINES - len(start.lines) - len(end.lines) - 1
    return [*start.lines, *_told(hosts, left, style), *end.lines][-MOST_LINES:]


def _told(hosts: Sequence[HostShape], most: int, style: Style) -> list[str]:
    """Return the lines of as many hosts as fit, and how many there are beside them."""
    told: list[str] = []
    for place, host in enumerate(hosts):
        out = Lines(style)
        _host(out, host)
        if len(told) + len(out.lines) > most:
            return [*told, f"          and {len(hosts) - place} more hosts"]
        told += out.lines
    return told


def _host(out: Lines, host: HostShape) -> None:
    name = ascii_only(host["name"])
    if not is_investigation(host):
        out.say("NO ANSWER ", f"{name}: {_ascii(host['message'] or 'no reason is known')}", "unknown")
        return
    sure = host["confidence"]
    out.say(f"{'nobody' if sure == 'none' else sure:<10}", f"{name}: {_ascii(host['sentence'])}", _KINDS.get(sure, ""))


def _next(out: Lines, hosts: Sequence[HostShape]) -> None:
    """Add what to do about the first host that does not say who it is."""
    for host in hosts:
        if is_investigation(host) and host["next"] and not host["answered"]:
            step = host["next"][0]
            out.say("NEXT      ", _ascii(step["sentence"]), "heading")
            if step["command"]:
                # Whole, so that it can be picked up.
                out.whole(f"          {ascii_only(step['command'])}")
            return


def _report(out: Lines, written: Mapping[str, str]) -> None:
    if not written:
        return
    first = next((name for name in _FIRST if name in written), next(iter(written)))
    out.whole(out.style.paint("REPORT    ", "heading") + ascii_only(written[first]))
    others = [name for name in written if name != first]
    if others:
        out.say("          ", "  ".join(others))


def _ascii(text: str) -> str:
    """Return a sentence whose shares stay with their sign: a line wraps beside them."""
    return shortened(ascii_only(text), _LONGEST, "...").replace(" %", "\u00a0%")
