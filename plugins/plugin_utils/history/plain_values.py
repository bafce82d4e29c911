# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data from outside, checked one value at a time: each is returned as what it has to be, or is a TypeError that
says what it should be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from .schema import clean_text

Json: TypeAlias = Mapping[str, object]
"""An object of JSON of which nothing is known yet."""

_LARGEST = 2**63


def text(value: object) -> str:
    """Return a text that every engine takes."""
    if not isinstance(value, str):
        raise TypeError("it should be text")
    return clean_text(value)


def text_or_none(value: object) -> str | None:
    """Return a text or None."""
    return None if value is None else text(value)


def whole(value: object) -> int:
    """Return a whole number of at most 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST <= value < _LARGEST:
        raise TypeError("it should be a whole number")
    return value


def whole_or_none(value: object) -> int | None:
    """Return a whole number of at most 64 bits, or None."""
    return None if value is None else whole(value)


def real_or_none(value: object) -> float | None:
    """Return a finite number, or None."""
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError("it should be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise TypeError("it should be a number")
    return number


def mapping(value: object) -> Json:
    """Return an object of JSON."""
    if not isinstance(value, Mapping):
        raise TypeError("it should be an object")
    return value


def listed(value: object) -> Sequence[object]:
    """Return a list."""
    if not isinstance(value, (list, tuple)):
        raise TypeError("it should be a list")
    return value
