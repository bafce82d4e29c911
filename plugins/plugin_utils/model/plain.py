# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes as plain data: what JSON can say, and how an object of ours becomes that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
"""JSON on one line, ASCII only, keys sorted: the same value gives the same bytes everywhere."""

_PLAIN = frozenset((type(None), bool, int, float, str))

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON can say."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A frozen class whose fields are its plain form."""

    def as_plain(self) -> dict[str, Json]:
        """Return the fields by name, as JSON types at any depth."""
        return plain_members(self, names_of(type(self)))


def plain_members(one: object, names: Iterable[str]) -> dict[str, Json]:
    """Return some attributes of an object by name, as JSON types at any depth."""
    found = {name: getattr(one, name) for name in names}
    return {name: value if type(value) in _PLAIN else plain(value) for name, value in found.items()}


def names_of(made: type[Plain]) -> tuple[str, ...]:
    """Return the names of the fields of a class. ``fields`` would make a list of objects each time."""
    return made.__match_args__


def plain(value: object) -> Json:
    """Return objects of ours as mappings and tuples as lists, at any depth. Raises TypeError for what JSON can't
    say.
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Plain):
        return value.as_plain()
    # Most of what is in anything is plain already, and a call for each number of a series is most of the work.
    if isinstance(value, (list, tuple)):
        return [one if type(one) in _PLAIN else plain(one) for one in value]
    # A dict is a mapping, and told so much faster than by the abstract class.
    if isinstance(value, (dict, Mapping)):
        return {str(key): one if type(one) in _PLAIN else plain(one) for key, one in value.items()}
    raise TypeError(f"{type(value).__name__} is no plain data.")
