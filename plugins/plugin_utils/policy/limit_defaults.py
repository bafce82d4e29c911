# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits that hold where a policy says nothing.

They are judgement, not measurement: checked against healthy hosts for quietness, and against known incidents for sense.
docs/policy.md explains each; a test compares its table with this file.
"""

from __future__ import annotations

from typing import Any

from ..model.dimensions import LEVELS, LIMITED
from .gate_settings import default_gate_settings
from .history_defaults import default_history_settings
from .schema import LIMIT_KEYS

DEFAULT_NAME = "built-in limits"
DEFAULT_ENVIRONMENT = "production"

MIB = 1024**2
GIB = 1024**3

# The same two floors for every size: below 512 MiB no dimension is worth a person's time, however small the host.
_FLOORS = {"warning": 512 * MIB, "critical": 768 * MIB}


def _sizes(warning: float, warning_cap: int, critical: float, critical_cap: int) -> dict[str, dict[str, Any]]:
    return {
        "warning": {"percent_of_ram": warning, "at_least": _FLOORS["warning"], "at_most": warning_cap * GIB},
        "critical": {"percent_of_ram": critical, "at_least": _FLOORS["critical"], "at_most": critical_cap * GIB},
    }


_PRODUCTION: dict[str, dict[str, dict[str, Any]]] = {
    "slab_unreclaimable": _sizes(8, 32, 16, 64),
    # MemAvailable counts most of this slab: where it is below 10 %, no larger share than that can be left here.
    "slab_reclaimable": {
        "warning": {
            "percent_of_ram": 5,
            "at_least": 512 * MIB,
            "at_most": 64 * GIB,
            "only_if_available_below_percent": 10,
        }
    },
    "vmalloc": _sizes(4, 32, 8, 64),
    "kernel_stack": {
        "warning": {
            "percent_of_ram": 2,
            "at_least": 512 * MIB,
            "at_most": 16 * GIB,
            "percent_of_thread_limit": 50,
            "times_stack_per_thread": 1.5,
        },
        "critical": {"percent_of_ram": 5, "at_least": 768 * MIB, "at_most": 32 * GIB, "percent_of_thread_limit": 80},
    },
    "page_tables": _sizes(4, 64, 8, 128),
    "percpu": {
        "warning": {"percent_of_ram": 1, "at_least": 256 * MIB, "at_most": 8 * GIB, "times_expected": 3},
        "critical": {"percent_of_ram": 1, "at_least": 256 * MIB, "at_most": 16 * GIB, "times_expected": 8},
    },
    "unaccounted": _sizes(10, 64, 20, 128),
    "kernel_unreclaimable": _sizes(20, 128, 35, 256),
}
_PRODUCTION["page_tables"]["critical"]["only_if_available_below_percent"] = 15

# What grows with the tolerance of an environment. Floors, the thread limit, the stack of a thread and the conditions on
# available memory are about the kernel, not about how much waste is tolerable, and stay the same.
_SCALED = ("percent_of_ram", "at_most", "times_expected")

_ENVIRONMENTS = {"production": (1.0, "critical"), "staging": (1.5, "critical"), "development": (2.0, "warning")}

BUILT_IN = tuple(_ENVIRONMENTS)
"""The environments that exist without a policy."""


def default_environment_settings(name: str) -> dict[str, Any]:
    """Return a fresh copy of the settings of a built-in environment, with every key."""
    factor, highest_severity = _ENVIRONMENTS[name]
    limits = {
        dimension: {level: _complete(dimension, _PRODUCTION[dimension].get(level), factor) for level in LEVELS}
        for dimension in LIMITED
    }
    return {
        "groups": [name],
        "based_on": None,
        "highest_severity": highest_severity,
        "limits": limits,
        **default_history_settings(name),
        "severities": {},
        "gate": default_gate_settings(name),
    }


def _complete(dimension: str, level: dict[str, Any] | None, factor: float) -> dict[str, Any] | None:
    if level is None:
        return None
    scaled = {key: _times(value, factor) if key in _SCALED else value for key, value in level.items()}
    return {**dict.fromkeys(LIMIT_KEYS[dimension]), **scaled}


def _times(value: float, factor: float) -> int | float:
    product = value * factor
    return int(product) if product == int(product) else product
