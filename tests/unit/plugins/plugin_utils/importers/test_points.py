# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points become daily samples, and nothing is invented."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import (
    DAY,
    Point,
    by_day,
    daily_samples,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import SAMPLED


def point(moment: float, boot: float | None = None, **counters: int) -> Point:
    """A point of the host web1."""
    return Point("web1", moment, counters, boot)


def test_a_day_becomes_its_median_and_each_boot_of_it_one_sample() -> None:
    """A spike of a minute must not become a baseline, and boots are never mixed."""
    points = [point(hour * 3600.0, 10.0, percpu=amount) for hour, amount in enumerate([5, 5, 500, 5], 1)] + [
        point(20 * 3600.0, 19 * 3600.0, percpu=9)
    ]
    assert [(sample.amounts["percpu"], sample.uptime_seconds) for sample in daily_samples(points)] == [
        (5, 4 * 3600 - 10),
        (9, 3600),
    ]


def test_boot_times_that_a_clock_corrects_are_one_boot() -> None:
    """Boot times are worked out from clocks, and wander by seconds."""
    assert len(daily_samples([point(3600, 1000.2, percpu=1), point(7200, 1001.0, percpu=1)])) == 1


def test_a_counter_of_zero_is_one_that_is_not_kept() -> None:
    """A baseline of 0 would make every later value a spike."""
    amounts = daily_samples([point(1000, vmalloc_used=0, kernel_stack=0, percpu=0)])[0].amounts
    assert {name: amounts[name] for name in ("vmalloc", "kernel_stack", "percpu")} == {
        "vmalloc": None,
        "kernel_stack": None,
        "percpu": None,
    }
    assert set(amounts) == set(SAMPLED)


def test_vmalloc_is_without_the_stacks_that_are_in_it() -> None:
    """Else the first real audit, which leaves them out, would look like a drop."""
    assert daily_samples([point(1000, vmalloc_used=100, kernel_stack=40)])[0].amounts["vmalloc"] == 60


def test_days_become_runs_and_a_run_has_a_host_once() -> None:
    """The later boot of a day is kept."""
    samples = daily_samples(
        [point(3600, 10.0, percpu=1), point(7200, 7000.0, percpu=2), point(DAY + 60, 7000.0, percpu=3)]
    )
    days = by_day(samples)
    assert {day: [sample.amounts["percpu"] for sample in rows] for day, rows in days.items()} == {
        "1970-01-01": [2],
        "1970-01-02": [3],
    }


def test_a_moment_of_a_broken_clock_is_left_out() -> None:
    """A sample of the year 1969 or 2100 would be the oldest or the newest of a host for ever."""
    assert daily_samples([point(-1.0, percpu=1), point(4_102_444_800.0, percpu=1)]) == []
    assert [sample.collected_at for sample in daily_samples([point(0.0, percpu=1)])] == [0]


def test_a_total_needs_every_part() -> None:
    """A sum without a part that the tool does not keep would be a drop at the first real audit."""
    parts = {"slab_unreclaimable": 5, "kernel_stack": 4, "page_tables": 3, "percpu": 2, "vmalloc_used": 9}
    amounts = daily_samples([point(1000, **parts, secondary_page_tables=7)])[0].amounts
    assert amounts["kernel_unreclaimable"] == 5 + 4 + 3 + 2 + (9 - 4) + 7
    del parts["percpu"]
    assert daily_samples([point(1000, **parts)])[0].amounts["kernel_unreclaimable"] is None


def test_vmalloc_smaller_than_the_stacks_is_not_known() -> None:
    """Then the stacks are not in it, or it is of another meaning."""
    sample = daily_samples([point(1000, vmalloc_used=40, kernel_stack=40)])[0]
    assert (sample.amounts["vmalloc"], sample.vmalloc_meaning) == (None, "unavailable")


def test_no_sample_is_of_the_future() -> None:
    """Netdata gives an hour that is not over the time of its end; the next audit would be older than it."""
    (sample,) = daily_samples([point(7200.0, 100.0, percpu=1)], now=4000.0)
    assert (sample.collected_at, sample.uptime_seconds) == (4000, 3900)
