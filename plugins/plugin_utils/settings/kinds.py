# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of values that a setting may have. A kind says what is wrong with a value, as the rest of a sentence.

Text is taken for numbers, switches and lists as Ansible takes it, since ``-e name=value`` gives text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

_SWITCHES = ("yes", "no", "on", "off", "true", "false", "1", "0", "y", "n", "t", "f", "1.0", "0.0")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]+)? ?%")


class Kind(Protocol):
    """What a value must be."""

    def problem(self, value: object) -> str | None:
        """Return the rest of a sentence that begins with the setting and its value ("must be …"), or None."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    lowest: int = 1
    highest: int | None = None
    of: str = ""

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        number = _number(value)
        if number is not None and number == int(number) and self.lowest <= number <= (self.highest or number):
            return None
        span = f"{self.lowest:,} or more" if self.highest is None else f"from {self.lowest:,} to {self.highest:,}"
        return f"must be a whole number{f' of {self.of}' if self.of else ''}, {span}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number above 0, or within bounds where they are given."""

    of: str
    lowest: float = 0.0
    highest: float | None = None

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        number = _number(value)
        if number is not None and number > 0 and self.lowest <= number <= (self.highest or number):
            return None
        span = " above 0" if self.highest is None else f", from {self.lowest:g} to {self.highest:g}"
        return f"must be a number of {self.of}{span}"


class Switch:
    """Yes or no, in each form that Ansible takes."""

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        return None if str(value).strip().lower() in _SWITCHES else "must be true or false"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    choices: Sequence[str]

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        return None if value in self.choices else f"must be one of {', '.join(self.choices)}{_meant(value, self)}"


@dataclass(frozen=True, slots=True)
class SomeOf:
    """A list of some words, which may be empty."""

    choices: Sequence[str]

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        words = words_of(value)
        wrong = None if words is None else [word for word in words if word not in self.choices]
        if wrong == []:
            return None
        hint = _meant(wrong[0], self) if wrong else ""
        return f"must be a list of any of {', '.join(self.choices)}{hint}"


@dataclass(frozen=True, slots=True)
class Text:
    """Text, of a form where *pattern* is given; *form* says which."""

    form: str = "text"
    pattern: str = ""

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
        fits = text is not None and (not self.pattern or re.fullmatch(self.pattern, text) is not None)
        return None if fits else f"must be {self.form}"


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts, or one text."""

    of: str

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        return None if words_of(value) else f"must be a list of {self.of}"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping, also in the forms of text that Ansible takes for one."""

    of: str

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        if isinstance(value, Mapping):
            return None
        text = value.strip() if isinstance(value, str) else ""
        fits = (
            _is_json_mapping(text) if text.startswith("{") else bool(text) and all("=" in one for one in _split(text))
        )
        return None if fits else f"must be a mapping of {self.of}"


@dataclass(frozen=True, slots=True)
class Mappings:
    """A list of mappings."""

    of: str

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        fits = isinstance(value, (list, tuple)) and all(isinstance(one, Mapping) for one in value)
        return None if fits else f"must be a list of {self.of}, each a mapping"


class Batches:
    """The value of a play's ``serial``: a number of hosts, a percentage, or a list of these."""

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        steps = value if isinstance(value, (list, tuple)) else [value]
        if steps and all(self._is_step(step) for step in steps):
            return None
        return "must be a number of hosts, a percentage such as '25%', or a list of these"

    @staticmethod
    def _is_step(step: object) -> bool:
        if isinstance(step, str) and _PERCENT.fullmatch(step.strip()):
            return True
        number = _number(step)
        return number is not None and number == int(number) and number >= 0


class PathOrMapping:
    """A policy: the path of its file, or what would stand there. What it says is checked where it is read."""

    def problem(self, value: object) -> str | None:
        """See :class:`Kind`."""
        return None if isinstance(value, (str, Mapping)) else "must be the path of a file, or a mapping"


def words_of(value: object) -> list[str] | None:
    """Return a list of words: a list as it is, text cut at commas. None for what is neither."""
    if isinstance(value, str):
        if value.strip().startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                return None
        else:
            return _split(value)
    if not isinstance(value, (list, tuple)):
        return None
    return [str(word) for word in value] if all(isinstance(word, (str, int)) for word in value) else None


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None


def _is_json_mapping(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _meant(value: object, kind: OneOf | SomeOf) -> str:
    near = get_close_matches(str(value).lower(), kind.choices, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""
