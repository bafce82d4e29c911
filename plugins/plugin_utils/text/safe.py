# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from hosts, made safe to look at: what can't be seen, or changes how its neighbours are seen, becomes a
visible escape.
"""

from __future__ import annotations

LONGEST_LINE = 200

# What makes a spreadsheet take a cell for a formula; the wide forms count in East Asian editions.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def visible(text: str) -> str:
    """Return *text* with control characters, line and direction marks, lone surrogates and the like as ``\\x1b`` or
    ``\\u2028``.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in text)


def shortened(text: str, most: int, ending: str = "…") -> str:
    """Return *text* in at most *most* characters; *ending* shows that it was cut."""
    return text if len(text) <= most else text[: max(0, most - len(ending))] + ending


def ascii_only(text: str) -> str:
    """Return *text* as visible ASCII: every other character becomes an escape."""
    return visible(text).encode("ascii", "backslashreplace").decode("ascii")


def defused(text: str) -> str:
    """Return *text* as a cell that no spreadsheet takes for a formula: a leading ``'`` where it could be one."""
    dangerous = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return ("'" if dangerous else "") + visible(text)


def one_line(text: str, maximum: int = LONGEST_LINE) -> str:
    """Return text from a host as one line of printable characters, cut to *maximum*."""
    if len(text) <= maximum and text.isprintable():
        return " ".join(text.split())
    line = "".join(character if character.isprintable() else " " for character in text[: 4 * maximum])
    line = " ".join(line.split())
    return line if len(line) <= maximum else line[: maximum - 1] + "…"


def one_name(name: str | None, maximum: int = 64) -> str:
    """Return a name from a host as one line; one that is empty, or not known, is ``(no name)``."""
    return one_line(name or "", maximum) or "(no name)"


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
