# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is usual for a host, and when that can't be said yet."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import (
    Baseline,
    Baselines,
    is_stale,
    picked_places,
    summary,
    trend_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.segment import Past
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    DAY,
    GIB,
    MIB,
    NOW,
    days_of,
    judged,
    sample_at,
    series_before,
)

HOUR = 3600
KIB_OF_A_MIB = 1024


def test_daily_samples_make_a_baseline_of_fourteen() -> None:
    """The last fourteen, however long ago the first was."""
    times = [day * DAY for day in range(40)]
    assert list(picked_places(times, 0, 39, 14)) == list(range(25, 39))
    assert list(picked_places(times, 30, 39, 14)) == list(range(30, 39))
    assert list(picked_places(times, 5, 5, 14)) == []


def test_hourly_samples_make_a_baseline_of_a_week() -> None:
    """At most sixty, evenly spread over seven days."""
    times = [hour * HOUR for hour in range(24 * 30)]
    places = picked_places(times, 0, len(times) - 1, 14)
    assert 50 <= len(places) <= 60
    assert 6.5 * DAY < times[places[-1]] - times[places[0]] <= 7 * DAY


def test_a_run_that_is_repeated_at_once_is_no_second_sample() -> None:
    """Or the same mistake would count twice."""
    times = [0, DAY, DAY + 60, DAY + 120, 2 * DAY]
    assert list(picked_places(times, 0, 5, 14)) == [0, 3, 4]


def test_stale() -> None:
    """Three intervals, and at least three days."""
    weekly = [day * DAY for day in (0, 7, 14, 21, 28)]
    assert not is_stale([*weekly, 28 * DAY + 20 * DAY], range(5))
    assert is_stale([*weekly, 28 * DAY + 22 * DAY], range(5))
    hourly = [hour * HOUR for hour in range(30)]
    assert not is_stale([*hourly, hourly[-1] + 2 * DAY], range(30))
    assert is_stale([*hourly, hourly[-1] + 4 * DAY], range(30))
    assert not is_stale([0], range(0))


def test_summary_by_hand() -> None:
    """Fourteen days that grow by a MiB a day."""
    form = summary("ready", 7, "2026-11-01T00:00:00Z", [mib * KIB_OF_A_MIB for mib in range(100, 114)], 13)
    assert form == Baseline(
        state="ready",
        samples=14,
        needed=7,
        median_bytes=int(106.5 * MIB),
        low_bytes=100 * MIB,
        high_bytes=113 * MIB,
        slope_bytes_per_day=MIB,
        started_at="2026-11-01T00:00:00Z",
    )
    assert summary("no_history", 7, None).median_bytes is None


@pytest.mark.parametrize(
    ("days", "state", "changes"),
    [
        (1, "no_history", {}),
        (4, "learning", {}),
        (7, "learning", {}),
        (8, "ready", {}),
        (40, "ready", {}),
        (9, "unsupported", {"vmalloc": None}),
        (9, "unsupported", {"vmalloc_meaning": "area"}),
    ],
)
def test_states(days: int, state: str, changes: dict[str, object]) -> None:
    """The current sample is not one of those that a baseline needs."""
    samples = [sample_at(day + 1 - days, **changes) for day in range(days)]
    answer = judged(samples)
    assert answer.baselines["vmalloc"].state == state
    assert ("vmalloc" in answer.judgement.judged) is (state == "ready")
    assert ("vmalloc" in answer.judgement.not_judged) is (state != "ready")


def test_warming_up_and_stale_say_why() -> None:
    """Neither is a healthy state, so both are in the coverage with a reason."""
    young = judged([sample_at(-1, boot="one"), sample_at(0, boot="two", uptime_days=0.5)])
    assert young.baselines["percpu"].state == "warming_up"
    assert young.judgement.not_judged["percpu"].startswith("Up for 12 hours since the boot on 2026-11-24")
    old = judged([*(sample_at(day) for day in range(-29, -19)), sample_at(0)])
    assert old.baselines["percpu"].state == "stale"
    assert "20 days old" in old.judgement.not_judged["percpu"]


def test_learning_says_how_far_it_is() -> None:
    """Three samples a day apart: four more days."""
    answer = judged([sample_at(day, uptime_days=5 + day) for day in (-3, -2, -1, 0)])
    assert answer.judgement.not_judged["percpu"] == (
        "3 of 7 samples since the boot on 2026-11-19; its own history is judged from about 2026-11-28 on."
    )


def test_trend_for_a_picture() -> None:
    """At most thirty points of which the last is now; a hole stays a hole."""
    samples = days_of("percpu", [*range(100, 148), None, 149])
    trend = trend_of(Past(series_before(samples), samples[-1], 0), ["percpu", "vmalloc"])
    assert trend is not None
    assert len(trend.collected_at) == 30
    assert trend.collected_at[-1] == NOW
    assert trend.amounts["percpu"][-3:] == (147 * KIB_OF_A_MIB, None, 149 * KIB_OF_A_MIB)
    assert trend.amounts["vmalloc"] == (400 * KIB_OF_A_MIB,) * 30
    assert trend_of(Past(None, samples[-1], 0), ["percpu"]) is None


def test_trend_of_hourly_samples_reaches_back() -> None:
    """Thirty points over the whole history instead of the last thirty hours."""
    samples = days_of("percpu", [100] * 240, every=1 / 24)
    trend = trend_of(Past(series_before(samples), samples[-1], 0), ["percpu"])
    assert trend is not None
    assert len(trend.collected_at) <= 30
    assert NOW - trend.collected_at[0] > 6 * DAY


def test_shares_are_of_memory_and_balloon() -> None:
    """A balloon that moved MemTotal took that memory from the host, not from its size."""
    samples = [sample_at(day, memory_total_bytes=48 * GIB, balloon_bytes=16 * GIB) for day in range(-9, -2)]
    samples += [sample_at(day, memory_total_bytes=32 * GIB, balloon_bytes=32 * GIB) for day in (-2, -1, 0)]
    assert judged(samples).baselines["percpu"].samples == 9


def test_a_baseline_is_worked_out_when_it_is_read_and_is_the_same_each_time() -> None:
    """Of ten thousand healthy hosts only that of the total is read; whoever walks over them gets them all."""
    baselines = Baselines()
    baselines.put("percpu", "ready", 7, None, [3, 1, 2], 2.0)
    baselines.put("vmalloc", "unsupported", 7, None)
    assert list(baselines) == ["percpu", "vmalloc"] and len(baselines) == 2 and "misc" not in baselines
    assert (
        baselines["percpu"] == summary("ready", 7, None, [3, 1, 2], 2.0) and baselines["percpu"] is baselines["percpu"]
    )
    assert [one.state for one in baselines.values()] == ["ready", "unsupported"]
    assert baselines.get("misc") is None
    before = dict(baselines)
    baselines.work_out()
    assert dict(baselines) == before and list(baselines) == list(before) and "vmalloc" in baselines
