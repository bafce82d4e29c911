# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that hold where a policy says nothing: those of the three built-in environments.

What is asked of a dimension in production stands in its file below ``dimensions``, and what the gate asks in
``gate_settings.py``. docs/policy.md explains each; a test compares its tables with these settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dimensions.table import LIMITED, RULES
from ..model.settings import SimilarHosts
from ..text.units import GIB, MIB
from .gate_settings import default_gate_settings
from .schema import CHANGE_LEVELS, GROWTH_LEVELS, LEVELS, LIMIT_KEYS

DEFAULT_NAME = "built-in limits"
DEFAULT_ENVIRONMENT = "production"

# How much more waste than in production is tolerable, and the worst that a finding may be.
_ENVIRONMENTS = {"production": (1.0, "critical"), "staging": (1.5, "critical"), "development": (2.0, "warning")}

BUILT_IN = tuple(_ENVIRONMENTS)
"""The environments that exist without a policy."""

# What of a limit grows with the tolerance of an environment. Floors, the thread limit, the stack of a thread and the
# conditions on available memory are about the kernel, not about how much waste is tolerable, and stay the same.
_SCALED = ("percent_of_ram", "at_most", "times_expected")

# Growth and sudden changes in percent of the level; the share of RAM is the dimension's own.
_GROWTH_OF_LEVEL = {"watch": 10, "warning": 25, "critical": 50}
_GROWTH_AT_MOST = {"watch": 2 * GIB, "warning": 4 * GIB, "critical": 8 * GIB}
_CHANGE_OF_LEVEL = 50
_CHANGE_AT_MOST = 4 * GIB
_AT_LEAST = 64 * MIB

# Calibrated with tests/simulator so that a healthy fleet of 4,000 hosts, audited daily, has at most one new warning a
# day and one new critical a week; docs/judging.md has the figures. Still judgement: simulated hosts are no fleet.
_HISTORY: Mapping[str, Any] = {
    "minimum_samples": 7,
    "baseline_samples": 14,
    "minimum_days": 5,
    "windows_days": [14, 30],
    "warm_up_hours": 24,
    "confirm_after_hours": 20,
}


def default_environment_settings(name: str) -> dict[str, Any]:
    """Return a fresh copy of the settings of a built-in environment, with every key."""
    factor, highest_severity = _ENVIRONMENTS[name]
    return {
        "groups": [name],
        "based_on": None,
        "highest_severity": highest_severity,
        "limits": {dimension: {level: _limit(dimension, level, factor) for level in LEVELS} for dimension in LIMITED},
        "growth": {
            dimension: {tier: _growth(dimension, tier, factor) for tier in GROWTH_LEVELS} for dimension in LIMITED
        },
        "level": {dimension: {level: _change(dimension, factor) for level in CHANGE_LEVELS} for dimension in LIMITED},
        "history": {**_HISTORY, "windows_days": list(_HISTORY["windows_days"])},
        "similar_hosts": SimilarHosts().as_plain(),
        "severities": {},
        "gate": default_gate_settings(name),
    }


def _limit(dimension: str, level: str, factor: float) -> dict[str, Any] | None:
    production = RULES[dimension].defaults.limit(level)
    if production is None:
        return None
    scaled = {key: _whole(value * factor) if key in _SCALED else value for key, value in production.items()}
    return {**dict.fromkeys(LIMIT_KEYS[dimension]), **scaled}


def _growth(dimension: str, tier: str, factor: float) -> dict[str, Any] | None:
    defaults = RULES[dimension].defaults
    if defaults.growth is None:
        return None
    percent = defaults.growth[GROWTH_LEVELS.index(tier)]
    of_level = _GROWTH_OF_LEVEL[tier] * defaults.times_share_of_level
    return _amount(percent, of_level, _GROWTH_AT_MOST[tier], factor)


def _change(dimension: str, factor: float) -> dict[str, Any] | None:
    percent = RULES[dimension].defaults.level
    return None if percent is None else _amount(percent, _CHANGE_OF_LEVEL, _CHANGE_AT_MOST, factor)


def _amount(percent_of_ram: float, percent_of_level: float, at_most: int, factor: float) -> dict[str, Any]:
    return {
        "percent_of_ram": _whole(percent_of_ram * factor),
        "percent_of_level": _whole(percent_of_level * factor),
        "at_least": _AT_LEAST,
        "at_most": int(at_most * factor),
    }


def _whole(number: float) -> int | float:
    number = round(number, 6)
    return int(number) if number == int(number) else number
