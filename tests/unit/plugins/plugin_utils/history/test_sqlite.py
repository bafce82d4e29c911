# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history in an SQLite file: the suites of all stores, and what only files can suffer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import sqlite
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.schema import APPLICATION_ID
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sqlite import SqliteEngine
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    all_series,
    exported,
    sample,
)


def made(where: str) -> Path:
    """A store with one run, closed."""
    store = open_store(where)
    add(store, "r1", MIDNIGHT)
    store.close()
    return Path(where)


def engine_of(where: str) -> SqliteEngine:
    """The engine of an open store."""
    store = open_store(where)
    assert isinstance(store, SqlStore) and isinstance(store.engine, SqliteEngine)
    return store.engine


def test_only_its_owner_can_read_a_new_history(where: str) -> None:
    """Names of hosts and kernels are nobody else's business."""
    path = made(where)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o700 == 0o700, (
        "reports lie in the same folder, and are for others to read"
    )


def test_a_local_file_uses_a_log_and_waits_for_other_writers(where: str) -> None:
    """Readers and one writer at once; a second writer waits a minute."""
    engine = engine_of(where)
    assert engine.rows("PRAGMA journal_mode") == [("wal",)]
    assert engine.rows("PRAGMA synchronous") == [(1,)]
    assert engine.rows("PRAGMA busy_timeout") == [(60000,)]
    engine.close()


def test_on_a_network_file_system_there_is_no_log_in_memory(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two controllers would each have their own and spoil the file; also for a file that was begun on a local disk."""
    made(where)
    monkeypatch.setattr(sqlite, "on_network", lambda path: True)
    engine = engine_of(where)
    assert engine.rows("PRAGMA journal_mode") == [("delete",)]
    assert engine.rows("PRAGMA synchronous") == [(2,)]
    engine.close()


def foreign_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (x)")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a database of another program": foreign_database,
    "text": lambda path: path.write_text("do not lose me\n" * 20),
    "a short file": lambda path: path.write_bytes(b"SQLite format 3\0"),
    "an empty log of nothing": lambda path: path.write_bytes(bytes(5000)),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_of_another_program_is_never_touched(tmp_path: Path, kind: str) -> None:
    """A slip in a path must not cost somebody's data."""
    path = tmp_path / "theirs"
    FOREIGN[kind](path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    for create in (True, False):
        with pytest.raises(HistoryError, match="so it was left as it is") as caught:
            open_store(str(path), create=create)
        assert str(path) in str(caught.value)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert os.listdir(tmp_path) == ["theirs"]


def test_a_newer_schema_is_refused_and_left_as_it_is(where: str) -> None:
    """An older controller must not spoil the history of a newer one."""
    path = made(where)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=r"by a newer release .*\(schema 3; this one knows up to 2\)"):
        open_store(where)
    assert path.read_bytes() == before


@pytest.mark.parametrize("begun", [b"", b"head only"])
def test_a_file_whose_making_was_cut_short_is_made(where: str, begun: bytes) -> None:
    """An audit that was killed at its very start must not leave a file that is refused for ever."""
    path = Path(where)
    path.parent.mkdir()
    if begun:
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("VACUUM")
        connection.close()
    else:
        path.touch()
    with pytest.raises(HistoryError, match="There is nothing in the history"):
        open_store(where, create=False)
    store = open_store(where)
    assert store.info.is_new
    add(store, "r1", MIDNIGHT)
    assert store.upkeep.verify() == []
    store.close()


@pytest.mark.parametrize("left", [100, 5000, 16384, 40000])
def test_a_truncated_file_is_told(where: str, left: int) -> None:
    """A copy that was cut short must not pass for a short history."""
    store = open_store(where)
    add(store, "r1", MIDNIGHT, [sample(f"host{number}") for number in range(2000)])
    store.close()
    os.truncate(where, left)
    with pytest.raises(HistoryError, match=r"is damaged; put back a copy of it, or move it away to begin a new one\.$"):
        add(open_store(where), "r2", MIDNIGHT + DAY, [sample(f"host{number}") for number in range(2000)])


def test_overwritten_pages_are_told(where: str) -> None:
    store = open_store(where)
    add(store, "r1", MIDNIGHT, [sample(f"host{number}") for number in range(2000)])
    store.close()
    with open(where, "r+b") as handle:
        for page in range(2, Path(where).stat().st_size // 16384):
            handle.seek(page * 16384)
            handle.write(b"\xff" * 600)
    try:
        store = open_store(where)
        problems = store.upkeep.verify()
    except HistoryError as exc:
        problems = [str(exc)]
    assert problems and all(problem.endswith(".") and "\n" not in problem for problem in problems)


def test_a_missing_table_is_told(where: str) -> None:
    made(where)
    connection = sqlite3.connect(where)
    connection.execute("DROP TABLE finding")
    connection.close()
    with pytest.raises(HistoryError, match="is damaged: its table finding is not as it was made"):
        open_store(where)


def test_a_run_for_which_there_is_no_room_is_not_begun(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filling a disk to the last byte hurts others too."""
    store = open_store(where)
    before = exported(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10_000}))
    with pytest.raises(
        HistoryError,
        match=r"has 9\.8 KiB left and this run may need .* free some space, or keep the history elsewhere\.$",
    ):
        add(store, "r1", MIDNIGHT)
    assert exported(store) == before
    store.close()


def test_a_disk_that_fills_up_in_the_middle_costs_that_run_only(where: str) -> None:
    store = open_store(where)
    assert isinstance(store, SqlStore) and isinstance(store.engine, SqliteEngine)
    add(store, "r1", MIDNIGHT)
    before, series = exported(store), all_series(store)
    ((pages,),) = store.engine.rows("PRAGMA page_count")
    store.engine.rows(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(
        HistoryError, match=r"The disk of the history .* is full, so nothing was written to it; free some space\.$"
    ):
        add(store, "r2", MIDNIGHT + DAY, [sample(f"host{number}", MIDNIGHT + DAY) for number in range(3000)])
    assert (exported(store), all_series(store), store.upkeep.verify()) == (before, series, [])
    store.engine.rows("PRAGMA max_page_count = 100000")
    add(store, "r2", MIDNIGHT + DAY)
    store.close()


def test_a_writer_that_waits_in_vain_says_so(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.05)
    first, second = engine_of(where), open_store(where)
    with first.writing(), pytest.raises(HistoryError, match="was in use by another program"):
        add(second, "r1", MIDNIGHT)
    add(second, "r1", MIDNIGHT)
    second.close()
    first.close()


def test_opening_waits_for_a_writer(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it has to change how the file is written, for which SQLite itself does not wait."""
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "on_network", lambda path: True)
        writer = engine_of(where)
    started = threading.Event()

    def hold() -> None:
        with sqlite3.connect(where, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            started.set()
            time.sleep(0.3)
            connection.execute("COMMIT")
        connection.close()

    writer.close()
    holder = threading.Thread(target=hold)
    holder.start()
    started.wait()
    engine = engine_of(where)
    assert engine.rows("PRAGMA journal_mode") == [("wal",)]
    engine.close()
    holder.join()
