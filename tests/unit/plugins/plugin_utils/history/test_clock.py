# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that says it begins in the future is put where it belongs, with everything that is of it."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.clock import mend_clock
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    HOUR,
    MIDNIGHT,
    add,
    all_series,
    finding,
    sample,
)


def test_runs_of_today_are_left_alone(empty: SqlStore) -> None:
    """Clocks of controllers differ by minutes, and by the hour of a wrong time zone."""
    add(empty, "r1", MIDNIGHT)
    add(empty, "r2", MIDNIGHT + 20 * HOUR)
    assert mend_clock(empty.engine, MIDNIGHT) == 0
    assert empty.info.last_run_at == MIDNIGHT + 20 * HOUR


def test_a_run_from_next_year_comes_just_after_the_one_before_it(empty: SqlStore) -> None:
    """And the findings of the runs since are compared with each other."""
    ahead = MIDNIGHT + 500 * DAY
    add(empty, "r1", MIDNIGHT, findings={"web1": [finding()]})
    add(empty, "ahead", ahead, [sample(moment=ahead, slab=7 * 2**20)], {"web1": [finding("percpu")]})
    add(empty, "r3", MIDNIGHT + DAY, [sample(moment=MIDNIGHT + DAY)], {"web1": []})
    assert mend_clock(empty.engine, MIDNIGHT + DAY) == 1
    assert (empty.info.first_run_at, empty.info.last_run_at) == (MIDNIGHT, MIDNIGHT + DAY)
    assert list(all_series(empty)["web1"].columns["collected_at"]) == [MIDNIGHT + 1, MIDNIGHT + DAY]
    assert len(next(empty.samples())) == 3
    assert empty.last_findings() == {"web1": []}
    (found,) = empty.last_findings(without_run="r3")["web1"]
    assert (found.dimension, found.seen_at) == ("percpu", MIDNIGHT + 1)
    assert empty.upkeep.verify() == [] and mend_clock(empty.engine, MIDNIGHT + DAY) == 0


def test_a_first_run_that_is_ahead_begins_now(empty: SqlStore) -> None:
    """There is nothing before it to go by."""
    add(empty, "ahead", MIDNIGHT + 500 * DAY)
    assert mend_clock(empty.engine, MIDNIGHT) == 1
    assert empty.info.last_run_at == MIDNIGHT
