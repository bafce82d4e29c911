# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where growth began."""

from __future__ import annotations

import random

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.change_point import change_point


@pytest.mark.parametrize("began", range(22))
def test_the_begin_is_found_on_any_day(began: int) -> None:
    """Flat, then a line, with a hundredth of it as noise: within a day."""
    chance = random.Random(began)
    points = [max(0, day - began) * 100 + 500 + chance.gauss(0, 1) for day in range(30)]
    found = change_point(range(30), points, 6)
    assert found is not None
    assert abs(found - began) <= 1


def test_what_falls_or_stays_never_began() -> None:
    """None; and so few points that none is left."""
    assert change_point(range(10), [5] * 10, 6) is None
    assert change_point(range(10), range(10, 0, -1), 6) is None
    assert change_point(range(5), range(5), 6) is None
