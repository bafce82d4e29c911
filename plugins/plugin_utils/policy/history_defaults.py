# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules over a host's own history ask for where a policy says nothing.

The amounts were calibrated with tests/simulator so that a healthy fleet of 4,000 hosts, audited daily, has at most one
new warning a day and one new critical a week; docs/judging.md has the figures. They are still judgement: simulated
hosts are no fleet.
"""

from __future__ import annotations

from typing import Any

from ..model.dimensions import LIMITED

MIB = 1024**2
GIB = 1024**3

# Growth in percent of RAM at watch, warning and critical, over a window. Remainders are noisy and need twice as much;
# stacks, per-CPU data and vmalloc are small, and steady.
_GROWTH: dict[str, tuple[float, float, float] | None] = {
    "slab_unreclaimable": (0.25, 1, 2),
    "slab_reclaimable": None,  # a cache that grows is a cache that works
    "vmalloc": (0.2, 0.5, 1),
    "kernel_stack": (0.2, 0.4, 1),
    "page_tables": (0.25, 1, 2),
    "percpu": (0.2, 0.4, 1),
    "unaccounted": (0.5, 2, 4),
    "kernel_unreclaimable": (1, 2, 4),
}
_SHARE_OF_LEVEL = {"watch": 10, "warning": 25, "critical": 50}
_NOISY = ("unaccounted",)  # twice the share of the level, too
_AT_MOST = {"watch": 2 * GIB, "warning": 4 * GIB, "critical": 8 * GIB}

# A sudden change in percent of RAM, and of the usual level.
_LEVEL: dict[str, float | None] = {
    "slab_unreclaimable": 1.25,
    "slab_reclaimable": None,
    "vmalloc": 1,
    "kernel_stack": 0.5,
    "page_tables": 1.25,
    "percpu": 0.5,
    "unaccounted": 3,
    "kernel_unreclaimable": 3,
}
_LEVEL_SHARE = 50

_HISTORY: dict[str, Any] = {
    "minimum_samples": 7,
    "baseline_samples": 14,
    "minimum_days": 5,
    "windows_days": [14, 30],
    "warm_up_hours": 24,
    "confirm_after_hours": 20,
}
_SIMILAR_HOSTS = {"minimum": 8, "times_median": 1.5, "z": 5}

_FACTORS = {"production": 1.0, "staging": 1.5, "development": 2.0}


def default_history_settings(environment: str) -> dict[str, Any]:
    """Return a fresh copy of the settings ``growth``, ``level``, ``history`` and ``similar_hosts`` of a built-in
    environment.
    """
    factor = _FACTORS[environment]
    return {
        "growth": {dimension: _growth(dimension, factor) for dimension in LIMITED},
        "level": {
            dimension: {"warning": _amount(_LEVEL[dimension], _LEVEL_SHARE, 4 * GIB, factor)} for dimension in LIMITED
        },
        "history": {**_HISTORY, "windows_days": list(_HISTORY["windows_days"])},
        "similar_hosts": dict(_SIMILAR_HOSTS),
    }


def _growth(dimension: str, factor: float) -> dict[str, dict[str, Any] | None]:
    percents = _GROWTH[dimension] or (None, None, None)
    return {
        tier: _amount(percent, _SHARE_OF_LEVEL[tier] * (2 if dimension in _NOISY else 1), _AT_MOST[tier], factor)
        for tier, percent in zip(_SHARE_OF_LEVEL, percents, strict=True)
    }


def _amount(percent: float | None, share: float, at_most: int, factor: float) -> dict[str, Any] | None:
    if percent is None:
        return None
    return {
        "percent_of_ram": _whole(percent * factor),
        "percent_of_level": _whole(share * factor),
        "at_least": 64 * MIB,
        "at_most": int(at_most * factor),
    }


def _whole(number: float) -> int | float:
    number = round(number, 6)
    return int(number) if number == int(number) else number
