# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a history before SQLite opens it: links, network file systems, and a program that did not end well."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import sqlite_file
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sqlite_file import (
    ended_uncleanly,
    free_copy_name,
    private_file,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    sample,
)


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("dangling", [False, True])
def test_no_symbolic_link_is_followed(tmp_path: Path, end: str, dangling: bool) -> None:
    """Whoever can write the folder could lead the history into another file of its owner."""
    target = tmp_path / "precious"
    if not dangling:
        target.write_text("do not lose me\n")
    path = tmp_path / "history.db"
    if end:
        open_store(str(path)).close()
    path.with_name(path.name + end).symlink_to(target)
    for create in (True, False):
        with pytest.raises(HistoryError, match=r"is a symbolic link, which .*; name the file that it leads to\.$"):
            open_store(str(path), create=create)
    assert dangling or target.read_text() == "do not lose me\n"
    assert target.exists() is not dangling, "nothing was made where a dangling link leads to"


def test_a_folder_may_be_a_link(tmp_path: Path) -> None:
    """Report folders often are, and only their owner makes them so."""
    (tmp_path / "data").mkdir()
    (tmp_path / "reports").symlink_to(tmp_path / "data")
    open_store(str(tmp_path / "reports" / "history.db")).close()
    assert (tmp_path / "data" / "history.db").is_file()


def test_what_is_no_file_is_one_sentence_and_nobody_waits(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever for somebody at its other end."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HistoryError, match="is no ordinary file, so it was left as it is"):
        open_store(str(tmp_path / "pipe"))


def test_the_file_system_of_a_path_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The innermost mount counts, with blanks in its name, too."""
    mounts = (
        "/dev/a / ext4 rw 0 0\nserver:/x /srv/my\\040share nfs4 rw 0 0\n/dev/b /srv/my\\040share/local xfs rw 0 "
        "0\nbroken\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda self, **options: mounts)
    answers = {
        name: sqlite_file.on_network(Path(name))
        for name in ("/srv/my share/h.db", "/srv/my share/local/h.db", "/srv/my share2/h.db", "/h.db")
    }
    assert answers == {
        "/srv/my share/h.db": True,
        "/srv/my share/local/h.db": False,
        "/srv/my share2/h.db": False,
        "/h.db": False,
    }


def killed_while_writing(where: str) -> None:
    """Let another process append a run, and kill it before it closes the store."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            store = open_store(where)
            add(store, "killed", MIDNIGHT + DAY, [sample(f"web{number}", MIDNIGHT + DAY) for number in range(50)])
            os.write(writing, b".")
            threading.Event().wait()
        finally:
            os._exit(1)
    assert os.read(reading, 1) == b"."
    assert not ended_uncleanly(Path(where)), "somebody has it open: that is no end"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)


def test_an_end_that_was_none_is_seen(tmp_path: Path) -> None:
    """By the log that a program leaves when it does not close the file, once nobody has it open any more."""
    path = tmp_path / "history.db"
    open_store(str(path)).close()
    assert not ended_uncleanly(path) and not ended_uncleanly(tmp_path / "nothing")
    killed_while_writing(str(path))
    assert ended_uncleanly(path)
    store = open_store(str(path))
    assert store.info.samples == 50, "what was kept is there"
    store.close()
    assert not ended_uncleanly(path)


def test_after_such_an_end_damage_is_looked_for(tmp_path: Path) -> None:
    """A disk that fails takes the program with it: the next run must not build on what is broken."""
    path = tmp_path / "history.db"
    store = open_store(str(path))
    add(store, "r1", MIDNIGHT, [sample(f"web{number}") for number in range(500)])
    store.close()
    killed_while_writing(str(path))
    with open(path, "r+b") as handle:
        for page in range(5, path.stat().st_size // 16384):
            handle.seek(page * 16384)
            handle.write(b"\xff" * 50)
    with pytest.raises(HistoryError, match=r"is damaged"):
        open_store(str(path))


def test_a_copy_has_a_name_of_its_own(tmp_path: Path) -> None:
    """What somebody has put there is never overwritten."""
    path = tmp_path / "h.db"
    names = []
    for _copy in range(3):
        names.append(free_copy_name(path, 1))
        names[-1].touch()
    assert [name.name for name in names] == ["h.db.schema-1", "h.db.schema-1.1", "h.db.schema-1.2"]


def test_a_private_file_is_nobody_elses_and_follows_no_link(tmp_path: Path) -> None:
    """The copy of a history is as private as the history."""
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "copy").symlink_to(tmp_path / "victim")
    private_file(tmp_path / "copy")
    assert (tmp_path / "victim").read_text() == "mine" and not (tmp_path / "copy").is_symlink()
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


def test_room_is_asked_for_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 2048}))
    with pytest.raises(HistoryError, match="has 2 KiB left and a copy may need 3 KiB, so nothing of it"):
        sqlite_file.make_sure_of_room(tmp_path / "h.db", 3072, "a copy")
    sqlite_file.make_sure_of_room(tmp_path / "h.db", 1024, "a copy")
