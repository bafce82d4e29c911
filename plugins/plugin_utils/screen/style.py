# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How lines look: their width, colour where it is wanted, links where the terminal has them.

Colour never says what the words don't.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

NARROWEST, WIDEST = 40, 160
USUAL_WIDTH = 100
"""Where nobody knows the width: a log, a mail."""

_CODES = {"critical": "1;31", "warning": "33", "unknown": "35", "ok": "32", "heading": "1", "link": "36"}
_NO_LINKS = ("dumb", "linux", "")


@dataclass(frozen=True, slots=True)
class Style:
    """What a screen can show."""

    width: int = USUAL_WIDTH
    colour: bool = False
    links: bool = False

    def paint(self, words: str, kind: str) -> str:
        """Return *words* in the colour of *kind*, which is none of them for an empty text."""
        return f"\x1b[{_CODES[kind]}m{words}\x1b[0m" if self.colour and kind and words else words

    def link(self, path: str, shown: str) -> str:
        """Return *shown* as a link to a file, where the terminal has links."""
        painted = self.paint(shown, "link")
        return f"\x1b]8;;file://{quote(path)}\x1b\\{painted}\x1b]8;;\x1b\\" if self.links else painted


def style_of(width: int | None, *, terminal: bool, colour: bool, environment: Mapping[str, str]) -> Style:
    """Return the style of a screen. *width* is None where nobody knows it; *terminal* says that it is one, and *colour*
    that it is wanted.
    """
    links = terminal and colour and environment.get("TERM", "") not in _NO_LINKS
    return Style(min(max(width or USUAL_WIDTH, NARROWEST), WIDEST), colour, links)


def _wrapped(words: str, width: int) -> list[str]:
    """Return the lines of one paragraph; those of an item of a list hang behind its number."""
    item = _ITEM.match(words)
    hang = " " * len(item[0]) if item else ""
    return textwrap.wrap(
        words, width, initial_indent="", subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )


_ITEM = re.compile(r" *\d+\. ")


class Lines:
    """Lines of a width: a few words that may have a colour, and the rest beside them, hanging where it is longer."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.lines: list[str] = []

    def say(self, lead: str, words: str, kind: str = "") -> None:
        """Add *words* behind *lead*; a sentence wraps and is never cut, and a word is never parted."""
        beside = max(self.style.width - len(lead), NARROWEST // 2)
        wrapped = [line for part in words.split("\n") for line in _wrapped(part, beside)] or [""]
        # What belongs together (a number and its unit) was held together by a sign that no terminal needs.
        first, *rest = (line.replace("\u00a0", " ") for line in wrapped)
        self.lines.append((self.style.paint(lead, kind) + first).rstrip())
        self.lines += [" " * len(lead) + line for line in rest]

    def heading(self, words: str, remark: str = "") -> None:
        """Add an empty line and a heading."""
        if self.lines:
            self.lines.append("")
        self.say(f"{words}  ", remark, "heading")

    def whole(self, line: str) -> None:
        """Add a line as it is, however long."""
        self.lines.append(line)


def middle_cut(name: str, most: int) -> str:
    """Return a name in at most *most* characters, cut in its middle: names of hosts differ at both ends."""
    if len(name) <= most:
        return name
    kept = most - 2
    head = (kept + 1) // 2
    return f"{name[:head]}..{name[len(name) - (kept - head) :]}"
