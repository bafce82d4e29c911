# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What grows, grows in every window; noise, steps and what only was large do not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.floors import floors
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.growth import Growing, what_grows
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.watched import watched
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import KIB, MIB, flat, ramp, watch


def grows(told: dict[str, Any], *, busy: bool = False) -> Growing:
    """What grows by an answer."""
    return what_grows(watched(told), floors(0.0, busy))


def test_the_mean_and_the_noise_are_told() -> None:
    """So that somebody can see how far apart the windows were."""
    found = grows(watch({}, SUnreclaim=[100 * MIB, 104 * MIB, 110 * MIB, 114 * MIB, 120 * MIB]))
    [one] = found.of("dimension")
    assert (one.name, one.per_second, one.noise) == ("slab_unreclaimable", 1.25 * MIB, 0.5 * MIB)
    assert one.windows == (MIB, 1.5 * MIB, MIB, 1.5 * MIB)


@pytest.mark.parametrize(
    "values",
    [
        [100, 140, 140, 140, 140],  # a step
        [100, 90, 140, 150, 160],  # it fell in between
        [140, 130, 120, 110, 100],
        [100, 101, 102, 103, 180],  # nearly all in one window
    ],
)
def test_what_does_not_grow_in_every_window_does_not_grow(values: list[int]) -> None:
    """Each of them rises between some two readings."""
    assert not grows(watch({}, SUnreclaim=[value * MIB for value in values])).by_kind


@pytest.mark.parametrize(
    ("rate", "busy", "found"), [(70, False, True), (60, False, False), (250, True, False), (260, True, True)]
)
def test_floors_are_higher_on_busy_hosts(rate: int, busy: bool, found: bool) -> None:
    """64 KiB a second, and four times that."""
    assert bool(grows(watch({}, SUnreclaim=ramp(rate * KIB, 200 * MIB)), busy=busy).by_kind) is found


def test_a_counter_that_is_not_there_is_no_zero() -> None:
    """0 is *not available*, and so is address space in place of pages."""
    told = watch({}, Percpu=flat(0), VmallocUsed=ramp(MIB, MIB), VmallocChunk=flat(MIB))
    assert "vmalloc" not in grows(told).dimensions


def test_what_listing_descriptors_makes_is_not_the_hosts() -> None:
    """Before 6.2 the reader makes dentries and inodes of processes itself."""
    told = watch({"cache": {"dentry": MIB, "proc_inode_cache": MIB, "filp": MIB}})
    told["listed"] = True
    assert [one.name for one in grows(told).of("cache")] == ["filp"]


def test_memory_without_a_counter_is_what_is_left() -> None:
    """Free memory falls, and no counter rises."""
    assert grows(watch({}, unaccounted=ramp(3 * MIB))).dimensions == {"unaccounted": 3 * MIB}
    # What goes into files or processes is none of it.
    assert not grows(watch({}, Cached=ramp(30 * MIB, 4 << 30), AnonPages=ramp(9 * MIB, 2 << 30))).dimensions


def test_what_is_counted_has_a_floor_of_its_own() -> None:
    """A tenth of a descriptor a second is nothing."""
    assert not grows(watch({"descriptors": {"7 a": 0.1}})).by_kind
    assert grows(watch({"descriptors": {"7 a": 0.2}})).rate("descriptors", "7 a") == pytest.approx(0.2)
