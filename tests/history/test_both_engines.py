# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both engines do the same, down to the last number."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Retention
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.gate.form_1_suite import Form1Suite
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.export_suite import (
    ExportSuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.judged_suite import (
    JudgedSuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    GIB,
    HOUR,
    MIDNIGHT,
    add,
    all_series,
    exported,
    finding,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.owners_suite import (
    OwnersSuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.packing_suite import (
    PackingSuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.rollouts_suite import (
    RolloutsSuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.runs_suite import RunsSuite
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.store_suite import StoreSuite
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.verify_suite import (
    VerifySuite,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.views_suite import ViewsSuite


class TestStore(StoreSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestVerify(VerifySuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestJudged(JudgedSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestExport(ExportSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestViews(ViewsSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestPacking(PackingSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestOwners(OwnersSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestRuns(RunsSuite):
    """What every store does, in SQLite and in PostgreSQL."""


class TestForm1(Form1Suite):
    """A rollout of the form of before, in SQLite and in PostgreSQL."""


class TestRollouts(RolloutsSuite):
    """What every store does, in SQLite and in PostgreSQL."""


def test_both_engines_hold_the_same_numbers(tmp_path: Path, postgresql: str) -> None:
    """A fleet that moves from a file to a server must be judged alike before and after."""
    stores = [open_store(str(tmp_path / "history.db")), open_store(postgresql)]
    for store in stores:
        assert isinstance(store, SqlStore)
        store.engine.rows_days = 8
        for number in range(90):
            moment = MIDNIGHT + (number * 37 % 90) * 11 * HOUR + number
            samples = [
                sample(f"host{host}", moment, slab=(number * host) % 17 * GIB, boot_id=f"boot{number // 20}")
                for host in range(9)
            ]
            findings = {f"host{host}": [finding()] if (number + host) % 3 else [] for host in range(9)}
            add(store, f"r{number}", moment, samples, findings)
        store.upkeep.prune(Retention(samples_days=10, findings_days=30), MIDNIGHT + 45 * DAY, thorough=True)
    one, two = stores
    assert exported(one) == exported(two)
    assert all_series(one) == all_series(two)
    assert all_series(one, without_run="r17") == all_series(two, without_run="r17")
    assert one.last_findings() == two.last_findings()
    assert one.kernels() == two.kernels()
    assert one.upkeep.verify() == two.upkeep.verify() == []
    for store in stores:
        store.close()
