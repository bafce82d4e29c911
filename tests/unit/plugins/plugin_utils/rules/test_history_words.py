# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of findings about history."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.history_words import (
    day_text,
    days_text,
    learning_text,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.segment import Segment
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import DAY, NOW


def test_days() -> None:
    """Whole days, and tenths where they matter."""
    assert [days_text(days) for days in (1, 1.04, 2.55, 13.98, 45)] == [
        "1 day",
        "1 day",
        "2.5 days",
        "14 days",
        "45 days",
    ]
    assert day_text(NOW) == "2026-11-24"


def test_learning_without_a_pace() -> None:
    """The second sample ever says nothing about when the next comes."""
    segment = Segment(0, 0, NOW - DAY, True)
    assert learning_text(0, 7, segment, None) == "0 of 7 samples since the boot on 2026-11-23."
