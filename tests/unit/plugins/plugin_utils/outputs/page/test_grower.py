# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small chart of a cause."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.axis import TimeAxis
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.grower import grower
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.stacked import Ahead, History

PAST = History(TimeAxis("2026-11-24T12:00:00Z", (1440 * 9, 1440 * 5, 0), 1440 * 3), {}, boots=(1,))


def test_it_has_the_limit_the_begin_and_the_way_there() -> None:
    """On an axis from 0, so that a leak of a tenth looks like one."""
    drawn = grower(
        "x", PAST, [1024, 1024, 2048], Ahead("percpu", 3072, "", since=1440 * 5, kib_a_day=512, days_left=2.0)
    )
    for part in ("limit 3\u00a0MiB", 'class="ahead"', 'class="boot"', "19\u00a0Nov", ">today<"):
        assert part in drawn, part


def test_a_limit_out_of_sight_is_an_arrow_and_nothing_known_is_no_chart() -> None:
    """Both are said, neither is drawn wrong."""
    drawn = grower("x", PAST, [10, 10, 10], Ahead("percpu", 10_000_000, ""))
    assert "↑ limit" in drawn and 'class="limit"' not in drawn
    assert grower("x", PAST, [None, None, None], Ahead()) == ""
