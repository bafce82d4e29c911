# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores of older releases in SQLite: the suite of all engines, the copy beside the file, kills and hurries."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import DAY, add
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


@pytest.fixture
def old(tmp_path: Path) -> str:
    """The address of the store of release 0.1.0."""
    path = tmp_path / "history.db"
    path.write_bytes(sample_file("history.sqlite3"))
    return str(path)


@pytest.fixture
def another(tmp_path: Path) -> Callable[[], str]:
    """Where a second store is not yet."""
    return lambda: str(tmp_path / "another.db")


class TestUpgrade(UpgradeSuite):
    """SQLite does what every engine does."""


def copies(where: str) -> list[Path]:
    """The copies beside a store."""
    return sorted(Path(where).parent.glob("*.schema-*"))


def test_reading_leaves_the_file_as_it_is(old: str) -> None:
    """Not a byte changes, and there is no copy."""
    store = open_store(old, create=False)
    assert asked(store) == expected_answers()
    store.close()
    assert len(Path(old).read_bytes()) == len(sample_file("history.sqlite3")) and copies(old) == []


def test_before_an_upgrade_there_is_a_copy_that_works(old: str) -> None:
    """Whoever wants to go back to the older release can; and it is nobody else's to read."""
    Path(old).with_name("history.db.schema-1").write_text("somebody's notes")
    store = open_store(old)
    (remark,) = store.remarks
    store.close()
    notes, copy = copies(old)
    assert notes.read_text() == "somebody's notes", "what is there is never overwritten"
    assert f"was brought from schema 1 to 2; as it was before it is in {copy}" in remark
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    back = opened(str(copy), create=False)
    assert back.engine.version == 1 and asked(back) == expected_answers()
    back.close()
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert not list(Path(old).parent.glob(".*")), "nothing half is left"


@pytest.mark.parametrize("cause", ["room", "folder"])
def test_what_can_not_be_upgraded_is_read_and_whoever_writes_is_told(
    old: str, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is made with the history that there is."""
    if cause == "room":
        monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 100_000}))
        sentence = r"has 97\.7 KiB left and a copy of it, before it is brought forward, may need 1\.4 MiB"
    else:
        (Path(old).parent / ".history.db.copy").mkdir()
        sentence = r"No copy of the history .* can be made before it is brought forward \(Is a directory\)"
    store = opened(old)
    assert asked(store) == expected_answers() and store.engine.version == 1
    monkeypatch.undo()
    with pytest.raises(HistoryError, match=sentence):
        add(store, "next", LAST_AUDIT + DAY)
    store.close()


def test_kills_in_the_middle_leave_the_old_or_the_new_store(old: str) -> None:
    """An audit may be killed at any moment of its first run with a new release."""
    begun = time.process_time()
    first = Path(old).with_name("first.db")
    first.write_bytes(Path(old).read_bytes())
    open_store(str(first)).close()
    longest = 1.2 * (time.process_time() - begun)
    chance = random.Random(3)
    versions = set()
    for _kill in range(25):
        Path(old).write_bytes(sample_file("history.sqlite3"))
        for name in (*copies(old), *Path(old).parent.glob("history.db-*")):
            name.unlink()
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
        versions.add(reading.engine.version)
        assert asked(reading) == expected_answers()
        reading.close()
        after = open_store(old)
        assert asked(after) == expected_answers() and after.info.schema_version == 2
        after.close()
        assert all(opened(str(copy), create=False).engine.version == 1 for copy in copies(old))
    assert 1 in versions, "no kill came early enough to test anything"


def upgrade(where: str, gate: Path) -> None:
    """Open a store as soon as all are ready."""
    while not gate.exists():
        time.sleep(0.001)
    store = open_store(where)
    assert asked(store)["series"] == expected_answers()["series"]
    store.close()


def test_eight_that_open_it_at_once_upgrade_it_once(old: str, tmp_path: Path) -> None:
    """Slices begin at the same moment."""
    children = [FORK.Process(target=upgrade, args=(old, tmp_path / "go")) for _number in range(8)]
    for child in children:
        child.start()
    (tmp_path / "go").touch()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    assert len(copies(old)) == 1
    store = open_store(old)
    assert asked(store) == expected_answers()
    store.close()


A_LATER_RELEASE = """
import sys
sys.path[:] = sys.argv[2].split(":")
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions import table
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.dimension import Dimension
entirely_new = Dimension("entirely_new", "Entirely new", "What nobody has thought of.")
table.TABLE = {**table.TABLE, "entirely_new": entirely_new, table.TOTAL: table.TABLE.pop(table.TOTAL)}
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import RunRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, Origin, Sample
assert "entirely_new_kib" in COLUMNS and COLUMNS[-1] != "entirely_new_kib"
store = open_store(sys.argv[1])
assert store.remarks == [], store.remarks
amounts = {"entirely_new": 5 * 2**20, "percpu": 2**20}
one = Sample("web1", 1796200000, "b", "k", "a", 9, 2**34, 2**33, 8, 9, 9, "pages", None, amounts)
store.append(RunRecord("later", 1796200000), [one], {"web1": []})
(series,) = store.series(["web1"])
assert list(series.columns["entirely_new_kib"])[-2:] == [-(2**31), 5 * 2**10], series.columns["entirely_new_kib"]
assert store.upkeep.verify() == []
store.close()
"""


def test_a_release_with_a_new_dimension_loses_nothing_and_the_one_before_goes_on(old: str) -> None:
    """That is what the columns are open for: no step, no rewriting, and two controllers of two releases."""
    store = open_store(old)
    add(store, "now", LAST_AUDIT + DAY // 2)
    before = asked(store)["series"]
    store.close()
    pages = os.stat(old).st_size
    command = [sys.executable, "-c", A_LATER_RELEASE, old, ":".join(sys.path)]
    subprocess.run(command, check=True, timeout=60)
    assert os.stat(old).st_size - pages < 10 * 16384, "nothing was written anew"
    store = opened(old)
    assert store.engine.columns("sample")[-1] == "entirely_new_kib"
    after = asked(store)["series"]
    assert after["web2"] == before["web2"] and len(after["web1"]["threads"]) >= len(before["web1"]["threads"])
    add(store, "older again", LAST_AUDIT + 2 * DAY)
    assert store.upkeep.verify() == []
    store.close()
