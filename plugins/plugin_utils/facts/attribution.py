# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for a host's attribution: each part is checked by itself.

Attribution explains and hardly ever judges. So a part with a wrong type is emptied and says so, and the host is judged
all the same. Texts and lists are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_args, get_type_hints

from ..model.attribution import Attribution
from ..model.attribution_parts import COMMON, ROWS, Part, Rows
from ..model.plain import Plain

MAXIMUM_TEXT = 300
LARGEST_NUMBER = 2**53
WRONG = "Its form is not that of this version of the collection, so it was left out."
NO_REASON = "The host gave no reason."


def attribution_of(given: object) -> Attribution:
    """Return the known parts of what a host said; one that has a wrong type anywhere is incomplete, with a reason."""
    return CheckedWhenRead(given) if isinstance(given, Mapping) else Attribution()


class CheckedWhenRead(Attribution):
    """What a host said, each part checked when it is first read: of a healthy host few parts ever are."""

    __slots__ = ("_given",)

    _given: Mapping[str, object]

    def __init__(self, given: Mapping[str, object]) -> None:
        object.__setattr__(self, "_given", given)

    def __getattr__(self, name: str) -> Part | None:
        """Return a part that nobody has read so far: Python asks here, since its slot is empty."""
        made = _FORMS.get(name)
        if made is None:
            raise AttributeError(f"An attribution has no part {name!r}.")
        part = made(self._given[name]) if name in self._given else None
        object.__setattr__(self, name, part)
        return part


P = TypeVar("P", bound=Plain)


class _Form:
    """How a part is made of plain data."""

    def __init__(self, made: type[Part], rows: Rows | None) -> None:
        names = {one.name: str(one.type) for one in fields(made) if one.name not in COMMON}
        self.made, self.rows = made, rows
        self.names = frozenset(names)
        self.checks = [(name, _BY_TYPE[kind]) for name, kind in names.items() if rows is None or name != rows.field]
        self.entry = [(one.name, _BY_TYPE[str(one.type)]) for one in fields(rows.entry)] if rows else []

    def part(self, given: object) -> Part:
        """Return the part, or one that is incomplete."""
        try:
            return self._part(given)
        except ValueError:
            return self.made(False, WRONG, None, False)

    def _part(self, given: object) -> Part:
        # A dict is a mapping, and told so much faster than by the abstract class.
        if not isinstance(given, (dict, Mapping)) or not isinstance(given.get("complete"), bool):
            raise ValueError("It does not say whether it is whole.")
        complete, reason, duration = given["complete"], _text(given.get("reason")), _whole(given.get("duration_ms"))
        if not complete and reason is None:
            reason = NO_REASON
        if self.names.isdisjoint(given):
            return self.made(False, WRONG if complete else reason, duration, False)
        found: dict[str, Any] = {name: check(given.get(name)) for name, check in self.checks}
        if self.rows is not None:
            found[self.rows.field] = self._entries(given.get(self.rows.field), self.rows)
        return self.made(complete, reason, duration, True, **found)

    def _entries(self, given: object, rows: Rows) -> tuple[Plain, ...]:
        if not isinstance(given, list) or len(given) > rows.most:
            raise ValueError("It has too many rows, or none.")
        return tuple([self._entry(one, rows.entry) for one in given])

    def _entry(self, given: object, made: Callable[..., P]) -> P:
        if not isinstance(given, dict):
            raise ValueError("A row is not a mapping.")
        return made(*[check(given.get(name)) for name, check in self.entry])


def _whole(value: object) -> int | None:
    # Most values are whole numbers, and there are a hundred of them a host.
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER):
        return value
    raise ValueError("It is no whole number that a host can have.")


def _share(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise ValueError("It is no percentage.")
    return value


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("It is no text.")
    return value if len(value) <= MAXIMUM_TEXT else value[: MAXIMUM_TEXT - 3] + "..."


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 16 or not all(isinstance(one, str) for one in value):
        raise ValueError("It is no short list of texts.")
    return tuple([str(_text(one)) for one in value])


_BY_TYPE: dict[str, Callable[[object], object]] = {
    "int | None": _whole,
    "float | None": _share,
    "str | None": _text,
    "tuple[str, ...]": _texts,
}
_FORMS: dict[str, Callable[[object], Part]] = {
    name: _Form(get_args(kind)[0], ROWS.get(name)).part for name, kind in get_type_hints(Attribution).items()
}
"""How each part is made: by the class that its field has, or None."""
