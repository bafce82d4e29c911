# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What steps say of growth: a line, a single step, a level that wanders, a deploy."""

from __future__ import annotations

import random
from math import sqrt

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.steps import (
    best_drift,
    common_steps,
    steps_of,
    without_steps,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    mib,
    timeline_of,
)


def test_a_line_a_step_and_nothing() -> None:
    """A line of n points has the root of n - 1, one step has 1, and what stays has 0."""
    line, step = steps_of(range(10)), steps_of([0] * 5 + [9] * 5)
    assert line.drift == pytest.approx(3)
    assert line.alike > 100
    assert step.drift == pytest.approx(1)
    assert steps_of([5] * 9).drift == steps_of([5]).drift == 0


def test_what_falls_is_not_alike() -> None:
    """Only growth is asked about."""
    fall = steps_of([9, 5, 4, 2])
    assert fall.drift < 0
    assert fall.alike == 0


def test_a_level_that_wanders_has_the_drift_of_chance() -> None:
    """About normal: 2.4 is exceeded by less than one in a hundred of a thousand, whatever a trend test says of them."""
    chance = random.Random(7)
    drifts = []
    for _series in range(1000):
        level, points = 0.0, []
        for _point in range(20):
            level += chance.gauss(0, 1)
            points.append(level)
        drifts.append(steps_of(points).drift)
    assert sum(drift > 2.4 for drift in drifts) < 10
    assert sqrt(sum(drift * drift for drift in drifts) / 1000) == pytest.approx(1, abs=0.1)


def test_the_quick_look_sees_every_window() -> None:
    """It finds growth that began late, and nothing in a saw."""
    assert best_drift([5] * 10 + [6, 7, 8, 9, 10, 11, 12], 6, 5) == pytest.approx(sqrt(7))
    assert best_drift([5] * 10 + [6, 7, 8, 9, 10, 11, 12], 6, 8) == 0
    assert best_drift([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], 6, 1) < 1
    assert best_drift([1], 6, 1) == 0
    assert best_drift([5, 5, 5], 2, 0) == 0


def deploy(rise: float) -> list[int]:
    """Ten days around 400 MiB, then ten around another level."""
    return mib(*[400 + place % 2 for place in range(10)], *[400 * rise + place % 2 for place in range(10)])


def test_three_that_rise_at_once_are_a_deploy() -> None:
    """Two are not enough, and falls stay: a saw must not be mended into a line."""
    slab = deploy(1.3)
    assert common_steps(timeline_of(slab, vmalloc=deploy(1.2), percpu=deploy(1.1)), 0) == {10}
    assert common_steps(timeline_of(slab, vmalloc=deploy(1.2)), 0) == frozenset()
    assert common_steps(timeline_of(deploy(0.7), vmalloc=deploy(0.7), percpu=deploy(0.7)), 0) == frozenset()


def test_a_short_or_broken_history_has_no_common_steps() -> None:
    """With six samples nothing is usual; a dimension that was missing or nothing has no vote."""
    assert common_steps(timeline_of(mib(1, 2, 4, 8, 16, 32)), 0) == frozenset()
    gone = mib(*[0] * 10, *[500] * 10)
    assert common_steps(timeline_of(deploy(1.3), vmalloc=gone, percpu=deploy(1.1)), 0) == frozenset()


def test_a_step_is_replaced_by_the_usual_one() -> None:
    """The newest amount stays, and those before the step are moved."""
    assert without_steps([10, 11, 12, 33, 34, 35], [3]) == [30, 31, 32, 33, 34, 35]
    assert without_steps([10, 11], []) == [10, 11]
