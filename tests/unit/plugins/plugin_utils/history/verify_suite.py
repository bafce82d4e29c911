# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must find where something is wrong in a store, and mend."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Rebuilt
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    MIDNIGHT,
    add,
    finding,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite


class VerifySuite(Suite):
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    @pytest.mark.parametrize(
        ("damage", "sentence"),
        [
            ("DELETE FROM series WHERE host_id = 1", "The series of web1 is not what"),
            ("UPDATE series SET newest_at = 7 WHERE host_id = 1", "The series of web1 is not what"),
            ("UPDATE series SET form = 9", "The series of web1, web2 are not what"),
            ("UPDATE sample SET percpu_kib = percpu_kib + 1", "The series of web1, web2 are not what"),
            ("UPDATE run SET samples = 9", "1 runs have another number of samples"),
        ],
    )
    def test_damage_is_found_and_a_rebuild_mends_series(self, opened: SqlStore, damage: str, sentence: str) -> None:
        add(opened, "r1", MIDNIGHT, [sample("web1"), sample("web2")])
        with opened.engine.writing():
            opened.engine.change(damage)
        assert [problem for problem in opened.upkeep.verify() if sentence in problem]
        assert "with the operation rebuild." in " ".join(opened.upkeep.verify()), "what to do is said"
        assert opened.upkeep.rebuild() == Rebuilt(2, 0, 0)
        assert opened.upkeep.verify() == []

    @pytest.mark.parametrize("table", ["sample", "series", "judged", "latest", "finding"])
    def test_rows_without_a_host_are_found(self, opened: SqlStore, table: str) -> None:
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        with opened.engine.writing():
            opened.engine.change("DELETE FROM host")
        assert f"1 rows of the table {table} are of a host that is not there." in opened.upkeep.verify()

    @pytest.mark.parametrize("table", ["sample", "judged", "finding", "run_slice"])
    def test_rows_without_a_run_are_found(self, opened: SqlStore, table: str) -> None:
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        with opened.engine.writing():
            opened.engine.change("DELETE FROM run")
        assert f"1 rows of the table {table} are of a run that is not there." in opened.upkeep.verify()
