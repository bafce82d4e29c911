# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what Ansible hands to a plugin into plain Python data, once, at the door.

Since ansible-core 2.19 variables arrive in containers that template lazily, and strings carry invisible tags;
reading them is slow, and libraries such as PyYAML and jmespath trip over them. Before 2.19 strings from a module are of
a special class. The rest of the collection computes on plain data only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any

_MAXIMUM_DEPTH = 32


def to_plain(value: Any) -> Any:
    """Return a copy of *value* made of ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` and ``None`` only.

    Mappings (also C(hostvars)) become dicts with text keys; tuples and sets become lists.
    Raises :class:`ValueError` for anything else, and for data nested deeper than 32 levels.
    """
    return _plain(value, 0)


def _plain(value: Any, depth: int) -> Any:
    if depth > _MAXIMUM_DEPTH:
        raise ValueError(f"The data is nested deeper than {_MAXIMUM_DEPTH} levels; give it flatter.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, date):
        # YAML reads 2027-01-31 as a date.
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_text(key if isinstance(key, str) else str(key)): _plain(value[key], depth + 1) for key in value}
    if isinstance(value, (Sequence, Set)):
        return [_plain(entry, depth + 1) for entry in value]
    raise ValueError(
        f"Data of the type {type(value).__name__} can't be used here; give text, numbers, lists or mappings."
    )


def _text(value: str) -> str:
    # The base class's own method gives a str of exactly the class str, without tags or subclass.
    return str.__str__(value)
