# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside as Markdown that shows it and does nothing: no markup, no link, no mention, no end of a table's
cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..text.safe import shortened, visible

LONGEST_TEXT = 600

# What a forge makes something of inside of words: @mentions, #references, !references, links, e-mail addresses,
# :emoji:.
_ACTIVE = re.compile(r"[@#~]|!\d|://|www\.|:[a-z+-][a-z0-9_+-]*:|mailto", re.IGNORECASE)
_MARKUP = re.compile(r"([\\`*_\[\]$])")
# What starts a list, a heading or a rule where a line begins with it.
_START = re.compile(r"([-+=]+|\d{1,9}[.)])")
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"))


def markdown(text: str, most: int = LONGEST_TEXT) -> str:
    """Return *text* as a part of a paragraph or of a table's cell; words that a forge would link become code."""
    return " ".join(_word(word) for word in visible(shortened(text, most)).split(" "))


def code(text: str, most: int = LONGEST_TEXT, *, cell: bool = True) -> str:
    """Return *text* as code, whatever it has of backticks. In a *cell* of a table a ``|`` becomes an escape, since
    it would end the cell.
    """
    shown = visible(shortened(text, most))
    if cell:
        shown = shown.replace("|", "\\x7c")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    # Where it begins or ends with a backtick or a space, one space more is what the format takes away again.
    room = " " if not shown.strip() or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{room}{shown or ' '}{room}{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = ()) -> list[str]:
    """Return the lines of a table whose cells are finished Markdown; *numeric* columns are aligned to the right."""
    right = set(numeric)
    marks = ["---:" if place in right else "---" for place in range(len(heads))]
    return [f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)]


def _word(word: str) -> str:
    if _ACTIVE.search(word):
        return code(word)
    for sign, entity in _ENTITIES:
        word = word.replace(sign, entity)
    word = _MARKUP.sub(r"\\\1", word)
    return f"{word[:-1]}\\{word[-1]}" if _START.fullmatch(word) else word
