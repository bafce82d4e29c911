# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from hosts, made safe to look at: what can't be seen, or changes how its neighbours are seen, becomes a visible escape."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return *text* with control characters, line and direction marks, lone surrogates and the like as ``\\x1b`` or ``\\u2028``."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in text)


def shortened(text: str, most: int, ending: str = "…") -> str:
    """Return *text* in at most *most* characters; *ending* shows that it was cut."""
    return text if len(text) <= most else text[: max(0, most - len(ending))] + ending


def ascii_only(text: str) -> str:
    """Return *text* as visible ASCII: every other character becomes an escape."""
    return visible(text).encode("ascii", "backslashreplace").decode("ascii")


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
