# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy may contain: the keys of each limit, and the check of each value.

Checks return the value in its plain form, or raise :class:`ValueError` with the rest of a sentence that begins with
the key path ("must be …").
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..dimensions.table import LIMITED, RULES
from ..text.units import human_bytes, number_text, parse_size

Check = Callable[[Any], Any]
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAXIMUM_TIMES = 1000
_MAXIMUM_WINDOWS = 5


def _number(value: Any) -> float:
    # Text is taken, too: on ansible-core 2.16 a templated number arrives as text.
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number.")
    return value


def percent(value: Any) -> float:
    """A share above 0 and up to 100."""
    if isinstance(value, str) and value.strip().endswith("%"):
        raise ValueError("must be a number without a percent sign.")
    number = _number(value)
    if not 0 < number <= 100:
        raise ValueError("must be a percentage above 0 and up to 100.")
    return _short(number)


def times(value: Any) -> float:
    """A factor from 1 to 1000."""
    number = _number(value)
    if not 1 <= number <= _MAXIMUM_TIMES:
        raise ValueError(f"must be a factor from 1 to {_MAXIMUM_TIMES}.")
    return _short(number)


def share_of_level(value: Any) -> float:
    """A share of what a host usually has: above 0, and up to 1000 since a level can grow to many times itself."""
    if isinstance(value, str) and value.strip().endswith("%"):
        raise ValueError("must be a number without a percent sign.")
    number = _number(value)
    if not 0 < number <= 1000:
        raise ValueError("must be a percentage above 0 and up to 1000.")
    return _short(number)


def whole(lowest: int, highest: int) -> Callable[[Any], int]:
    """Return the check for a whole number from *lowest* to *highest*."""

    def check(value: Any) -> int:
        try:
            number = _number(value)
        except ValueError:
            number = math.nan
        if math.isnan(number) or number != int(number) or not lowest <= number <= highest:
            raise ValueError(f"must be a whole number from {lowest:,} to {highest:,}.")
        return int(number)

    return check


def _deviations(value: Any) -> float:
    number = _number(value)
    if not 0 < number <= 100:
        raise ValueError("must be a number above 0 and up to 100.")
    return _short(number)


def _windows(value: Any) -> list[int]:
    day = whole(2, 730)
    try:
        days = [day(entry) for entry in value] if isinstance(value, (list, tuple)) else []
    except ValueError:
        days = []
    if not 1 <= len(days) <= _MAXIMUM_WINDOWS or sorted(set(days)) != days:
        raise ValueError(
            f"must be a list of 1 to {_MAXIMUM_WINDOWS} numbers of days from 2 to 730, the shortest first."
        )
    return days


def size(value: Any) -> int:
    """A size above 0 in bytes or binary units."""
    size_bytes = parse_size(value)
    if size_bytes == 0:
        raise ValueError("must be above 0; write none to leave it out.")
    return size_bytes


def _short(number: float) -> int | float:
    return int(number) if number == int(number) else float(number)


LEVELS = ("warning", "critical")
"""The levels of a limit, the milder first: a policy's warning must not come after its critical."""

_SIZE_LIMIT: dict[str, Check] = {
    "percent_of_ram": percent,
    "at_least": size,
    "at_most": size,
    "only_if_available_below_percent": percent,
}
_FURTHER_LIMIT: dict[str, Check] = {
    "times_expected": times,
    "percent_of_thread_limit": percent,
    "times_stack_per_thread": times,
}
"""What only dimensions have whose default limits ask for it."""


def _limit_keys(dimension: str) -> dict[str, Check]:
    asked = {key for level in LEVELS for key in RULES[dimension].defaults.limit(level) or ()}
    return {**_SIZE_LIMIT, **{key: check for key, check in _FURTHER_LIMIT.items() if key in asked}}


LIMIT_KEYS: dict[str, dict[str, Check]] = {dimension: _limit_keys(dimension) for dimension in LIMITED}

WARNING_ONLY = frozenset(dimension for dimension in LIMITED if RULES[dimension].defaults.critical is None)
"""Dimensions that never fail a host by themselves."""

GROWTH_LEVELS = ("watch", "warning", "critical")
CHANGE_LEVELS = ("warning",)
AMOUNT_KEYS: dict[str, Check] = {
    "percent_of_ram": percent,
    "percent_of_level": share_of_level,
    "at_least": size,
    "at_most": size,
}
"""What an amount of growth, or of a sudden change, is made of."""

NEEDED_OF_AMOUNTS = ("percent_of_ram", "percent_of_level")
"""Both must be exceeded: a share of RAM alone finds every host that is busy, a share of next to nothing is next to
nothing.
"""

LEVEL_KEYS: dict[str, tuple[tuple[str, ...], dict[str, dict[str, Check]]]] = {
    "limits": (LEVELS, LIMIT_KEYS),
    "growth": (GROWTH_LEVELS, dict.fromkeys(LIMITED, AMOUNT_KEYS)),
    "level": (CHANGE_LEVELS, dict.fromkeys(LIMITED, AMOUNT_KEYS)),
}
"""The sections by dimension and level: their levels, the mildest first, and the keys of each dimension."""

HISTORY_KEYS: dict[str, Check] = {
    "minimum_samples": whole(3, 1000),
    "baseline_samples": whole(3, 1000),
    "minimum_days": whole(1, 365),
    "windows_days": _windows,
    "warm_up_hours": whole(0, 8760),
    "confirm_after_hours": whole(0, 8760),
}
SIMILAR_HOSTS_KEYS: dict[str, Check] = {"minimum": whole(3, 10_000), "times_median": times, "z": _deviations}

PROFILE_SECTIONS = ("limits", "growth", "level", "history", "similar_hosts", "severities", "highest_severity")
SECTIONS = (*PROFILE_SECTIONS, "gate")
"""What an environment sets. A profile sets the same, but for the gate, which is about rollouts and not about a host."""

POLICY_KEYS = ("name", "default_environment", "environments", "profiles", "waivers")
ENVIRONMENT_KEYS = ("groups", "based_on", *SECTIONS)
PROFILE_KEYS = ("name", "match", *PROFILE_SECTIONS)
EVERY_HOST = "all"
"""The inventory group that every host is in, and that Ansible names at none."""

WAIVER_KEYS = ("hosts", "dimension", "kind", "reason", "until")


def is_off(value: Any) -> bool:
    """Whether a value of a policy says "none": null, or the word."""
    return value is None or (isinstance(value, str) and value.strip().lower() == "none")


def is_name(value: Any) -> bool:
    """Whether a value can be the name of an environment: up to 64 letters, digits, ``_``, ``.`` and ``-``."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def is_line(value: Any, maximum: int) -> bool:
    """Whether a value is one printable line of text, not empty, with up to *maximum* characters."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= maximum and value.isprintable()


def join_path(*keys: Any) -> str:
    """Return a key path; a key that isn't a plain word stands in quotes, cut to 40 characters, in ASCII."""
    return ".".join(key if isinstance(key, str) and _PLAIN_KEY.fullmatch(key) else _quoted(key) for key in keys)


def _quoted(key: Any) -> str:
    return json.dumps(str(key)[:40])


def hint(wrong: Any, right: Iterable[str]) -> str:
    """Return "did you mean …?" for the nearest of the right names, else the list of them."""
    names = list(right)
    if isinstance(wrong, str) and wrong:
        word = wrong[:64].lower()
        near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
        near = near or [name for name in names if name.startswith(word) or word in name.split("_")]
        if near:
            return f"did you mean {' or '.join(near)}?"
    return f"use one of {', '.join(names)}."


def level_problems(level: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with one complete level as pairs of key and rest of the sentence."""
    share = level["percent_of_ram"]
    condition = "only_if_available_below_percent"
    problems = [
        (key, "means nothing without percent_of_ram; give percent_of_ram, too.")
        for key in ("at_least", "at_most")
        if share is None and level[key] is not None
    ]
    if share is None and level.get("times_expected") is None and level.get(condition) is not None:
        problems.append((condition, "needs percent_of_ram beside it."))
    low, high = level["at_least"], level["at_most"]
    if low is not None and high is not None and low > high:
        problems.append(("at_least", f"is {human_bytes(low)}, which is more than at_most ({human_bytes(high)})."))
    return problems


def order_problems(
    lower: Mapping[str, Any], upper: Mapping[str, Any], names: tuple[str, str], may_be_same: bool = False
) -> list[tuple[str, str]]:
    """Return where the upper of two levels is reached before the lower, or is the same. *names* are those of both,
    the lower first.
    """
    problems = []
    differs = may_be_same
    for key in lower:
        low, high = _rank(key, lower[key]), _rank(key, upper[key])
        if low is None or high is None:
            continue
        differs = differs or low != high
        # The condition on available memory works the other way round: lower is stricter.
        if (high > low) if key == "only_if_available_below_percent" else (high < low):
            said = f"is {_said(key, upper[key])}, but the {names[0]} level has {_said(key, lower[key])}"
            problems.append((key, f"{said}; {names[1]} must not come before {names[0]}, so set it, too."))
    if not problems and not differs:
        problems.append(("", f"is the same as the {names[0]} level; {names[1]} must be above {names[0]}."))
    return problems


def _rank(key: str, value: Any) -> float | None:
    if value is not None:
        return float(value)
    if key in ("at_least", "times_expected"):
        return 0.0
    if key in ("at_most", "only_if_available_below_percent"):
        return math.inf
    return None  # percent_of_ram and the thread limits: left out means there is no such limit


def _said(key: str, value: Any) -> str:
    if value is None:
        return "none"
    return human_bytes(value) if key in ("at_least", "at_most") else number_text(value)
