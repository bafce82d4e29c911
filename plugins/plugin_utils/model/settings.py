# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that a host is judged by: those of its environment with its profiles laid over them.

Sizes are bytes; None is switched off. docs/policy.md explains each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .finding import mildest
from .plain import Json, Plain

ANY = "*"
"""Stands for every dimension, or every kind of finding."""


@dataclass(frozen=True, slots=True)
class Level(Plain):
    """A level of a limit. All conditions that are given must hold."""

    percent_of_ram: float | None = None
    at_least: int | None = None
    """The share is never less than this, nor more than ``at_most``."""
    at_most: int | None = None
    only_if_available_below_percent: float | None = None
    times_expected: float | None = None
    """Per-CPU memory: how many times what is expected of so many CPUs and control groups."""
    percent_of_thread_limit: float | None = None
    times_stack_per_thread: float | None = None

    def of(self, memory_bytes: int) -> int:
        """Return the bytes of the share of a host's memory. Raises TypeError where the level has no share."""
        if self.percent_of_ram is None:
            raise TypeError("This level has no share of RAM.")
        return bounded(memory_bytes * self.percent_of_ram / 100, self.at_least, self.at_most)


@dataclass(frozen=True, slots=True)
class Levels:
    """The two levels of a dimension's limit."""

    warning: Level | None
    critical: Level | None

    def named(self, name: str) -> Level | None:
        """Return a level by its name."""
        return self.warning if name == "warning" else self.critical


@dataclass(frozen=True, slots=True)
class Change(Plain):
    """An amount of growth, or of a sudden change: a share of RAM and a share of the level, of which the larger
    counts.
    """

    percent_of_ram: float
    percent_of_level: float
    at_least: int | None = None
    at_most: int | None = None

    def of(self, memory_bytes: int) -> int:
        """Return the bytes of the share of a host's memory."""
        return bounded(memory_bytes * self.percent_of_ram / 100, self.at_least, self.at_most)


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """What the rules over a host's own history ask for before they speak."""

    minimum_samples: int
    baseline_samples: int
    minimum_days: int
    windows_days: tuple[int, ...]
    warm_up_hours: int
    confirm_after_hours: int


@dataclass(frozen=True, slots=True)
class SimilarHosts(Plain):
    """When a host stands out of similar hosts: their least number, how many times the median, how many spreads."""

    minimum: int = 8
    times_median: float = 1.5
    z: float = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one host, each section by dimension and level."""

    groups: tuple[str, ...]
    based_on: str | None
    highest_severity: str
    limits: Mapping[str, Levels]
    growth: Mapping[str, Mapping[str, Change | None]]
    level: Mapping[str, Mapping[str, Change | None]]
    history: HistorySettings
    similar_hosts: SimilarHosts | None
    severities: Mapping[str, str] = field(default_factory=dict)
    """The most that a finding may be, by ``dimension.kind``; either may be ``*``."""
    gate: Mapping[str, Json] = field(default_factory=dict)

    def most_severe(self, dimension: str, kind: str) -> str:
        """Return the worst that a kind of finding may be: the mildest of what is said of it, by itself and by ``*``."""
        cells = (f"{dimension}.{kind}", f"{dimension}.{ANY}", f"{ANY}.{kind}", f"{ANY}.{ANY}")
        return mildest((self.highest_severity, *(self.severities[one] for one in cells if one in self.severities)))


def bounded(amount: float, at_least: int | None, at_most: int | None) -> int:
    """Return whole bytes that are never more than *at_most* nor less than *at_least*; the latter wins."""
    size = int(amount)
    if at_most is not None:
        size = min(size, at_most)
    return size if at_least is None else max(size, at_least)
