# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of slices in the store; tests/history has what the report makes of them, in both engines."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.slices import remove_records
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import SliceRecord
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import MIDNIGHT


def test_a_record_comes_back_with_its_time(empty: SqlStore) -> None:
    """Whatever the document is: the store does not look into it."""
    given = [SliceRecord("web1", MIDNIGHT, "{}"), SliceRecord("web2", MIDNIGHT + 1, "not even JSON")]
    assert empty.slices.keep("awx-7", given) == 2
    assert list(empty.slices.of_run("awx-7")) == given and list(empty.slices.of_run("awx-8")) == []
    with empty.engine.writing():
        assert remove_records(empty.engine, MIDNIGHT + 1) == 1
    assert list(empty.slices.of_run("awx-7")) == given[1:]
