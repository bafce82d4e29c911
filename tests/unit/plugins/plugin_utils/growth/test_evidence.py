# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the points say, and what each tier asks of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.buckets import buckets_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.evidence import (
    Earlier,
    Evidence,
    evidence_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.line import line_through
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.steps import steps_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY

NOTHING_BEFORE = Earlier(0, ())


def evidence(*points: int) -> Evidence:
    """The evidence of points a day apart."""
    times = [place * DAY for place in range(len(points))]
    buckets = buckets_of(times, points, DAY / 2)
    return evidence_of(buckets, 0, steps_of(points), line_through(times, points))


LINE = tuple(range(0, 200, 10))


def test_a_line_by_hand() -> None:
    """190 in 19 days, every step up, none larger than the slope."""
    line = evidence(*LINE)
    assert line.grown == pytest.approx(190)
    assert (line.rises, line.fall) == (19, 0)
    assert line.largest_step == pytest.approx(0)
    assert line.orderly()
    assert [line.passes(tier, NOTHING_BEFORE) for tier in ("watch", "warning", "critical")] == [True] * 3


@pytest.mark.parametrize(
    "points",
    [(0, 0, 0, 1, 0, 0, 90, 91, 92, 93), (0, 40, 10, 50, 20, 60, 30, 70, 40, 80), (5,) * 10],
    ids=["one step", "a saw", "flat"],
)
def test_what_is_no_growth(points: Sequence[int]) -> None:
    """A step is a change of level; a saw gives back; what stays does not rise."""
    assert not evidence(*points).orderly()


def test_what_levels_off_is_no_warning() -> None:
    """A cache that fills grows less in the recent half."""
    filled = evidence(*(round(1000 * (1 - 0.8**day)) for day in range(20)))
    assert not filled.passes("warning", NOTHING_BEFORE)
    assert filled.recent_half < filled.first_half / 4


def test_a_rise_like_those_before_is_no_warning() -> None:
    """The largest before it in as long a time counts, and a tooth of a saw however long it took."""
    line = evidence(*LINE)
    assert line.passes("warning", Earlier(90, ()))
    assert not line.passes("warning", Earlier(100, ()))
    assert line.passes("watch", Earlier(100, ()))
    assert not line.passes("warning", Earlier(0, (50, 100)))
    assert line.passes("warning", Earlier(0, (50, 90)))
    assert line.passes("watch", Earlier(0, (50, 100)))
