# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the rules over a host's own history that hold for any history."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import (
    KINDS_OF_FINDING,
    SEVERITIES,
    STATUSES,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, UNKNOWN, series_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Change, Levels
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import trend_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import (
    HistoryJudgement,
    judge_history,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    DAY,
    MIB,
    NOW,
    days_of,
    judged,
    sample_at,
    subject_of,
    the,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import shipped_settings

SHIPPED = shipped_settings()


def free(level: Change | None) -> Change | None:
    """An amount of growth without its bounds in bytes."""
    return None if level is None else replace(level, at_least=None, at_most=None)


FREE = replace(
    SHIPPED,
    growth={name: {tier: free(level) for tier, level in tiers.items()} for name, tiers in SHIPPED.growth.items()},
    level={name: {tier: free(level) for tier, level in tiers.items()} for name, tiers in SHIPPED.level.items()},
    limits=dict.fromkeys(LIMITED, Levels(None, None)),
)


def rows(seed: int) -> list[tuple[int, ...]]:
    """Up to forty rows of any numbers, most of them with plausible times and boots."""
    chance = random.Random(seed)
    number = chance.randrange(41)
    level, slope, noise = (
        chance.choice([0, 1, 10**4, 10**6]),
        chance.choice([0, 0, 100, 10**5]),
        chance.choice([0, 1, 10**3, 10**6]),
    )
    table = []
    for place in range(number):
        row = {
            name: chance.choice([UNKNOWN, -(2**20), 0, 1, 2**44, level + slope * place + chance.randint(-noise, noise)])
            for name in COLUMNS
        }
        if seed % 2:
            row |= {f"{name}_kib": level + slope * place + chance.randint(-noise, noise) for name in LIMITED}
        row["collected_at"] = chance.choice([NOW - (number - place) * DAY] * 9 + [chance.randrange(2 * NOW)])
        row["boot_key"] = chance.choice([UNKNOWN, 1, 1, 1, 2])
        row["uptime_seconds"] = chance.choice([UNKNOWN, 0, 3 * DAY, 90 * DAY])
        row["memory_total_kib"] = chance.choice([UNKNOWN, 0, 1] + [64 * 2**20] * 7)
        table.append(tuple(row[name] for name in COLUMNS))
    return table


@given(
    st.integers(0, 2**32),
    st.sampled_from([None, "boot"]),
    st.sampled_from([None, 0, 3600, 400 * DAY]),
    st.sampled_from([None, 0, 64 * 2**30]),
)
def test_no_history_raises(seed: int, boot: str | None, uptime: int | None, memory: int | None) -> None:
    """Whatever a store holds, there is an answer, and each dimension is either judged or not, with a reason."""
    sample = replace(sample_at(0, boot=boot, memory_total_bytes=memory), uptime_seconds=uptime)
    series = series_of("web1", rows(seed))
    answer = judge_history(subject_of(sample), series)
    assert set(answer.baselines) == set(LIMITED)
    assert set(answer.judgement.judged) | set(answer.judgement.not_judged) == set(LIMITED)
    for one in answer.judgement.findings:
        assert one.dimension in LIMITED
        assert one.kind in KINDS_OF_FINDING
        assert one.severity in SEVERITIES
        assert one.status in STATUSES
        assert one.explanation.endswith(".")
        assert one.expected and one.next_step and one.command
    shown = trend_of(answer.past, LIMITED)
    assert shown is None or len(shown.collected_at) <= 30


@given(st.integers(1, 2**30), st.integers(1, 60), st.sampled_from([1 / 24, 0.5, 1, 7]))
def test_a_constant_series_never_alarms(mib: int, number: int, every: float) -> None:
    """However large: that is the business of limits."""
    samples = [sample_at((place + 1 - number) * every, **dict.fromkeys(LIMITED, mib * MIB)) for place in range(number)]
    assert judged(samples).judgement.findings == []


AMOUNTS = st.lists(st.integers(100, 20_000), min_size=8, max_size=35)


def said(answer: HistoryJudgement) -> list[tuple[Any, ...]]:
    """What was said, without amounts and times."""
    return [(one.dimension, one.kind, one.severity, one.status) for one in answer.judgement.findings]


@given(AMOUNTS, st.integers(-3000, 3000))
def test_only_the_time_between_samples_matters(mib: list[int], days: int) -> None:
    """The same history at another date gives the same findings."""
    samples = days_of("percpu", mib)
    moved = [replace(one, collected_at=one.collected_at + days * DAY) for one in samples]
    assert said(judged(samples)) == said(judged(moved))


@given(AMOUNTS, st.integers(1, 64))
def test_only_shares_of_memory_matter(mib: list[int], times: int) -> None:
    """A host that is larger in everything gives the same findings, where no amount is clamped."""
    samples = days_of("percpu", mib)
    large = [
        replace(
            one,
            amounts={name: amount * times for name, amount in one.amounts.items() if amount is not None},
            **{name: getattr(one, name) * times for name in ("memory_total_bytes", "memory_available_bytes")},
        )
        for one in samples
    ]
    assert said(judged(samples, settings=FREE)) == said(judged(large, settings=FREE))


@given(st.lists(st.integers(0, 300), min_size=10, max_size=30), st.lists(st.integers(0, 500), min_size=2, max_size=4))
def test_a_larger_leak_is_never_less(noise: list[int], rates: list[int]) -> None:
    """The same host with a faster leak is at the same tier, or a higher one."""
    ranks = []
    for rate in sorted(rates):
        trend = judged(days_of("page_tables", [400 + part + rate * day for day, part in enumerate(noise)])).growing.get(
            "page_tables"
        )
        ranks.append(("watch", "warning", "critical").index(trend.tier) + 1 if trend is not None and trend.tier else 0)
    assert ranks == sorted(ranks)


@given(st.integers(8, 30), st.integers(700, 3000))
def test_a_plain_rise_is_always_found(number: int, more: int) -> None:
    """At least 1.25 % of RAM and half of what was usual, on a host that was quiet."""
    if more * MIB >= 64 * 2**30 // 80:
        finding = the(judged(days_of("page_tables", [400] * number + [400 + more])), "page_tables", "spike")
        assert finding.status == "suspected"
