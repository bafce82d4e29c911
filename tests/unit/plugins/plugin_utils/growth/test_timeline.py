# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine is given."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.timeline import Amount
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    mib,
    question_of,
    timeline_of,
)


def test_an_amount_is_the_larger_of_both() -> None:
    """KiB, or the share of the level; a level below nothing counts as its size."""
    amount = Amount(100, 0.5)
    assert (amount.of(100), amount.of(1000), amount.of(-1000)) == (100, 500, 500)


def test_places_without_an_amount_are_left_out() -> None:
    """A sample may lack a dimension."""
    timeline = timeline_of(mib(1, None, 3, 4))
    assert timeline.known("slab_unreclaimable", 0, 3) == [0, 2, 3]
    assert timeline.known("slab_unreclaimable", 2, 3) == [2, 3]


def test_the_least_that_is_asked_for() -> None:
    """That of the lowest tier."""
    assert question_of(timeline_of(mib(1))).least == 150 * 1024
