# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The best explained growth that ends with a sample, at any cadence."""

from __future__ import annotations

import random

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.rise import Rise
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.search import Search
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY, HOUR
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    GIB,
    MIB,
    START,
    mib,
    question_of,
    timeline_of,
)

MEASURED = (
    1117230, 1512652, 1909066, 2290965, 2679781, 3080650, 3475870, 3874080, 4269408, 4665111, 5061537, 5456298, 5860416
)  # fmt: skip
"""KiB a day of a leak that an earlier rule lost for a day."""


def rise(amounts: list[int], every: int = DAY, available: int = 32 * GIB, **changes: int) -> Rise | None:
    """The growth that ends with the last sample."""
    timeline = timeline_of(amounts, every, available)
    return Search(timeline, question_of(timeline, **changes)).at(len(amounts) - 1)


@pytest.mark.parametrize("every", [900, HOUR, DAY // 2, DAY, 7 * DAY])
def test_a_line_is_found_at_any_cadence(every: int) -> None:
    """20 points from minutes to weeks; those of hours because their end is near."""
    found = rise(mib(*(600 + 40 * place for place in range(20))), every, available=2 * GIB)
    assert found is not None
    assert found.tier in ("warning", "critical")
    assert found.slope == pytest.approx(40 * MIB * DAY / every, rel=0.01)


def test_what_grows_for_hours_needs_an_end_that_is_near() -> None:
    """The same rise on a host with memory for months is not told yet."""
    assert rise(mib(*(600 + 40 * place for place in range(20))), HOUR, available=320 * GIB, limit_kib=640 * GIB) is None


@pytest.mark.parametrize("began", range(5, 20, 3))
def test_amount_and_begin_are_of_the_growing_part(began: int) -> None:
    """Flat, then 2.5 GiB a day: within 5 %, and within a day; never more than there is."""
    chance = random.Random(began)
    amounts = [700 * MIB + round(max(0, day - began) * 2.5 * GIB) + chance.randrange(20 * MIB) for day in range(28)]
    found = rise(amounts, limit_kib=640 * GIB)
    assert found is not None
    assert found.grown_kib == pytest.approx((27 - began) * 2.5 * GIB, rel=0.05)
    assert found.grown_kib <= amounts[-1]
    assert abs(found.since - (START + began * DAY)) <= DAY


def test_its_own_beginning_is_not_held_against_what_ends_soon() -> None:
    """A leak that pauses is cut there, and its first part was an earlier rise of its size: a host with hours left was
    information.
    """
    before = [600] * 12 + [600 + 40 * place for place in range(1, 17)] + [1240] * 8
    amounts = mib(*before, *(1240 + 30 * place for place in range(1, 15)))
    found = rise(amounts, HOUR, available=64 * GIB, limit_kib=amounts[-1] + 600 * MIB)
    assert found is not None and found.tier == "critical"


@pytest.mark.parametrize("number", range(7, 14))
def test_every_prefix_of_a_measured_leak_is_found(number: int) -> None:
    """None is lost for a day."""
    found = rise(list(MEASURED[:number]))
    assert found is not None
    assert found.tier in ("warning", "critical")


@pytest.mark.parametrize(
    "amounts",
    [
        mib(*[400] * 30),
        mib(*[400] * 15, *[1400] * 15),
        mib(*(400 + 1000 * (1 - 0.7**day) for day in range(30))),
        mib(*(400 + 60 * (day % 10) for day in range(30))),
        mib(*(400 + 2 * day for day in range(30))),
        mib(*[None] * 30),
    ],
    ids=["flat", "step", "plateau", "saw", "little", "not known"],
)
def test_what_is_no_growth(amounts: list[int]) -> None:
    """Nothing is said, or information at most."""
    found = rise(amounts)
    assert found is None or found.tier == "watch"


def test_six_points_are_watched_and_seven_warn() -> None:
    """A perfect line of n points has a drift of the root of n - 1."""
    six, seven = (rise(mib(*(600 + 100 * day for day in range(number)))) for number in (6, 7))
    assert six is not None
    assert seven is not None
    assert (six.tier, seven.tier) == ("watch", "warning")
    assert rise(mib(*(600 + 100 * day for day in range(5)))) is None


def test_critical_needs_an_end_within_a_fortnight() -> None:
    """The same leak with more memory left is a warning."""
    line = mib(*(600 + 100 * day for day in range(20)))
    near, far = rise(line, available=GIB), rise(line, limit_kib=640 * GIB)
    assert near is not None
    assert far is not None
    assert (near.tier, far.tier) == ("critical", "warning")
    assert near.left_seconds == pytest.approx(10.24 * DAY, rel=0.01)


def test_gaps_do_no_harm() -> None:
    """Samples without an amount are left out."""
    line = mib(*(600 + 100 * day for day in range(20)))
    for place in (3, 8, 9):
        line[place] = UNKNOWN
    found = rise(line)
    assert found is not None
    assert found.slope == pytest.approx(100 * MIB, rel=0.01)


def test_no_growth_crosses_a_boot() -> None:
    """Ten days in the boot before, and four in this."""
    line = mib(*(600 + 100 * day for day in range(15)))
    timeline = timeline_of(line)
    assert Search(timeline, question_of(timeline, cold=11)).at(14) is None
