# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long growth takes to reach something: worked by hand, with a range, and nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Level
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.critical_limits import critical_limit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.host_history import OwnHistory
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.time_to_limit import (
    FURTHEST_DAYS,
    time_to_limit,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    GIB,
    MIB,
    sample_at,
    shipped_settings,
    subject_of,
)

DAY = 86400


def host(critical=None, **changes):
    """A host of 64 GiB with 32 GiB available and 1 GiB of unreclaimable slab, and its critical limit."""
    shipped = shipped_settings("production")
    limits = shipped.limits | {name: replace(shipped.limits[name], critical=critical) for name in shipped.limits}
    sample = sample_at(0, **({"slab_unreclaimable": GIB, "percpu": GIB} | changes))
    return OwnHistory(subject_of(sample, settings=replace(shipped, limits=limits)), None)


def rise(mib_a_day=100, dimension="slab_unreclaimable", low=None, high=None, halves=(0, 0), scatter_mib=0):
    """Growth of so many MiB a day, with the bounds of its slope, the slopes of its halves and its scatter."""
    kib = 1024 * mib_a_day
    return SimpleNamespace(
        dimension=dimension,
        slope=kib,
        low=kib if low is None else 1024 * low,
        high=kib if high is None else 1024 * high,
        evidence=SimpleNamespace(
            first_half=1024 * halves[0] / DAY,
            recent_half=1024 * halves[1] / DAY,
            line=SimpleNamespace(scatter=1024 * scatter_mib),
        ),
    )


TENTH = Level(percent_of_ram=5)
"""3.2 GiB of the host."""


def test_what_is_left_by_what_comes_a_day():
    """3,276 - 1,024 MiB at 100 MiB a day are 22.5 days; the range is never narrower than a quarter either way."""
    found = time_to_limit(host(TENTH), rise())
    assert (found.estimate, found.low, found.high) == (23, 17, 28)
    assert found.limit_bytes == int(64 * GIB * 0.05) and found.name == "the critical limit of 3.2 GiB"
    assert found.as_evidence() == {"estimate": 23, "low": 17, "high": 28, "limit_bytes": found.limit_bytes}


def test_the_end_of_available_memory_may_come_first():
    """A host that has 500 MiB left does not wait for its limit."""
    found = time_to_limit(host(TENTH, memory_available_bytes=500 * MIB), rise())
    assert found.estimate == 5.0 and found.name == "the end of the 500 MiB of available memory"


def test_without_a_limit_there_is_still_an_end():
    """A policy that has no limit for a dimension does not make memory endless."""
    assert time_to_limit(host(memory_available_bytes=GIB), rise()).estimate == 10
    assert time_to_limit(host(memory_available_bytes=None), rise()) is None


def test_what_is_reached_is_no_forecast():
    """*0 days left* would read as if it were still to come."""
    said = time_to_limit(host(TENTH, slab_unreclaimable=4 * GIB), rise())
    assert said == "it is above the critical limit of 3.2 GiB already"


def test_what_is_far_away_has_no_number():
    """Nobody knows what a load does in three months; 90 days still have one."""
    left = int(64 * GIB * 0.05) - GIB
    at_border = left / MIB / FURTHEST_DAYS
    assert time_to_limit(host(TENTH), rise(at_border * 1.001)).estimate == FURTHEST_DAYS
    said = time_to_limit(host(TENTH), rise(at_border * 0.999))
    assert said == "at this rate the critical limit of 3.2 GiB is more than 90 days away"


@pytest.mark.parametrize("grows", [0, -100])
def test_what_does_not_grow_reaches_nothing(grows):
    """Whatever its limit is."""
    assert time_to_limit(host(TENTH), rise(grows)) is None
    assert time_to_limit(host(TENTH, slab_unreclaimable=None), rise()) is None


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({"low": 25, "high": 400}, 5.6, 90),
        ({"halves": (50, 200)}, 11, 45),
        ({"halves": (200, 0)}, 11, 28),
        ({"scatter_mib": 500}, 7.5, 38),
        ({"scatter_mib": 5000}, 0, 173),
        ({"low": 1}, 17, 360),
    ],
)
def test_the_range_is_as_wide_as_the_worst_of_what_is_known(changes, low, high):
    """Of the line's bounds, of its halves, and of how far the samples lie from it; never beyond four times the
    furthest.
    """
    found = time_to_limit(host(TENTH), rise(**changes))
    assert (found.low, found.high) == (low, high)


def test_short_times_have_decimals():
    """Half a day and a day are not the same at three in the morning."""
    assert time_to_limit(host(memory_available_bytes=55 * MIB), rise()).estimate == 0.55
    assert time_to_limit(host(memory_available_bytes=555 * MIB), rise()).estimate == 5.5


def test_every_condition_of_the_limit_has_to_hold():
    """A limit that counts only while less than 10 % is available is reached when both are."""
    level = Level(percent_of_ram=5, only_if_available_below_percent=10)
    assert critical_limit(host(level).subject, "slab_unreclaimable") == GIB + 32 * GIB - int(6.4 * GIB)
    short = host(level, memory_available_bytes=GIB)
    assert critical_limit(short.subject, "slab_unreclaimable") == int(64 * GIB * 0.05)
    assert critical_limit(host(level, memory_available_bytes=None).subject, "slab_unreclaimable") is None


def test_per_cpu_memory_is_measured_by_what_so_many_cpus_and_groups_need():
    """On 512 CPUs the share of RAM alone would be reached by a healthy host."""
    level = Level(percent_of_ram=0.001, times_expected=4)
    few, many = (critical_limit(host(level, cpus_possible=cpus).subject, "percpu") for cpus in (16, 512))
    assert many > few > 0
    assert critical_limit(host(level, cpus_possible=None).subject, "percpu") is None


def test_a_level_without_a_share_of_ram_is_no_amount():
    """It counts threads, or something else that is no memory."""
    assert critical_limit(host(Level(percent_of_thread_limit=80)).subject, "kernel_stack") is None
    assert critical_limit(host(None).subject, "slab_unreclaimable") is None
