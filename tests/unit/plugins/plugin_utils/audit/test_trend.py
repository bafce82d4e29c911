# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recent amounts of a dimension."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.trend import trend_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import Baseline, Recent

TIMES = (1764115200, 1764201600, 1764288000)


def usual(state: str) -> Baseline:
    """What is usual for a host."""
    return Baseline(state, 9, 7, 2048, 1024, 4096, 0, None)


def test_a_trend_needs_two_values_that_are_known() -> None:
    """One is no line."""
    assert trend_of(None, {}, "percpu") is None
    assert trend_of(Recent(TIMES, {"percpu": (None, None, 5)}), {}, "percpu") is None
    assert trend_of(Recent(TIMES, {"percpu": (1, 2, 3)}), {}, "vmalloc") is None


def test_gaps_stay_gaps_and_the_first_day_is_that_of_the_first_value() -> None:
    """Unknown is not zero."""
    trend = trend_of(Recent(TIMES, {"percpu": (None, 7, -3)}), {}, "percpu")
    assert trend is not None and trend.amounts == [None, 7, -3] and trend.known == [7, -3]
    assert trend.since == "2025-11-27" and trend.bounds == (-3, 7)


def test_the_usual_range_is_shown_once_it_is_known() -> None:
    """While a host learns there is none."""
    recent = Recent(TIMES, {"percpu": (1, 2, 3)})
    ready, learning = (trend_of(recent, {"percpu": usual(state)}, "percpu") for state in ("ready", "learning"))
    assert ready is not None and (ready.low, ready.high, ready.bounds) == (1, 4, (1, 4))
    assert learning is not None and (learning.low, learning.high) == (None, None)
