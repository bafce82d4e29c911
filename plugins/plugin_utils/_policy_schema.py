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

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._dimensions import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._units import (
    human_bytes,
    number_text,
    parse_size,
)

Check = Callable[[Any], "int | float"]
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAXIMUM_TIMES = 1000


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


def size(value: Any) -> int:
    """A size above 0 in bytes or binary units."""
    size_bytes = parse_size(value)
    if size_bytes == 0:
        raise ValueError("must be above 0; write none to leave it out.")
    return size_bytes


def _short(number: float) -> int | float:
    return int(number) if number == int(number) else float(number)


_SIZE_LIMIT: dict[str, Check] = {
    "percent_of_ram": percent,
    "at_least": size,
    "at_most": size,
    "only_if_available_below_percent": percent,
}
LIMIT_KEYS: dict[str, dict[str, Check]] = {dimension: dict(_SIZE_LIMIT) for dimension in LIMITED}
LIMIT_KEYS["percpu"]["times_expected"] = times
LIMIT_KEYS["kernel_stack"]["percent_of_thread_limit"] = percent
LIMIT_KEYS["kernel_stack"]["times_stack_per_thread"] = times

WARNING_ONLY = frozenset({"slab_reclaimable"})
"""Dimensions that never fail a host by themselves."""

POLICY_KEYS = ("name", "default_environment", "environments")
ENVIRONMENT_KEYS = ("groups", "based_on", "highest_severity", "limits")


def is_off(value: Any) -> bool:
    """Whether a value of a policy says "none": null, or the word."""
    return value is None or (isinstance(value, str) and value.strip().lower() == "none")


def is_name(value: Any) -> bool:
    """Whether a value can be the name of an environment: up to 64 letters, digits, ``_``, ``.`` and ``-``."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


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
    problems = []
    share = level["percent_of_ram"]
    for key in ("at_least", "at_most"):
        if share is None and level[key] is not None:
            problems.append((key, "means nothing without percent_of_ram; give percent_of_ram, too."))
    if share is None and level.get("times_expected") is None and level["only_if_available_below_percent"] is not None:
        problems.append(("only_if_available_below_percent", "needs percent_of_ram beside it."))
    low, high = level["at_least"], level["at_most"]
    if low is not None and high is not None and low > high:
        problems.append(("at_least", f"is {human_bytes(low)}, which is more than at_most ({human_bytes(high)})."))
    return problems


def order_problems(dimension: str, warning: Mapping[str, Any], critical: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return where a critical level is reached before its warning level, or is the same."""
    problems = []
    differs = False
    for key in LIMIT_KEYS[dimension]:
        low, high = _rank(key, warning[key]), _rank(key, critical[key])
        if low is None or high is None:
            continue
        differs = differs or low != high
        # The condition on available memory works the other way round: lower is stricter.
        if (high > low) if key == "only_if_available_below_percent" else (high < low):
            said = f"is {_said(key, critical[key])}, but the warning level has {_said(key, warning[key])}"
            problems.append((key, f"{said}; critical must not come before warning, so set it, too."))
    if not problems and not differs:
        problems.append(("", "is the same as the warning level; critical must be above warning."))
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
