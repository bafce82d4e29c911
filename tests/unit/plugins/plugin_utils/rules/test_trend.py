# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows, buckets, and when an amount counts as growing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.segment import Past
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.trend import (
    Amount,
    Trend,
    may_grow,
    trend_in,
    windows_at,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import MIB, days_of, sample_at, series_before

KIB_OF_A_MIB = 1024
TIERS = {
    "watch": Amount(50 * KIB_OF_A_MIB, 0.1),
    "warning": Amount(100 * KIB_OF_A_MIB, 0.25),
    "critical": Amount(400 * KIB_OF_A_MIB, 0.5),
}


def trends(mib: Sequence[float | None], every: float = 1) -> list[Trend | None]:
    """The trend of percpu in each window, the longest first."""
    samples = days_of("percpu", mib, every)
    past = Past(series_before(samples), samples[-1], DAY)
    windows = windows_at(past, 0, past.last, [14, 30], 5)
    return [trend_in(past, "percpu", past.amounts("percpu"), window, TIERS, 7) for window in windows]


def tier(mib: Sequence[float | None], every: float = 1) -> str | None:
    """The highest tier that goes on in any window."""
    names = [trend.tier for trend in trends(mib, every) if trend is not None and not trend.decelerating]
    return next((name for name in ("critical", "warning", "watch") if name in names), None)


def test_steady_growth_by_hand() -> None:
    """10 MiB a day for 20 days: 140 MiB in 14 days, 190 MiB in all."""
    whole, half = trends([100 + 10 * day for day in range(20)])
    assert whole is not None
    assert half is not None
    assert (round(half.grown_bytes), half.span_days, half.samples, half.window_days) == (140 * MIB, 14, 15, 14)
    assert (round(whole.grown_bytes), whole.span_days, whole.samples, whole.rises) == (190 * MIB, 19, 20, 19)
    assert (half.slope, half.low, half.high) == (10 * MIB, 10 * MIB, 10 * MIB)
    assert half.level_bytes == 150 * MIB  # where the window begins
    assert half.tier == "warning"
    assert not half.decelerating


@pytest.mark.parametrize(
    ("mib", "expected"),
    [
        ([400] * 20, None),
        ([400 - 10 * day for day in range(20)], None),
        ([1000 + day for day in range(20)], None),  # 19 MiB is nothing
        ([1000 + 3 * day for day in range(20)], None),  # 57 MiB would do, but it is less than 10 % of 1000
        ([400 + 4 * day for day in range(20)], "watch"),
        ([300 + 10 * day for day in range(20)], "warning"),
        ([300 + 30 * day for day in range(20)], "critical"),
        ([300] * 10 + [700] * 10, None),  # a step is no growth
        ([300] * 9 + [500] * 6 + [700] * 6, None),
        ([300 + 100 * day for day in range(6)], None),  # six samples are too few
        ([None] * 14 + [300 + 100 * day for day in range(6)], None),
        ([300 + 100 * day if day % 2 else None for day in range(16)], "critical"),  # holes do no harm
    ],
)
def test_what_counts(mib: Sequence[float | None], expected: str | None) -> None:
    """The amount decides, in bytes and as a share of the level; and it must be growth."""
    assert tier(mib) == expected


def test_a_plateau_is_levelling_off() -> None:
    """Each day brings a fifth less than the day before."""
    filling = [300 + 1000 * (1 - 0.8**day) for day in range(20)]
    seen = [trend for trend in trends(filling) if trend is not None]
    assert seen
    assert all(trend.decelerating for trend in seen)


def test_repeated_runs_are_one_bucket() -> None:
    """Twenty runs within an hour are one day, so they can't be growth."""
    assert tier([300 + 100 * run for run in range(20)], every=1 / 480) is None


def test_hourly_history_has_a_shorter_window() -> None:
    """Seven days in half days find growth before seven whole days are there."""
    hourly = [300 + 5 * hour for hour in range(24 * 6)]
    assert len(trends(hourly, 1 / 24)) == 3
    short = trends(hourly, 1 / 24)[-1]
    assert short is not None
    assert (short.window_days, short.steps_per_day, short.tier) == (7, 2, "critical")
    assert len(trends([300] * 20)) == 2


def test_the_cheap_look_agrees_with_the_full_one() -> None:
    """What grows passes it; what does not move costs nothing more."""
    for mib, expected in (
        ([300 + 10 * day for day in range(20)], True),
        ([300] * 20, False),
        ([400 - day for day in range(20)], False),
    ):
        samples = days_of("percpu", mib)
        past = Past(series_before(samples), samples[-1], DAY)
        window = windows_at(past, 0, past.last, [14], 5)[0]
        assert may_grow(past.amounts("percpu"), window, TIERS["watch"]) is expected


def test_windows_end_where_they_are_asked_to() -> None:
    """To ask an earlier sample the same question, nothing later may be seen."""
    samples = [sample_at(day) for day in range(-20, 1)]
    past = Past(series_before(samples), samples[-1], DAY)
    places = [place for window in windows_at(past, 3, 15, [14, 30], 5) for group in window.groups for place in group]
    assert (min(places), max(places)) == (3, 15)
