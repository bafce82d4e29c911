# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axes: where a moment and an amount are drawn."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.axis import (
    WIDE,
    TimeAxis,
    area,
    dates,
    known_runs,
    later,
    line,
    percent,
    scale,
)

NOW = "2026-11-24T12:00:00Z"


def test_moments_lie_in_proportion_and_the_last_is_now() -> None:
    """A pause of ten days between two samples is ten days wide."""
    axis = TimeAxis(NOW, (20 * 1440, 10 * 1440, 0))
    assert [axis.at(place) for place in range(3)] == [0, WIDE / 2, WIDE]
    assert percent(axis.at(1)) == "50.00%" and axis.date(20 * 1440) == "4\u00a0Nov" and axis.today == "today"
    assert TimeAxis(NOW, (20 * 1440, 0), ahead=20 * 1440).x(0) == WIDE / 2


@pytest.mark.parametrize(
    ("minutes", "first"), [(60, "11:50"), (600, "06:00"), (5 * 1440, "23\u00a0Nov"), (40 * 1440, "17\u00a0Nov")]
)
def test_marks_stand_at_minutes_hours_days_or_weeks(minutes: int, first: str) -> None:
    """Two to eight of them, the newest first, none cut at the edge."""
    ticks = list(TimeAxis(NOW, (minutes, 0)).ticks())
    assert ticks[1].words == first and 2 <= len(ticks) <= 8
    assert all(0.03 * WIDE <= tick.x <= WIDE for tick in ticks)


@pytest.mark.parametrize("highest", [1, 900, 1500, 3_000_000, 9_999_999, 2**40])
def test_an_axis_of_amounts_has_round_ticks_up_to_its_highest(highest: float) -> None:
    """No tick lies above the chart."""
    top, ticks = scale(highest)
    assert highest < top <= 1.07 * highest and 2 <= len(ticks) <= 5 and ticks[-1] <= 1.02 * highest


def test_a_path_goes_through_its_points_and_never_over_a_gap() -> None:
    """Whole numbers, each from the one before."""
    assert line([(0, 0), (10, 0), (10, 5), (20, 1)]) == "M0 0h10v5l10-4" and line([]) == ""
    assert known_runs([1, None, 2, 3]) == [[0], [2, 3]]


def test_an_area_goes_down_to_the_ground_and_its_edge_does_not() -> None:
    """One piece for each stretch that is known."""
    axis = TimeAxis(NOW, (3 * 1440, 2 * 1440, 1440, 0))
    assert area(axis, [1, None, 2, 3], lambda value: 10 - value, 10) == (
        "M0 9V10H0zM400 8l200-1V10H400z",
        "M0 9M400 8l200-1",
    )


def test_dates_of_cells_stand_below_their_middles() -> None:
    """Those of points below the points."""
    axis = TimeAxis(NOW, (3 * 1440, 2 * 1440, 1440, 0))
    assert 'x="100.00%" y="12" text-anchor="end">today<' in dates(axis, 12)
    assert 'x="87.50%" y="12" text-anchor="end">today<' in dates(axis, 12, WIDE / 4)


def test_a_day_ahead_needs_no_year() -> None:
    """It is within three months."""
    assert later(NOW, 9.4) == "3 Dec" and later(NOW, 45) == "8 Jan"
