# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of what an audit.json may hold, field by field: what ``facts.checks`` is for the answer of a host.

They are kinder with sizes (an audit has as many names as the fleet has hosts) and stricter with what is missing: each
text and number of a class that is not declared as possibly None must be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..facts.checks import BY_TYPE as OF_FACTS
from ..facts.checks import LARGEST_NUMBER, Check, decided, difference, mapping
from ..model.plain import Json
from ..model.times import is_time_text

MOST_ENTRIES = 1_000_000
LONGEST_TEXT = 100_000
DEEPEST = 12

T = TypeVar("T")


def text(value: object, where: str) -> str:
    """Return a text."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError(f"{where} is no text of at most {LONGEST_TEXT:,} characters.")
    return value


def text_or_none(value: object, where: str) -> str | None:
    """Return a text, or None."""
    return None if value is None else text(value, where)


def moment(value: object, where: str) -> str:
    """Return a time."""
    if not is_time_text(value):
        raise ValueError(f"{where} is no time such as 2026-11-24T12:00:00Z.")
    return value


def count(value: object, where: str) -> int:
    """Return a whole number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is no whole number from 0 up.")
    return value


def finite(value: object, where: str) -> float:
    """Return a number, also below 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{where} is no number.")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is a number that nothing here can have.")
    return value


def optional(check: Callable[[object, str], T]) -> Callable[[object, str], T | None]:
    """Return the check that lets null pass."""
    return lambda value, where: None if value is None else check(value, where)


def many(check: Callable[[object, str], T]) -> Callable[[object, str], tuple[T, ...]]:
    """Return the check of a list whose entries pass *check*; null is an empty one."""

    def checked(value: object, where: str) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)) or len(value) > MOST_ENTRIES:
            raise ValueError(f"{where} is no list of at most {MOST_ENTRIES:,} entries.")
        return tuple([check(one, f"{where}[{place}]") for place, one in enumerate(value)])

    return checked


def by_name(check: Callable[[object, str], T]) -> Callable[[object, str], dict[str, T]]:
    """Return the check of a mapping whose values pass *check*; null is an empty one."""

    def checked(value: object, where: str) -> dict[str, T]:
        given = mapping({} if value is None else value, where)
        if len(given) > MOST_ENTRIES:
            raise ValueError(f"{where} has more than {MOST_ENTRIES:,} entries.")
        return {text(key, f"a name in {where}"): check(one, f"{where}.{str(key)[:80]}") for key, one in given.items()}

    return checked


def anything(value: object, where: str, depth: int = 0) -> Json:
    """Return plain data of any form whose numbers are finite."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value, where)
    if isinstance(value, (int, float)):
        return finite(value, where)
    if depth >= DEEPEST:
        raise ValueError(f"{where} is nested too deeply.")
    if isinstance(value, list):
        return [anything(one, where, depth + 1) for one in value]
    if isinstance(value, Mapping):
        return {text(key, where): anything(one, where, depth + 1) for key, one in value.items()}
    raise ValueError(f"{where} is no plain data.")


TEXTS = many(text)
BY_TYPE: Mapping[str, Check] = {
    **OF_FACTS,
    "str": text,
    "str | None": text_or_none,
    "bool": decided,
    "int": count,
    "int | None": difference,
    "float": finite,
    "tuple[str, ...]": TEXTS,
    "Mapping[str, str]": by_name(text),
    "Mapping[str, Json]": by_name(anything),
    "Mapping[str, int | None]": by_name(difference),
}
"""The check of a field by its declared type."""
