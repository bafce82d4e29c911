# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says is checked once, here, before anything is made of it: types, ranges, lengths.

Each function takes a value and what it is called, and raises :class:`ValueError` with one sentence where it is none.
"""

from __future__ import annotations

from collections.abc import Mapping

LONGEST = 300
LARGEST = 2**63 - 1
MOST_ENTRIES = 5000
DEEPEST = 12

Plain = dict[str, object]


def unsound(what: str, is_no: str) -> ValueError:
    """Return the error of a value that is not what it must be."""
    return ValueError(f"The host's answer can't be used: {what} is no {is_no}.")


def mapping(value: object, what: str) -> dict[str, object]:
    """Return a mapping with text keys of a bounded number of entries."""
    if not isinstance(value, Mapping) or len(value) > MOST_ENTRIES:
        raise unsound(what, f"mapping of at most {MOST_ENTRIES:,} entries")
    return {text(key, f"a name in {what}"): entry for key, entry in value.items()}


def sequence(value: object, what: str, most: int = MOST_ENTRIES) -> list[object]:
    """Return a list of a bounded length."""
    if not isinstance(value, list) or len(value) > most:
        raise unsound(what, f"list of at most {most:,} entries")
    return value


def text(value: object, what: str, most: int = LONGEST) -> str:
    """Return a text, cut to *most* characters."""
    if not isinstance(value, str):
        raise unsound(what, "text")
    return value[:most]


def optional_text(value: object, what: str, most: int = LONGEST) -> str | None:
    """Return a text or None."""
    return None if value is None else text(value, what, most)


def amount(value: object, what: str) -> float:
    """Return a number from 0 to 2^63 - 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST:
        raise unsound(what, "number from 0 to 2^63 - 1")
    return value


def whole(value: object, what: str) -> int:
    """Return a whole number from 0 to 2^63 - 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise unsound(what, "whole number from 0 to 2^63 - 1")
    return value


def optional_whole(value: object, what: str) -> int | None:
    """Return a whole number or None."""
    return None if value is None else whole(value, what)


def flag(value: object, what: str) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise unsound(what, "truth value")
    return value


def texts(value: object, what: str, most: int = MOST_ENTRIES) -> tuple[str, ...]:
    """Return a list of texts."""
    return tuple(text(entry, f"an entry of {what}") for entry in sequence(value, what, most))


def clean(value: object, what: str = "it", depth: int = 0) -> Plain:
    """Return a mapping as JSON has it, so that it can be kept and written: text, finite numbers that fit in 64 bits,
    truth values, lists and mappings, at most twelve levels deep.
    """
    found = _clean(value, what, depth)
    if not isinstance(found, dict):
        raise unsound(what, "mapping")
    return found


def _clean(value: object, what: str, depth: int) -> object:
    if depth > DEEPEST:
        raise unsound(what, f"data of at most {DEEPEST} levels")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        if not -LARGEST <= value <= LARGEST:
            raise unsound(f"a number in {what}", "number of at most 63 bits")
        return value
    if isinstance(value, list):
        return [_clean(entry, what, depth + 1) for entry in value]
    if isinstance(value, Mapping):
        return {text(key, f"a name in {what}"): _clean(entry, str(key)[:40], depth + 1) for key, entry in value.items()}
    raise unsound(what, "data that JSON has")
