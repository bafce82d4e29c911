# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores of older releases on a real PostgreSQL server: the suite of all engines, parts, kills and hurries."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.history.conftest import Server
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.processes import wait_for_cpu
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.release_0_1_0 import (
    LAST_AUDIT,
    asked,
    expected_answers,
    sample_file,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.upgrade_suite import (
    UpgradeSuite,
    opened,
)

FORK = multiprocessing.get_context("fork")


def put_back(server: Server) -> None:
    """Load the store of release 0.1.0 in place of what is there."""
    server.sql("SET client_min_messages = warning", "DROP SCHEMA IF EXISTS kernel_memory CASCADE")
    server.sql(sample_file("postgresql.sql").decode())


@pytest.fixture
def old(postgresql: str, server: Server) -> str:
    """The address of the store of release 0.1.0."""
    put_back(server)
    return postgresql


@pytest.fixture
def another(tmp_path: Path) -> Callable[[], str]:
    """A second store, which is in the other engine, so that moving between them is tested."""
    return lambda: str(tmp_path / "another.db")


class TestUpgrade(UpgradeSuite):
    """PostgreSQL does what every engine does."""


def test_its_rows_stay_where_they_are(old: str, server: Server) -> None:
    """Ten million rows are not written anew: the old table becomes the first part of the new one."""
    before = server.sql("SELECT relfilenode FROM pg_class WHERE oid = 'kernel_memory.sample'::regclass")
    store = opened(old)
    add(store, "later", LAST_AUDIT + 100 * DAY, [sample(moment=LAST_AUDIT + 100 * DAY)])
    assert server.sql("SELECT relfilenode FROM pg_class WHERE relname = 'sample_before'") == before
    names = server.sql("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'kernel_memory.sample'::regclass")
    assert len(names.splitlines()) == 2
    store.close()


def test_a_server_that_only_reads_gives_an_old_store(old: str) -> None:
    """A standby can't be upgraded, and it can be asked."""
    store = opened(old + "&options=-c%20default_transaction_read_only%3Don")
    assert asked(store) == expected_answers() and store.engine.version == 1
    with pytest.raises(HistoryError, match="can be read only, so nothing was written to it"):
        add(store, "next", MIDNIGHT)
    store.close()


def test_kills_in_the_middle_leave_the_old_or_the_new_store(old: str, server: Server) -> None:
    """A job that is cancelled ends by SIGKILL; the server takes back what was begun."""
    begun = time.process_time()
    open_store(old).close()
    longest = 1.2 * (time.process_time() - begun)
    chance = random.Random(3)
    for _kill in range(10):
        put_back(server)
        child = os.fork()
        if child == 0:
            try:
                open_store(old)
                time.sleep(60)
            finally:
                os._exit(1)
        wait_for_cpu(child, chance.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        reading = opened(old, create=False)
        assert asked(reading)["series"] == expected_answers()["series"]
        reading.close()
        after = open_store(old)
        assert asked(after) == expected_answers() and after.info.schema_version == 2
        after.close()


def upgrade(where: str) -> None:
    """Open a store, in a process of its own."""
    store = open_store(where)
    assert asked(store)["series"] == expected_answers()["series"]
    store.close()


def test_four_that_open_it_at_once_upgrade_it_once(old: str) -> None:
    """Slices begin at the same moment, on several controllers."""
    children = [FORK.Process(target=upgrade, args=(old,)) for _number in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    store = open_store(old)
    assert asked(store) == expected_answers()
    store.close()
