# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay audits over simulated hosts, and count what the rules would have said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.timeline import TIERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import dropped_places, spans_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Change, Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import (
    HistoryJudgement,
    judge_history,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import LEAKING, START, Simulated
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN

DAY = 86400
AT_LEAST = {"warning": ("warning", "critical"), "critical": ("critical",), "info": ("info", "warning", "critical")}


def shipped_settings(environment: str = "production") -> Settings:
    """Return the settings of a built-in environment."""
    return BUILT_IN.environments[environment]


def plain_tiers(watch: tuple[float, float], warning: tuple[float, float], critical: tuple[float, float]) -> Settings:
    """Return settings with the same amounts of growth (percent of RAM, percent of the level) for the six dimensions
    that can leak.
    """
    none: dict[str, Change | None] = dict.fromkeys(TIERS)
    amounts: dict[str, Change | None] = {
        tier: Change(*shares) for tier, shares in {"watch": watch, "warning": warning, "critical": critical}.items()
    }
    return replace(
        shipped_settings(),
        growth={dimension: amounts if dimension in LEAKING else none for dimension in LIMITED},
        level={dimension: {"warning": None} for dimension in LIMITED},
    )


def audits(
    host: Simulated, settings: Settings, first_day: float, *, thinned: bool = False
) -> Iterator[tuple[float, HistoryJudgement]]:
    """Yield the day and the judgement of each audit of a host from a day on. *thinned* keeps what a store keeps of
    hourly samples.
    """
    times = host.columns["collected_at"]
    kept: list[int] = []
    for place in range(len(host)):
        if times[place] >= START + first_day * DAY:
            series = host.chosen(kept) if thinned else host.series(place)
            yield ((times[place] - START) / DAY, judge_history(host.subject(place, settings), series))
        if thinned:
            kept.append(place)
            for one in dropped_places(spans_of(times[one] for one in kept)):
                del kept[one]


def tiers_of(judgement: HistoryJudgement) -> Iterator[tuple[str, str]]:
    """Yield (tier, dimension) of everything that is confirmed to grow; a tier includes those below it."""
    for dimension, trend in judgement.growing.items():
        if trend.confirmed_tier is not None:
            for tier in TIERS[TIERS.index(trend.confirmed_tier) :]:
                yield tier, dimension


def alarms_of(judgement: HistoryJudgement) -> Iterator[tuple[str, str, str]]:
    """Yield (severity, dimension, kind) of each finding that is at least a warning; critical ones are warnings, too."""
    for one in judgement.judgement.findings:
        for severity in ("warning", "critical"):
            if one.severity in AT_LEAST[severity]:
                yield severity, one.dimension, one.kind


def episodes(
    hosts: Iterable[Simulated], settings: Settings, first_day: float, *, thinned: bool = False
) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], float]:
    """Count how often growth at a tier, and alarms, begin on healthy hosts; return both counts and the host-days."""
    tiers: Counter[tuple[str, ...]] = Counter()
    alarms: Counter[tuple[str, ...]] = Counter()
    host_days = 0.0
    for host in hosts:
        before_tiers: set[tuple[str, ...]] = set()
        before_alarms: set[tuple[str, ...]] = set()
        days = [first_day]
        for day, judgement in audits(host, settings, first_day, thinned=thinned):
            days.append(day)
            now_tiers: set[tuple[str, ...]] = set(tiers_of(judgement))
            now_alarms: set[tuple[str, ...]] = set(alarms_of(judgement))
            tiers.update(now_tiers - before_tiers)
            alarms.update(now_alarms - before_alarms)
            before_tiers, before_alarms = now_tiers, now_alarms
        host_days += days[-1] - first_day
    return tiers, alarms, host_days


def days_until(host: Simulated, settings: Settings, *, thinned: bool = False, most: float = 45) -> dict[str, float]:
    """Return how many days after the trouble began each tier of growth, and each severity of any finding, was there
    first.
    """
    assert host.trouble is not None
    found: dict[str, float] = {}
    for day, judgement in audits(host, settings, host.trouble.day, thinned=thinned):
        after = day - host.trouble.day
        if after > most:
            break
        for tier, dimension in tiers_of(judgement):
            if dimension == host.trouble.dimension:
                found.setdefault(tier, after)
        for severity, _dimension, _kind in alarms_of(judgement):
            found.setdefault(f"any {severity}", after)
        if "critical" in found and "any critical" in found:
            break
    return found
