# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where segments begin."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY, utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.segment import Past
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import GIB, MIB, NOW, sample_at, series_before


def past_of(*samples: Sample) -> Past:
    """The history of these samples, the last being now, with a warm-up of a day."""
    return Past(series_before(samples), samples[-1], DAY)


def pair(before: dict[str, Any], after: dict[str, Any]) -> Past:
    """Two days before and two days after a change."""
    return past_of(sample_at(-4, **before), sample_at(-3, **before), sample_at(-1, **after), sample_at(0, **after))


def test_one_boot_is_one_segment() -> None:
    """It begins when the host booted, not with the first sample."""
    segment = pair({}, {}).segment
    assert (segment.start, segment.warm, segment.since_boot) == (0, 0, True)
    assert segment.began_at == NOW - 100 * DAY


def test_a_boot_begins_one() -> None:
    """Another boot id."""
    segment = pair({"boot": "one"}, {"boot": "two"}).segment
    assert (segment.start, segment.since_boot) == (2, True)


@pytest.mark.parametrize(("uptime_days", "start"), [(1.5, 2), (3.5, 0)])
def test_uptime_stands_in_for_boot_ids(uptime_days: float, start: int) -> None:
    """Imported samples have no boot id: a host up for less time than has passed was booted in between."""
    past = past_of(
        sample_at(-4, boot=None),
        sample_at(-3, boot=None),
        sample_at(-1, boot=None, uptime_days=uptime_days),
        sample_at(0, boot=None, uptime_days=uptime_days + 1),
    )
    assert past.segment.start == start


def test_more_memory_begins_one_and_a_little_does_not() -> None:
    """1 % of RAM is what kernels keep back by themselves."""
    assert pair({"memory_total_bytes": 32 * GIB}, {}).segment.start == 2
    assert pair({"memory_total_bytes": 64 * GIB - 500 * MIB}, {}).segment.start == 0


def test_a_balloon_begins_none() -> None:
    """MemTotal moves with the balloon, and the sum of both stays."""
    past = pair({"memory_total_bytes": 48 * GIB, "balloon_bytes": 16 * GIB}, {"balloon_bytes": 0})
    assert past.segment.start == 0
    assert past.ballooned
    assert not pair({}, {}).ballooned


def test_what_a_dimension_means_begins_its_own_segment() -> None:
    """Other dimensions keep theirs."""
    past = pair({"vmalloc_meaning": "area", "cpus_possible": 16}, {"cpus_possible": 16})
    assert [past.segment_of(name).start for name in ("vmalloc", "percpu", "kernel_unreclaimable", "page_tables")] == [
        2,
        0,
        2,
        0,
    ]
    assert not past.segment_of("vmalloc").since_boot
    past = pair({"cpus_possible": 8}, {})
    assert [past.segment_of(name).start for name in ("vmalloc", "percpu", "kernel_unreclaimable", "page_tables")] == [
        0,
        2,
        2,
        0,
    ]


def test_warm_up_is_left_out() -> None:
    """The first day after a boot says nothing of what is usual."""
    past = past_of(*(sample_at(day, boot="two", uptime_days=3.5 + day) for day in (-3, -2.6, -2, 0)))
    assert past.segment.warm == 2
    assert not past.warming_up
    assert past_of(sample_at(0, uptime_days=0.9)).warming_up


def test_clock_steps_do_not_reorder() -> None:
    """A clock that ran ahead, or was set back, gives times that never fall and are never after now."""
    past = past_of(sample_at(-3), sample_at(40), sample_at(-1), sample_at(-2), sample_at(0))
    assert past.times == [NOW + day * DAY for day in (-3, -2, -1, 0, 0)]
    assert past.segment.start == 0


def test_the_boot_before() -> None:
    """Its warm samples can be compared, where the hardware is the same."""
    samples = [sample_at(day, boot="one", uptime_days=30 + day) for day in (-5, -4, -3)] + [
        sample_at(0, boot="two", uptime_days=2, kernel="7.0")
    ]
    past = past_of(*samples)
    assert past.previous_boots("page_tables", 14) == [0, 1, 2]
    assert past.previous_boots("page_tables", 2) == [1, 2]
    assert past.kernel_changed()
    assert past_of(*samples[:3]).previous_boots("page_tables", 14) == []
    bigger = past_of(*samples[:3], sample_at(0, boot="two", uptime_days=2, memory_total_bytes=128 * GIB))
    assert bigger.previous_boots("page_tables", 14) == []


def test_no_history() -> None:
    """A host that is seen for the first time."""
    past = Past(None, sample_at(0), DAY)
    assert (past.last, past.segment.start, past.previous_boots("percpu", 14), past.amounts("percpu")) == (
        0,
        0,
        [],
        [400 * 1024],
    )
    assert not past.ballooned


def test_times_as_text() -> None:
    """Also those that no host can have."""
    assert utc_text(NOW) == "2026-11-24T12:00:00Z"
    assert utc_text(-5) == "1970-01-01T00:00:00Z"
    assert utc_text(10**18) == "9999-12-31T23:59:59Z"


def test_boots_before_on_the_same_machine_can_be_compared() -> None:
    """Back to more RAM, and for per-CPU memory to another number of CPUs; whatever the boot."""
    samples = [sample_at(-9, boot="a", memory_total_bytes=32 * 1024**3), sample_at(-8, boot="b", cpus_possible=8)]
    samples += [sample_at(day, boot="c") for day in (-7, -6)] + [sample_at(day, boot="d") for day in (-1, 0)]
    past = Past(series_before(samples), samples[-1], DAY)
    assert past.segment.start == 4
    assert (past.oldest_alike("page_tables"), past.oldest_alike("percpu")) == (1, 2)


def test_some_places_of_a_column_are_those_of_the_whole_column() -> None:
    """The current sample is the last of them, also where it is the only one."""
    samples = [sample_at(day, kernel_release=name) for day, name in ((-3, "a"), (-2, "b"), (-1, "b"), (0, "c"))]
    past = past_of(*samples)
    column = past.column("kernel_key")
    assert len(set(column)) == 3
    for places in ([0, 2, 3], [0, 1], [1, 2, 3], [0, 3], range(1, 3), range(4), [3], []):
        assert past.at_places("kernel_key", places) == [column[place] for place in places]
    assert Past(None, sample_at(0), DAY).at_places("percpu_kib", [0]) == [400 * 1024]
