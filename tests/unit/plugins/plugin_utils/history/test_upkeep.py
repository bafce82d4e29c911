# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a store in order: the calls that an operator has."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Rebuilt, Retention
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    HOUR,
    MIDNIGHT,
    add,
    exported,
)


def test_a_store_is_due_once_a_day(empty: SqlStore) -> None:
    """By its own days, whatever the clock did in between."""
    add(empty, "r1", MIDNIGHT)
    assert empty.upkeep.is_due(MIDNIGHT)
    empty.upkeep.prune(Retention(), MIDNIGHT + HOUR)
    assert not empty.upkeep.is_due(MIDNIGHT + 23 * HOUR) and empty.upkeep.is_due(MIDNIGHT + DAY)
    empty.upkeep.prune(Retention(), MIDNIGHT + 400 * DAY)
    assert empty.upkeep.is_due(MIDNIGHT + 2 * DAY), "that it was in the future says nothing"


def test_a_rebuild_of_a_sound_store_changes_nothing(empty: SqlStore) -> None:
    for day in range(60):
        add(empty, f"r{day}", MIDNIGHT + day * DAY)
    empty.upkeep.prune(Retention(), MIDNIGHT + 60 * DAY)
    before = exported(empty)
    assert empty.upkeep.rebuild() == Rebuilt(1, 0, 0)
    assert exported(empty) == before and empty.upkeep.verify() == []
