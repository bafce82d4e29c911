# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data from a host become frozen classes: each field is checked by the type that its class declares.

A host may be hostile, so a value is taken only where it is of its field's type and within bounds. Texts stay as they
are, but for their length: each output escapes what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Generic, TypeVar

from ..model.plain import Plain

MAXIMUM_TEXT = 1000
MAXIMUM_ENTRIES = 200
LARGEST_NUMBER = 2**63 - 1

T = TypeVar("T", bound=Plain)
Check = Callable[[object, str], object]
"""Takes a value and the path of its field; returns the value, or raises ValueError with a sentence that names the
path.
"""


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return a mapping."""
    # A dict is a mapping, and told so much faster than by the abstract class.
    if not isinstance(value, (dict, Mapping)):
        raise ValueError(f"{where} is not a mapping.")
    return value


def text(value: object, where: str) -> str | None:
    """Return a text, cut to ``MAXIMUM_TEXT``, or None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{where} is neither text nor null.")
    return _cut(value)


def truth(value: object, where: str) -> bool | None:
    """Return true, false or None."""
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"{where} is neither true, false nor null.")


def decided(value: object, where: str) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"{where} is neither true nor false.")


def number(value: object, where: str) -> float | None:
    """Return a number from 0 up, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is neither a number from 0 up nor null.")
    return value


def size(value: object, where: str) -> int | None:
    """Return a whole number from 0 up, or None."""
    return _whole(value, where, 0)


def difference(value: object, where: str) -> int | None:
    """Return a whole number of bytes, also below 0, or None."""
    return _whole(value, where, -LARGEST_NUMBER)


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return the texts of a list; none for null."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAXIMUM_ENTRIES or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{where} is not a list of at most {MAXIMUM_ENTRIES} texts.")
    return tuple([_cut(one) for one in value])


def texts_by_name(value: object, where: str) -> dict[str, str]:
    """Return a mapping of texts; an empty one for null."""
    given = mapping(value or {}, where)
    if len(given) > MAXIMUM_ENTRIES:
        raise ValueError(f"{where} has more than {MAXIMUM_ENTRIES} entries.")
    found = {}
    for key, one in given.items():
        if not isinstance(key, str) or not isinstance(one, str):
            raise ValueError(f"{where} does not hold texts by name.")
        found[_cut(key)] = _cut(one)
    return found


def amounts_by_name(value: object, where: str) -> dict[str, int | None]:
    """Return a mapping of whole numbers of bytes, also below 0; an empty one for null."""
    given = mapping(value or {}, where)
    if len(given) > MAXIMUM_ENTRIES:
        raise ValueError(f"{where} has more than {MAXIMUM_ENTRIES} entries.")
    found = {}
    for key, one in given.items():
        if not isinstance(key, str):
            raise ValueError(f"{where} has a name that is not text.")
        found[_cut(key)] = difference(one, f"{where}.{key}")
    return found


def one_of(known: tuple[str, ...]) -> Callable[[object, str], str]:
    """Return the check for one of some words. It returns its own copy of the word, which all hosts share."""

    def check(value: object, where: str) -> str:
        if isinstance(value, str) and value in known:
            return known[known.index(value)]
        raise ValueError(f"{where} is none of {', '.join(known)}.")

    return check


def list_of(read: Callable[[object, str], T], most: int) -> Callable[[object, str], tuple[T, ...]]:
    """Return the check for a list of at most *most* entries, each taken by *read*; null is an empty one."""

    def check(value: object, where: str) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > most:
            raise ValueError(f"{where} is not a list of at most {most} entries.")
        return tuple([read(one, where) for one in value])

    return check


BY_TYPE: Mapping[str, Check] = {
    "str | None": text,
    "bool | None": truth,
    "bool": decided,
    "float | None": number,
    "int | None": size,
    "tuple[str, ...]": texts,
}
"""The check of a field by its declared type."""


@dataclass(frozen=True)
class Form(Generic[T]):
    """How a class is made of plain data: its fields with their checks and what they are where they are missing."""

    made: Callable[..., T]
    fields: tuple[tuple[str, Check, object], ...]

    @classmethod
    def of(cls, made: type[T], by_type: Mapping[str, Check] | None = None, **checks: Check) -> Form[T]:
        """Return the form of a class: a field has the check of its name in *checks*, or else that of its type."""
        known = BY_TYPE if by_type is None else by_type
        return cls(
            made,
            tuple(
                (
                    one.name,
                    checks.get(one.name) or known[str(one.type)],
                    None if one.default is MISSING else one.default,
                )
                for one in fields(made)
            ),
        )

    def read(self, value: object, where: str) -> T:
        """Return *value* as an object of the class."""
        given = mapping(value, where)
        try:
            return self.made(*[check(given.get(key, missing), key) for key, check, missing in self.fields])
        except ValueError:
            # Only what is wrong is worth the text that says where it is.
            return self.made(*[check(given.get(key, missing), f"{where}.{key}") for key, check, missing in self.fields])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(key for key, _check, _missing in self.fields)


def _whole(value: Any, where: str, lowest: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is neither a whole number nor null.")
    return value


def _cut(value: str) -> str:
    return value if len(value) <= MAXIMUM_TEXT else value[: MAXIMUM_TEXT - 3] + "..."
