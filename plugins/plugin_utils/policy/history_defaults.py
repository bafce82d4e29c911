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

# Growth in percent of RAM that makes a warning; half of it is watched. Remainders are noisy and need twice as much;
# stacks, per-CPU data and vmalloc are small, and steady. What makes a warning critical is time left, not the amount.
_GROWTH: dict[str, float | None] = {
    "slab_unreclaimable": 0.5,
    "slab_reclaimable": None,  # a cache that grows is a cache that works
    "vmalloc": 0.4,
    "kernel_stack": 0.4,
    "page_tables": 0.5,
    "percpu": 0.4,
    "unaccounted": 1,
    "kernel_unreclaimable": 1.5,
}
_GROWTH_SHARE = 15
_AT_MOST = {"watch": GIB, "warning": 2 * GIB, "critical": 2 * GIB}
_WATCHED = 0.5

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
    percent = _GROWTH[dimension]
    return {
        tier: _amount(
            None if percent is None else percent * (_WATCHED if tier == "watch" else 1),
            _GROWTH_SHARE,
            most,
            factor,
            at_least=16 * MIB,
        )
        for tier, most in _AT_MOST.items()
    }


def _amount(
    percent: float | None, share: float, at_most: int, factor: float, at_least: int = 64 * MIB
) -> dict[str, Any] | None:
    if percent is None:
        return None
    return {
        "percent_of_ram": _whole(percent * factor),
        "percent_of_level": _whole(share * factor),
        "at_least": at_least,
        "at_most": int(at_most * factor),
    }


def _whole(number: float) -> int | float:
    number = round(number, 6)
    return int(number) if number == int(number) else number
