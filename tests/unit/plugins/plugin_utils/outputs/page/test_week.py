# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart as a table."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.axis import TimeAxis
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.stacked import History
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.week import by_week


def test_it_has_some_moments_the_newest_first_with_all_kinds_that_there_are() -> None:
    """What is not known is a dash."""
    ages = tuple(1440 * day for day in range(29, -1, -1))
    amounts: dict[str, list[int | None]] = {
        "percpu": [*range(1024, 1053), 4096],
        "vmalloc": [None] * 29 + [1],
        "misc": [0] * 30,
    }
    drawn = by_week("h", History(TimeAxis("2026-11-24T12:00:00Z", ages), amounts))
    assert drawn.count("<tr>") <= 11 and drawn.index(">today<") < drawn.index("Nov<")
    assert "Per-CPU" in drawn and "Vmalloc" in drawn and "Other counted" not in drawn and ">–<" in drawn
