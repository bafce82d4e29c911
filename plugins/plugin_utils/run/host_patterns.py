# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host patterns of Ansible that stand for exactly these hosts, whatever they are called and however many they are."""

from __future__ import annotations

from collections.abc import Iterable


def patterns_of(names: Iterable[str]) -> list[str]:
    """Return patterns for the ``hosts`` of a play.

    Ansible finds a plain name at once. Any other could be taken for a pattern (``web[1]``, ``a:b``), so these go into
    one regular expression, in which what has a meaning is written by its number.
    """
    given = list(dict.fromkeys(names))
    others = "|".join(_escaped(name) for name in given if not _is_plain(name))
    return [name for name in given if _is_plain(name)] + ([f"~^({others})$"] if others else [])


def _is_plain(name: str) -> bool:
    return name[:1].isalnum() and all(_is_safe(sign) or sign == "." for sign in name)


def _is_safe(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign in "-_")


def _escaped(name: str) -> str:
    return "".join(sign if _is_safe(sign) else _number(sign) for sign in name)


def _number(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
