# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of one width, from samples at whatever distance."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.buckets import buckets_of, widths_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY, HOUR


@pytest.mark.parametrize(
    ("every", "number", "expected"),
    [
        (DAY, 30, [DAY / 2, 3 * DAY]),
        (2 * HOUR, 40, [HOUR, 6 * HOUR, DAY / 2]),
        (7 * DAY, 20, [3.5 * DAY, 21 * DAY]),
        (900, 12, [450]),
    ],
)
def test_widths_follow_the_sampling(every: int, number: int, expected: list[float]) -> None:
    """Each sample, three of them, and what of the calendar is coarser and fits."""
    assert widths_of([place * every for place in range(number)]) == pytest.approx(expected)


def test_a_bucket_has_its_median() -> None:
    """Two samples a day, in buckets of a day that reach back from the newest."""
    times = [place * DAY // 2 for place in range(6)]
    buckets = buckets_of(times, [1, 3, 5, 7, 9, 11], DAY)
    assert buckets.points == [2, 6, 10]
    assert buckets.first == [0, 2, 4]
    assert buckets.times == [DAY / 4, DAY * 5 / 4, DAY * 9 / 4]


def test_an_audit_that_is_a_little_early_is_the_next() -> None:
    """Daily audits are never exactly a day apart."""
    times = [0, DAY - HOUR, 2 * DAY, 3 * DAY - HOUR]
    assert buckets_of(times, [1, 2, 3, 4], DAY).points == [1, 2, 3, 4]


def test_old_rare_samples_do_not_stand_beside_new_ones() -> None:
    """Daily points are of the newest thirty; weeks reach back over all."""
    old = [place * 7 * DAY for place in range(10)]
    new = [70 * DAY + place * DAY for place in range(30)]
    values = list(range(40))
    assert buckets_of(old + new, values, DAY / 2).first[0] == 10
    assert buckets_of(old + new, values, 7 * DAY).first[0] < 10
