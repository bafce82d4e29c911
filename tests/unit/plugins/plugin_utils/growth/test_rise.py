# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of the engine."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.search import Search
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    MIB,
    START,
    mib,
    question_of,
    timeline_of,
)


def test_a_rise_can_be_taken_on() -> None:
    """What is held says so, and ends later; its rate stays. The worst tier has rank 0."""
    timeline = timeline_of(mib(*(600 + 100 * day for day in range(20))))
    rise = Search(timeline, question_of(timeline)).at(19)
    assert rise is not None
    later = rise.until_now(START + 21 * DAY, 7)
    assert (later.held, later.grown_kib, later.span_seconds) == (True, 7, 21 * DAY - (rise.since - START))
    assert round(later.bytes_a_day) == round(rise.bytes_a_day) == 100 * MIB * 1024
    assert (rise.tier, rise.rank) == ("warning", 1)
