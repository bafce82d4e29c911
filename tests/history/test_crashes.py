# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a file: processes that are killed while they write, many writers at once, a disk that fills up."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import sqlite
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, HistoryStore
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import as_many_as
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    all_series,
    exported,
    finding,
    sample,
)

FORK = multiprocessing.get_context("fork")
HOSTS, KILLS, WRITERS = 40, as_many_as(50, 1000), 16


def append(store: HistoryStore, name: str, moment: int) -> None:
    """A run with findings on all hosts, so that a part of it would be seen."""
    samples = [sample(f"host{host}", moment) for host in range(HOSTS)]
    add(store, name, moment, samples, {each.host: [finding()] for each in samples})


def is_whole(store: HistoryStore) -> int:
    """Check that each run is there whole and all is sound, and return how many runs there are."""
    assert store.upkeep.verify() == []
    parts = [record for record in store.upkeep.export() if record["record"] in ("sample", "judged")]
    assert len(parts) == 2 * HOSTS * store.info.runs
    assert all(len(record["findings"]) == 1 for record in parts if record["record"] == "judged")
    return store.info.runs


def test_kills_leave_no_half_run(tmp_path: Path) -> None:
    """An audit may be killed at any moment, its very first included: the file is sound, each run is whole or not
    there.
    """
    where = str(tmp_path / "history.db")
    begun = time.process_time()
    first = open_store(str(tmp_path / "first.db"))
    append(first, "first", MIDNIGHT)
    longest = 2 * (time.process_time() - begun)  # over the opening and the first run or two
    chance = random.Random(7)
    runs = 0
    for number in range(KILLS):
        seconds = chance.uniform(0.0005, longest)
        child = os.fork()
        if child == 0:
            # The kernel ends it after so much CPU time of its own, whatever else this machine does. Nothing of it runs
            # any more then, as after SIGKILL.
            signal.setitimer(signal.ITIMER_PROF, seconds)
            try:
                store = open_store(where)
                for run in range(10_000):
                    append(store, f"r{number}.{run}", MIDNIGHT + number * DAY + run)
            finally:
                os._exit(1)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGPROF
        if number % 5 == 4:
            store = open_store(where)
            assert (now := is_whole(store)) >= runs, "a run that was kept stays"
            runs = now
            store.close()
    assert runs > 5, "no kill came late enough to test anything"


def write(where: str, number: int) -> None:
    """Open a store that others open at the same moment, and append runs."""
    store = open_store(where)
    for run in range(4):
        moment = MIDNIGHT + run * DAY
        add(
            store,
            f"r{run}",
            moment,
            [sample(f"host{number}.{host}", moment) for host in range(20)],
            run_slice=str(number),
        )
        assert len(list(store.series([f"host{number}.0"]))[0]) == run + 1
    store.close()


@pytest.mark.parametrize("network", [False, True])
def test_sixteen_writers_at_once_lose_nothing(tmp_path: Path, network: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices on one machine share the file, which the first of them makes; with and without a log."""
    monkeypatch.setattr(sqlite, "on_network", lambda path: network)
    where = str(tmp_path / "new" / "history.db")
    children = [FORK.Process(target=write, args=(where, number)) for number in range(WRITERS)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    store = open_store(where)
    assert (store.info.runs, store.info.hosts, store.info.samples) == (4, WRITERS * 20, WRITERS * 20 * 4)
    assert store.upkeep.verify() == []
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of 4 MiB, or None where none may be mounted here."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(tmp_path).encode(), b"tmpfs", 0, b"size=4m") != 0:
        yield None
        return
    yield tmp_path
    libc.umount2(str(tmp_path).encode(), 2)


def test_a_full_disk_costs_a_run_and_not_the_history(
    small_disk: Path | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept stays readable; after room is made, audits are kept again. (A limit of SQLite stands in for a
    disk that can't be mounted.)
    """
    store = open_store(str(tmp_path / "history.db"))
    assert isinstance(store, SqlStore)
    if small_disk is None:
        store.engine.rows("PRAGMA max_page_count = 250")
    # As if another program took the room after it was looked at.
    monkeypatch.setattr(type(store.engine), "make_sure_of_room", lambda self, size: None)
    number = 0
    with pytest.raises(
        HistoryError,
        match=r"^The disk of the history .* (is full|gave an error), so nothing was written to it;[^\n]*\.$",
    ):
        for number in range(400):
            state = exported(store) if number % 10 == 0 else None
            append(store, f"r{number}", MIDNIGHT + number * DAY)
    assert number > 3
    assert is_whole(store) == number
    assert state is None or exported(store) == state
    assert len(all_series(store)) == HOSTS
    store.close()
    if small_disk is not None:
        ballast = tmp_path / "history.db"
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.mount(b"tmpfs", str(tmp_path).encode(), b"tmpfs", 32, b"size=16m") == 0 and ballast.exists()
    store = open_store(str(tmp_path / "history.db"))
    assert is_whole(store) == number
    append(store, "after", MIDNIGHT + 500 * DAY)
    assert is_whole(store) == number + 1
    store.close()
