# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation may be told, with bounds, and the requests that are sent to a host for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from .dimensions import FIELDS
from .trace_plan import NOISE, Plan
from .wanted import Wanted

DIMENSIONS = (*FIELDS, "unaccounted")

TRANSPORTS = ("auto", "lean", "module")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a number may be, and what it is a number of."""

    least: float
    most: float
    unit: str


WINDOWS = Bounds(2, 20, "windows")
WINDOW = Bounds(0.5, 600, "seconds")
TRACE_SECONDS = Bounds(0.5, 5, "seconds")
TRACE_LOAD = Bounds(0.1, 1000, "of load a CPU")

OVERHEAD_SECONDS = 40
"""What the readings themselves may take on a host of many processes, beside the windows."""

TRACE_OVERHEAD_SECONDS = 60
BUFFER_KIB = 4096
EVENTS = 60_000
PRESSURE_PERCENT = 10.0
AVAILABLE_PERCENT = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a host is investigated.

    ``trace_always`` traces also what is named without; ``trace_load`` is the load a CPU above which it is not traced.
    """

    windows: int = 4
    window_seconds: float = 4.0
    busy: bool | None = None
    dimensions: tuple[str, ...] = ()
    trace: bool = False
    trace_always: bool = False
    trace_seconds: float = 4.0
    trace_load: float = 2.0

    def watch_request(self) -> dict[str, object]:
        """Question 1."""
        return {
            "question": "watch",
            "windows": self.windows,
            "seconds": self.window_seconds,
            "deadline": int(self.windows * self.window_seconds) + OVERHEAD_SECONDS,
        }

    def look_request(self, wanted: Wanted) -> dict[str, object]:
        """Question 3."""
        return {"question": "look", "wanted": wanted.plain(), "deadline": 30}

    def trace_request(self, plans: Sequence[Plan]) -> dict[str, object]:
        """Question 4."""
        return {
            "question": "trace",
            "plans": [plan.plain() for plan in plans],
            "seconds": self.trace_seconds,
            "events": EVENTS,
            "buffer_kib": BUFFER_KIB,
            "noise": NOISE,
            "bounds": {
                "load_per_cpu": self.trace_load,
                "pressure_percent": PRESSURE_PERCENT,
                "available_percent": AVAILABLE_PERCENT,
            },
            "deadline": int(len(plans) * self.trace_seconds) + TRACE_OVERHEAD_SECONDS,
        }


class Arguments(TypedDict):
    """The arguments of kernel_memory_investigate, as Ansible has checked them."""

    windows: int
    window: float
    busy: bool | None
    dimensions: list[str]
    trace: bool
    trace_always: bool
    trace_seconds: float
    trace_load: float
    continue_from: Mapping[str, object] | None
    transport: str


def argument_spec() -> dict[str, dict[str, object]]:
    """Return the argument specification of kernel_memory_investigate."""
    return {
        "windows": {"type": "int", "default": 4},
        "window": {"type": "float", "default": 4.0},
        "busy": {"type": "bool"},
        "dimensions": {"type": "list", "elements": "str", "choices": list(DIMENSIONS), "default": []},
        "trace": {"type": "bool", "default": False},
        "trace_always": {"type": "bool", "default": False},
        "trace_seconds": {"type": "float", "default": 4.0},
        "trace_load": {"type": "float", "default": 2.0},
        "continue_from": {"type": "dict"},
        "transport": {"type": "str", "choices": list(TRANSPORTS), "default": "auto"},
    }


def settings(arguments: Arguments) -> Settings:
    """Return checked settings. Raises :class:`ValueError` with one sentence."""
    for name, given, bounds in (
        ("windows", arguments["windows"], WINDOWS),
        ("window", arguments["window"], WINDOW),
        ("trace_seconds", arguments["trace_seconds"], TRACE_SECONDS),
        ("trace_load", arguments["trace_load"], TRACE_LOAD),
    ):
        if not bounds.least <= given <= bounds.most:
            raise ValueError(f"{name} is {given:g}; give {bounds.least:g} to {bounds.most:g} {bounds.unit}.")
    return Settings(
        windows=arguments["windows"],
        window_seconds=arguments["window"],
        busy=arguments["busy"],
        dimensions=tuple(dict.fromkeys(arguments["dimensions"])),
        trace=arguments["trace"] or arguments["trace_always"],
        trace_always=arguments["trace_always"],
        trace_seconds=arguments["trace_seconds"],
        trace_load=arguments["trace_load"],
    )
