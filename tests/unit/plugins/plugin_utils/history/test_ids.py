# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of runs and hosts: each name has one, for ever."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.ids import (
    all_host_ids,
    groups,
    host_ids_of,
    host_names,
    known_host_ids,
    known_run_id,
    run_id_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import RunRecord
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import MIDNIGHT


def test_hosts_have_one_number_each(empty: SqlStore) -> None:
    """Those that are there keep theirs, and more names than a statement takes are no error."""
    engine, names = empty.engine, [f"host{number}" for number in range(1203)]
    first = host_ids_of(engine, names[:3], MIDNIGHT)
    every = host_ids_of(engine, names, MIDNIGHT + 1)
    assert {name: every[name] for name in names[:3]} == first and len(set(every.values())) == 1203
    assert known_host_ids(engine, [*names, "never"]) == every
    assert host_names(engine, every.values()) == {number: name for name, number in every.items()}
    assert all_host_ids(engine) == sorted(every.values())


def test_a_run_has_one_number_and_began_when_its_first_part_began(empty: SqlStore) -> None:
    engine = empty.engine
    first, is_new = run_id_of(engine, RunRecord("r1", MIDNIGHT + 5, run_slice="1/2"))
    again, is_new_again = run_id_of(engine, RunRecord("r1", MIDNIGHT, run_slice="2/2"))
    assert (first, is_new, is_new_again) == (again, True, False)
    assert known_run_id(engine, "r1") == first and known_run_id(engine, "r2") is known_run_id(engine, None) is None
    assert engine.rows("SELECT started_at FROM run") == [(MIDNIGHT,)]


def test_groups_are_of_hosts_that_lie_side_by_side() -> None:
    """Their rows are packed and removed together, and so must share pages."""
    assert list(groups([1, 5, 127, 128, 300])) == [[1, 5, 127], [128], [300]]
    assert [len(group) for group in groups(range(128, 400))] == [128, 128, 16]
    assert list(groups([])) == []
