# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history in one SQLite file on the controller."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from .engine import LOCK_SECONDS, Row
from .guard import unforeseen
from .migrations import bring_forward, is_behind, make_tables
from .refusals import nothing_there, other_version, to_be_read
from .schema import APPLICATION_ID, TABLES, column_names, create_table, filled_columns, marks
from .sqlite_file import (
    ended_uncleanly,
    free_copy_name,
    is_fresh,
    make_sure_of_room,
    on_network,
    private_file,
    refuse_links,
)
from .store import SCHEMA_VERSION, HistoryError

PAGE_BYTES = 16384  # three packed series of the usual size fit in a page
LARGEST_LOG_BYTES = 64 * 2**20
_Answer = TypeVar("_Answer")


class SqliteEngine:
    """One open file. ``connection`` is for this file and its tests."""

    kind = "sqlite"
    rows_days = 8

    def __init__(self, path: Path, *, create: bool, write: bool) -> None:
        self.path, self.name = path, str(path)
        self.remarks: list[str] = []
        self._not_forward: str | None = None
        fresh = is_fresh(path, create)
        unclean = ended_uncleanly(path)
        self.connection = self._guarded(lambda: sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None))
        try:
            refuse_links(path)
            # A file whose making was cut short has the right head and nothing in it.
            if fresh or (create and self._stored_version() == 0):
                self._create()
            self.version = self._stored_version()
            self._set_up(write)
            if unclean:
                self._look_after_the_end()
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Run a query and return what it finds."""
        return self._guarded(lambda: self.connection.execute(sql, parameters).fetchall())

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Run a statement and return how many rows it changed."""
        return self._guarded(lambda: self.connection.execute(sql, parameters).rowcount)

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that a table or view has in this store, in their order; none where it is not there."""
        return tuple(row[1] for row in self.rows(f"PRAGMA table_info({table})"))

    def put(
        self, table: str, rows: Collection[Row], *, replacing: Sequence[str] = (), columns: Sequence[str] = ()
    ) -> int:
        """Insert rows that are not there yet; see ``Engine.put``."""
        columns, key = columns or filled_columns(table), ", ".join(TABLES[table].key)
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
        if self.version < SCHEMA_VERSION:
            raise HistoryError(self._not_forward or to_be_read(self.name, self.version))
        with self._transaction():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return a transaction that sees the store as it is at its beginning, and keeps nobody from writing."""
        with self._transaction("DEFERRED"):
            yield

    def now(self) -> int:
        """Return the time in seconds since 1970, by the clock of this machine: SQLite has none of its own."""
        return int(time.time())

    def make_table(self, table: str) -> None:
        """Make a table of the schema, inside of a transaction."""
        self.change(create_table(self.kind, table))

    def keep_in_parts(self, table: str) -> None:
        """Do nothing: a file has no parts."""

    def make_sure_of_room(self, size: int) -> None:
        """Raise HistoryError where the disk has not twice as much room: it is written to the log and then to the
        file.
        """
        make_sure_of_room(self.path, 2 * size, "this run")

    def tidy(self, before: int) -> None:
        """Do nothing: what is empty is used again."""

    def problems(self) -> list[str]:
        """Return what SQLite finds wrong with the file."""
        return [
            f"SQLite says of the file: {line}." for (line,) in self.rows("PRAGMA integrity_check(20)") if line != "ok"
        ]

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self.connection.close()

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        self.change(f"BEGIN {kind}")
        try:
            yield
            self.change("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self.connection.rollback()
            raise

    def _many(self, sql: str, rows: Collection[Row]) -> int:
        return self._guarded(lambda: self.connection.executemany(sql, rows).rowcount) if rows else 0

    def _create(self) -> None:
        # With the journal of a new file, which is in place before a log is: so the head of the file tells at once whose
        # it is.
        self.change(f"PRAGMA page_size = {PAGE_BYTES}")
        with self._transaction():
            if self._stored_version() == 0:
                self.change(f"PRAGMA application_id = {APPLICATION_ID}")
                make_tables(self)
                self.change(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _stored_version(self) -> int:
        return int(self.rows("PRAGMA user_version")[0][0])

    def _set_up(self, write: bool) -> None:
        if self.version == 0:
            raise nothing_there(self.name)
        if self.version > SCHEMA_VERSION:
            raise other_version(self.name, self.version)
        self._choose_journal()
        if write and is_behind(self):
            try:
                self._bring_forward()
            except HistoryError as exc:
                # What can't be brought forward can still be read; whoever writes is told.
                self._not_forward = str(exc)
        self._check_tables()

    def _choose_journal(self) -> None:
        log = not on_network(self.path)
        if log:
            log = self._journal("WAL") == "wal"
        if not log:
            self._journal("DELETE")
        # The log can't be damaged by a power cut at NORMAL, the older journal can.
        self.change(f"PRAGMA synchronous = {'NORMAL' if log else 'FULL'}")
        self.change(f"PRAGMA journal_size_limit = {LARGEST_LOG_BYTES}")

    def _check_tables(self) -> None:
        for table in TABLES:
            there, wanted = self.columns(table), column_names(table)
            if table == "sample":  # of which another release may have added columns
                there, wanted = there[:3], wanted[:3]
            elif self.version < SCHEMA_VERSION:
                continue
            if there != wanted:
                raise HistoryError(
                    f"The history {self.name} is damaged: its table {table} is not as it was made; put back a copy "
                    "of it, or move it away to begin a new one."
                )

    def _bring_forward(self) -> None:
        with self._transaction():
            # Another program may have done it since.
            version = self._stored_version()
            if version > SCHEMA_VERSION:
                raise other_version(self.name, version)
            copy = self._copied(version) if version < SCHEMA_VERSION else None
            bring_forward(self, version)
            self.change(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self.version = SCHEMA_VERSION
        if copy is not None:
            self.remarks.append(
                f"The history {self.name} was brought from schema {version} to {SCHEMA_VERSION}; as it was before it "
                f"is in {copy}, which can go when all is well."
            )

    def _copied(self, version: int) -> Path:
        """Return where a copy of the file is, as it was before this transaction."""
        size = self.path.stat().st_size
        make_sure_of_room(self.path, size + max(size // 4, 2**20), "a copy of it, before it is brought forward,")
        copy = free_copy_name(self.path, version)
        unfinished = self.path.with_name(f".{self.path.name}.copy")
        try:
            private_file(unfinished)
            # By a reader of its own, which sees what was there before this transaction: a writer can't be copied.
            with closing(sqlite3.connect(self.path)) as reader, closing(sqlite3.connect(unfinished)) as target:
                self._guarded(lambda: reader.backup(target))
            os.replace(unfinished, copy)
            return copy
        except OSError as exc:
            problem = (
                f"No copy of the history {self.name} can be made before it is brought forward ({exc.strerror}), so it "
                "was left as it is; give this user the right to write its folder."
            )
        raise HistoryError(problem)

    def _look_after_the_end(self) -> None:
        """Look through a file whose last program did not end well, since a disk that failed then shows it now."""
        problems = [line for (line,) in self.rows("PRAGMA quick_check(3)") if line != "ok"]
        if problems:
            raise HistoryError(
                f"The history {self.name} is damaged since the program before did not end well "
                f"({'; '.join(problems)}); put back a copy of it, or move it away to begin a new one."
            )

    def _journal(self, mode: str) -> str:
        # SQLite does not wait by itself here, where other writers open a new file at the same moment.
        give_up_at = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return str(self.connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0])
            except sqlite3.DatabaseError as exc:
                text, problem = str(exc), self._sentence(exc)
            except Exception as exc:
                text, problem = "", unforeseen(self.name, exc)
            if "locked" in text and time.monotonic() < give_up_at:
                time.sleep(0.02)
            elif text and "locked" not in text and mode == "WAL":
                return "none"  # some file systems have no shared memory for a log
            else:
                raise HistoryError(problem)

    def _guarded(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return call()
        except sqlite3.Error as exc:
            problem = self._sentence(exc)
        except Exception as exc:
            # While Python makes the message of an error of a damaged file, it may raise another one.
            problem = unforeseen(self.name, exc)
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
