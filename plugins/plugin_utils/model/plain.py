# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes as plain data: what JSON can say, and how an object of ours becomes that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
"""JSON on one line, ASCII only, keys sorted: the same value gives the same bytes everywhere."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON can say."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A frozen class whose fields are its plain form."""

    def as_plain(self) -> dict[str, Json]:
        """Return the fields by name, as JSON types at any depth."""
        return {name: plain(getattr(self, name)) for name in names_of(type(self))}


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
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    # A dict is a mapping, and told so much faster than by the abstract class.
    if isinstance(value, (dict, Mapping)):
        return {str(key): plain(one) for key, one in value.items()}
    raise TypeError(f"{type(value).__name__} is no plain data.")
