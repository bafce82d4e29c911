# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history in one SQLite file on the controller.

The file is looked at before SQLite opens it, so that a file of another program is never written to, not even by a
recovery.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from ..text.units import human_bytes
from .engine import LOCK_SECONDS, Row
from .schema import APPLICATION_ID, TABLES, column_names, filled_columns, marks, statements
from .store import SCHEMA_VERSION, HistoryError

PAGE_BYTES = 16384  # three packed series of the usual size fit in a page
LARGEST_LOG_BYTES = 64 * 2**20
NETWORK_FILE_SYSTEMS = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "gfs2",
        "ocfs2",
        "9p",
        "virtiofs",
        "vboxsf",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.s3fs",
        "fuse.rclone",
    )
)
_MAGIC = b"SQLite format 3\0"
_Answer = TypeVar("_Answer")


class SqliteEngine:
    """One open file. ``connection`` is for this file and its tests."""

    kind = "sqlite"

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path, self.name = path, str(path)
        fresh = _is_fresh(path, create)
        self.connection = self._guarded(lambda: sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None))
        try:
            # A file whose making was cut short has the right head and nothing in it.
            if fresh or (create and self._version() == 0):
                self._create()
            self._set_up()
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Run a query and return what it finds."""
        return self._guarded(lambda: self.connection.execute(sql, parameters).fetchall())

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Run a statement and return how many rows it changed."""
        return self._guarded(lambda: self.connection.execute(sql, parameters).rowcount)

    def put(self, table: str, rows: Collection[Row], *, replacing: Sequence[str] = ()) -> int:
        """Insert rows that are not there yet; see ``Engine.put``."""
        columns, key = filled_columns(table), ", ".join(TABLES[table].key)
        changes = ", ".join(f"{name} = excluded.{name}" for name in replacing)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks(len(columns))} ON CONFLICT ({key}) DO "
        sql += f"UPDATE SET {changes}" if replacing else "NOTHING"
        return self._many(sql, rows)

    def remove(self, table: str, rows: Collection[Row]) -> int:
        """Remove rows by their keys."""
        return self._many(
            f"DELETE FROM {table} WHERE " + " AND ".join(f"{name} = ?" for name in TABLES[table].key), rows
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a transaction of the only writer."""
        self.change("BEGIN IMMEDIATE")
        try:
            yield
            self.change("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self.connection.rollback()
            raise

    def make_sure_of_room(self, size: int) -> None:
        """Raise HistoryError where the disk has not twice as much room: it is written to the log and then to the
        file.
        """
        try:
            free = shutil.disk_usage(self.path.parent).free
        except OSError:
            return
        if free < 2 * size:
            raise HistoryError(
                f"The disk of the history {self.name} has {human_bytes(free)} left and this run may need "
                f"{human_bytes(2 * size)}, so nothing of it "
                "was kept there; free some space, or keep the history elsewhere."
            )

    def problems(self) -> list[str]:
        """Return what SQLite finds wrong with the file."""
        return [
            f"SQLite says of the file: {line}." for (line,) in self.rows("PRAGMA integrity_check(20)") if line != "ok"
        ]

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self.connection.close()

    def _many(self, sql: str, rows: Collection[Row]) -> int:
        return self._guarded(lambda: self.connection.executemany(sql, rows).rowcount) if rows else 0

    def _create(self) -> None:
        # With the journal of a new file, which is in place before a log is: so the head of the file tells at once whose
        # it is.
        self.change(f"PRAGMA page_size = {PAGE_BYTES}")
        with self.writing():
            if self._version() == 0:
                self.change(f"PRAGMA application_id = {APPLICATION_ID}")
                for statement in statements(self.kind):
                    self.change(statement)
                self.change(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _version(self) -> int:
        return int(self.rows("PRAGMA user_version")[0][0])

    def _set_up(self) -> None:
        version = self._version()
        if version == 0:
            raise HistoryError(f"There is nothing in the history {self.name} yet; an audit makes it.")
        if version != SCHEMA_VERSION:
            raise _other_version(self.name, version)
        for table in TABLES:
            if tuple(row[1] for row in self.rows(f"PRAGMA table_info({table})")) != column_names(table):
                raise HistoryError(
                    f"The history {self.name} is damaged: its table {table} is not as it was made; put back a copy "
                    "of it, "
                    "or move it away to begin a new one."
                )
        log = not on_network(self.path)
        if log:
            log = self._journal("WAL") == "wal"
        if not log:
            self._journal("DELETE")
        # The log can't be damaged by a power cut at NORMAL, the older journal can.
        self.change(f"PRAGMA synchronous = {'NORMAL' if log else 'FULL'}")
        self.change(f"PRAGMA journal_size_limit = {LARGEST_LOG_BYTES}")

    def _journal(self, mode: str) -> str:
        # SQLite does not wait by itself here, where other writers open a new file at the same moment.
        give_up_at = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return str(self.connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0])
            except sqlite3.DatabaseError as exc:
                text, problem = str(exc), self._sentence(exc)
            if "locked" in text and time.monotonic() < give_up_at:
                time.sleep(0.02)
            elif "locked" not in text and mode == "WAL":
                return "none"  # some file systems have no shared memory for a log
            else:
                raise HistoryError(problem)

    def _guarded(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return call()
        except sqlite3.Error as exc:
            problem = self._sentence(exc)
        raise HistoryError(problem)

    def _sentence(self, error: sqlite3.Error) -> str:
        text = str(error)
        for words, sentence in _SENTENCES.items():
            if words in text:
                return sentence.format(name=self.name, seconds=LOCK_SECONDS)
        return f"The history {self.name} can't be used: {text}."


_SENTENCES = {
    "locked": "The history {name} was in use by another program for more than {seconds} seconds, so nothing was "
    "written to it; try again when that has ended.",
    "is full": "The disk of the history {name} is full, so nothing was written to it; free some space.",
    "readonly": "The history {name} can't be written; give this user the right to write the file and its folder.",
    "unable to open": "The history {name} can't be opened; give this user the right to write the file and its folder.",
    "malformed": "The history {name} is damaged; put back a copy of it, or move it away to begin a new one.",
    "not a database": "The history {name} is damaged; put back a copy of it, or move it away to begin a new one.",
    "no such table": "The history {name} is damaged; put back a copy of it, or move it away to begin a new one.",
    "I/O error": "The disk of the history {name} gave an error, so nothing was written to it; see the kernel's log.",
    "closed database": "The history {name} is closed.",
}


def on_network(path: Path) -> bool:
    """Return whether a file lies on a file system of the network, where two controllers can't share a log in memory."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        folder = str(path.parent.resolve())
    except OSError:
        return False
    best, kind = "", ""
    for mount in mounts:
        words = mount.split(" ")
        if len(words) < 3:
            continue
        point = words[1].replace("\\040", " ")
        if (folder == point or folder.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, words[2]
    return kind in NETWORK_FILE_SYSTEMS


def _is_fresh(path: Path, create: bool) -> bool:
    """Return whether the file has to be made. Raises HistoryError for one that is no history, without touching it."""
    try:
        with open(path, "rb") as handle:
            head = handle.read(100)
    except FileNotFoundError:
        problem = ""
    except IsADirectoryError:
        problem = f"The history {path} is a folder; name a file in it."
    except OSError as exc:
        problem = f"The history {path} can't be read: {exc.strerror}."
    else:
        return _is_empty(path, head, create)
    if problem:
        raise HistoryError(problem)
    return _make(path, create)


def _make(path: Path, create: bool) -> bool:
    if not create:
        raise HistoryError(f"There is no history {path} yet; an audit makes it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return True
    except OSError as exc:
        problem = (
            f"The history {path} can't be made: {exc.strerror}; give this user the right to write its folder, "
            "or keep the history elsewhere."
        )
    raise HistoryError(problem)


def _is_empty(path: Path, head: bytes, create: bool) -> bool:
    if not head:
        if not create:
            raise HistoryError(f"There is nothing in the history {path} yet; an audit makes it.")
        return True
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise HistoryError(
            f"The file {path} is not a history of this collection, so it was left as it is; name another file."
        )
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise HistoryError(
            f"The file {path} is a database of another program, so it was left as it is; name another file."
        )
    version = int.from_bytes(head[60:64], "big")
    if version > SCHEMA_VERSION:
        raise _other_version(str(path), version)
    return False


def _other_version(name: str, version: int) -> HistoryError:
    return HistoryError(
        f"The history {name} was made by a newer release of this collection (schema {version}; this one knows "
        f"{SCHEMA_VERSION}), so it was left as it is; "
        "update the collection on this controller."
    )
