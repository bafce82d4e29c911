# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate section of an environment: when a rollout may go on. Its keys, its defaults and its checks.

The defaults are judgement. A share counts whole hosts only, so 2 % of a batch of three allows none.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ..text.units import MIB
from .schema import Check, hint, is_off, join_path, percent, share_of_level, size, times, whole

TREATMENTS = ("bad", "inconclusive", "accept")
"""What a host counts as that is in one of ``STATES``."""

STATES = ("unreachable", "unknown", "stale", "learning")


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of {', '.join(words)}; {hint(value, words)}")
        return value

    return check


def _share(value: Any) -> float:
    """A share from 0 to 100; 0 allows no host at all."""
    if not isinstance(value, bool) and value in (0, "0"):
        return 0
    return percent(value)


def _truth(value: Any) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("true", "yes", "false", "no"):
        return value.strip().lower() in ("true", "yes")
    if not isinstance(value, bool):
        raise ValueError("must be true or false.")
    return value


def _significance(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if isinstance(value, bool) or not 0 < number <= 0.2:
        raise ValueError("must be a number above 0 and up to 0.2, such as 0.05.")
    return number


def _shares(value: Any) -> list[float]:
    try:
        shares = [percent(entry) for entry in value] if isinstance(value, (list, tuple)) else []
    except ValueError:
        shares = []
    if not 1 <= len(shares) <= 10 or sorted(shares) != shares:
        raise ValueError("must be a list of 1 to 10 percentages above 0 and up to 100, the smallest first.")
    return shares


_PARTS: dict[str, dict[str, Check]] = {
    "states": {name: _one_of(*TREATMENTS) for name in STATES},
    "settle": {
        "minimum_uptime_seconds": whole(0, 86_400),
        "at_most_seconds": whole(0, 86_400),
        "interval_seconds": whole(1, 3600),
        "quiet_percent": percent,
    },
    "noise": {"at_least": size, "percent_of_ram": percent},
    "worse": {"ratio": times, "percent_of_ram": percent},
    "regression": {
        "minimum_hosts": whole(5, 10_000),
        "ratio": times,
        "significance": _significance,
        "ratio_of_few": times,
    },
    "cohort": {"minimum_changed": whole(2, 10_000), "minimum_unchanged": whole(2, 10_000)},
}
_SINGLE: dict[str, Check] = {
    "blocking_severity": _one_of("warning", "critical"),
    "maximum_bad_hosts": whole(0, 1_000_000),
    "maximum_bad_percent": _share,
    "maximum_bad_hosts_in_all": whole(0, 1_000_000),
    "maximum_bad_percent_in_all": _share,
    "minimum_available_percent": percent,
    "stale_after_hours": whole(1, 8760),
    "canary_hosts": whole(1, 10_000),
    "batch_percent": _shares,
    "require_regression_test": _truth,
    "soak_days": whole(1, 365),
    "soak_growth_percent_of_ram": percent,
    "soak_growth_percent_of_level": share_of_level,
    "allow_override": _truth,
}
_CAN_BE_OFF = (
    "maximum_bad_hosts",
    "maximum_bad_percent",
    "maximum_bad_hosts_in_all",
    "maximum_bad_percent_in_all",
    "minimum_available_percent",
    "worse",
    "regression",
    "cohort",
    "soak_days",
)

GATE_KEYS = (*_SINGLE, *_PARTS)
"""The keys of the gate section. Those of ``states``, ``settle``, ``noise``, ``worse``, ``regression`` and ``cohort``
are mappings.
"""

_PRODUCTION: dict[str, Any] = {
    "blocking_severity": "warning",
    "maximum_bad_hosts": 5,
    "maximum_bad_percent": 2,
    "maximum_bad_hosts_in_all": 10,
    "maximum_bad_percent_in_all": 2,
    "minimum_available_percent": 2,
    "stale_after_hours": 24,
    "canary_hosts": 3,
    "batch_percent": [10, 25],
    "require_regression_test": False,
    "soak_days": 7,
    "soak_growth_percent_of_ram": 0.5,
    "soak_growth_percent_of_level": 25,
    "allow_override": True,
    "states": {"unreachable": "bad", "unknown": "bad", "stale": "bad", "learning": "accept"},
    "settle": {"minimum_uptime_seconds": 300, "at_most_seconds": 900, "interval_seconds": 30, "quiet_percent": 5},
    "noise": {"at_least": 64 * MIB, "percent_of_ram": 0.25},
    "worse": {"ratio": 2, "percent_of_ram": 2},
    "regression": {"minimum_hosts": 8, "ratio": 1.1, "significance": 0.05, "ratio_of_few": 1.25},
    "cohort": {"minimum_changed": 3, "minimum_unchanged": 10},
}
_OTHERS: dict[str, dict[str, Any]] = {
    "production": {},
    "staging": {"maximum_bad_percent": 10, "maximum_bad_percent_in_all": 10, "batch_percent": [25, 50], "soak_days": 3},
    "development": {
        "blocking_severity": "critical",
        "maximum_bad_percent": 25,
        "maximum_bad_percent_in_all": 25,
        "batch_percent": [50],
        "soak_days": 1,
        "states": {"unreachable": "bad", "unknown": "accept", "stale": "accept", "learning": "accept"},
    },
}


def default_gate_settings(environment: str) -> dict[str, Any]:
    """Return a fresh copy of the gate settings of a built-in environment; one that is not built in has those of
    production.
    """
    return copy.deepcopy({**_PRODUCTION, **_OTHERS.get(environment, {})})


def check_gate(section: Mapping[str, Any], path: str) -> list[str]:
    """Return what is wrong with a complete gate section, each problem with its key path (``path.key: must be …``)."""
    problems: list[str] = []
    _plain(section, path, problems)
    return problems


def plain_gate_settings(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a complete gate section with numbers as numbers and sizes in bytes. Raises ValueError with everything
    that is wrong.
    """
    problems: list[str] = []
    settings = _plain(section, "gate", problems)
    if problems:
        raise ValueError(" ".join(problems))
    return settings


def noise_settings(at_least: Any, percent_of_ram: Any) -> dict[str, Any]:
    """Return a plain ``noise`` part. Raises ValueError where one of its values is wrong."""
    problems: list[str] = []
    plain = _plain_part({"at_least": at_least, "percent_of_ram": percent_of_ram}, _PARTS["noise"], "noise", problems)
    if problems:
        raise ValueError(" ".join(problems))
    return plain


def _plain(section: Any, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(section, Mapping):
        problems.append(f"{path}: must be a mapping of keys to settings.")
        return {}
    settings: dict[str, Any] = {}
    _refuse_unknown(section, GATE_KEYS, path, problems)
    for key in GATE_KEYS:
        at = f"{path}.{key}"
        if key not in section:
            problems.append(f"{at}: is missing.")
        elif is_off(section[key]):
            settings[key] = None
            if key not in _CAN_BE_OFF:
                problems.append(f"{at}: can't be switched off; leave it out for its default.")
        elif key in _PARTS:
            settings[key] = _plain_part(section[key], _PARTS[key], at, problems)
        else:
            _add(settings, key, section[key], _SINGLE[key], at, problems)
    if not problems:
        problems.extend(_what_does_not_fit(settings, path))
    return settings


def _plain_part(part: Any, checks: Mapping[str, Check], path: str, problems: list[str]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    if not isinstance(part, Mapping):
        problems.append(f"{path}: must be a mapping of keys to settings.")
        return plain
    _refuse_unknown(part, tuple(checks), path, problems)
    for key, check in checks.items():
        if is_off(part.get(key)):
            problems.append(
                f"{path}.{key}: {'can' + chr(39) + 't be switched off by itself' if key in part else 'is missing'}."
            )
        else:
            _add(plain, key, part[key], check, f"{path}.{key}", problems)
    return plain


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], path: str, problems: list[str]) -> None:
    problems.extend(
        f"{path}.{join_path(key)}: is not a key that can stand here; {hint(key, known)}"
        for key in given
        if key not in known
    )


def _add(
    settings: dict[str, Any], key: str, value: Any, check: Callable[[Any], Any], path: str, problems: list[str]
) -> None:
    try:
        settings[key] = check(value)
    except ValueError as exc:
        problems.append(f"{path}: {exc}")


def _what_does_not_fit(settings: Mapping[str, Any], path: str) -> list[str]:
    settle = settings["settle"]
    if settle["interval_seconds"] > settle["at_most_seconds"]:
        return [
            f"{path}.settle.interval_seconds: is longer than at_most_seconds, so a second sample would never be taken."
        ]
    return []
