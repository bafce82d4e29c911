# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Robust statistics, worked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.robust_statistics import (
    Fit,
    fit,
    median_of,
    rise_of,
    spread_of,
)


def line_of(days: Sequence[float], amounts: Sequence[float]) -> Fit:
    """The line through points that are enough."""
    line = fit(days, amounts)
    assert line is not None
    return line


def test_median() -> None:
    """The middle one, or between the two middle ones."""
    assert median_of([1, 2, 30]) == 2
    assert median_of([1, 2, 4, 30]) == 3


def test_spread_ignores_one_bad_day_and_has_a_floor() -> None:
    """A counter that never moves must not make every change an outlier."""
    assert spread_of([90, 100, 110, 100, 9000], 100) == pytest.approx(14.826)
    assert spread_of([100, 100, 100], 100) == 2
    assert spread_of([-100, -100, -100], -100) == 2


def test_rise_is_between_the_thirds() -> None:
    """Of growth from 0 to 80 the thirds see two thirds: 60 of 90 had it one more day."""
    assert rise_of([0, 10, 20, 30, 40, 50, 60, 70, 80]) == 60
    assert rise_of([1, 2]) == 0


def test_fit_of_a_straight_line() -> None:
    """All pairs agree, so slope, bounds and both halves are the same."""
    line = line_of([0, 1, 2, 3, 4, 5, 6, 8], [10, 15, 20, 25, 30, 35, 40, 50])
    assert (line.slope, line.low, line.high, line.first_half, line.recent_half) == (5, 5, 5, 5, 5)
    assert (line.grown, line.start, line.rises, line.spread, line.largest_step) == (40, 10, 7, 0, 0)
    # 28 pairs rise; the variance for 8 points is 8 * 7 * 21 / 18.
    assert line.z == pytest.approx(27 / (8 * 7 * 21 / 18) ** 0.5)


def test_fit_of_nothing_and_of_a_fall() -> None:
    """A constant series has no sign of growth; a falling one has the opposite sign."""
    flat = line_of(range(8), [7] * 8)
    assert (flat.slope, flat.z, flat.grown) == (0, 0, 0)
    assert line_of(range(8), [-value for value in range(8)]).z == -line_of(range(8), list(range(8))).z


def test_neighbours_that_are_alike_make_less_sure() -> None:
    """A slow wave looks like a trend; the correction takes that back."""
    wave = [0, 3, 5, 6, 5, 3, 0, 1, 4, 6, 7, 6, 4, 1]
    saw = [0, 6, 3, 5, 0, 6, 3, 4, 1, 7, 4, 6, 1, 7]
    assert 0 < line_of(range(14), wave).z < line_of(range(14), saw).z


def test_one_step_is_seen() -> None:
    """A single step of 100 is most of the growth, beyond what the slope explains."""
    line = line_of(range(10), [0] * 5 + [100] * 5)
    assert (line.largest_step, line.grown) == (87.5, 112.5)


def test_too_little_is_left_early() -> None:
    """Growth of 40 where 41 are asked for is no line."""
    assert fit([0, 1, 2, 3, 4], [0, 10, 20, 30, 40], 41) is None
    assert fit([0, 1, 2, 3, 4], [0, 10, 20, 30, 40], 40) is not None


def test_too_few_points() -> None:
    """Three points are no trend."""
    with pytest.raises(ValueError, match="four points"):
        fit([0, 1, 2], [1, 2, 3])
