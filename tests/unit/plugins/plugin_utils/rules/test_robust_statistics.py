# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Robust statistics, worked by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.robust_statistics import (
    median_of,
    rise_of,
    spread_of,
)


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
