# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history in a PostgreSQL database, for several controllers or execution environments that come and go.

The tables lie in a schema of their own. Needs psycopg 3, which is imported only here and only when such a history is
opened.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from .engine import LOCK_SECONDS, Row
from .guard import unforeseen
from .location import SECRETS
from .migrations import bring_forward, is_behind, make_tables
from .partitions import Parts
from .postgresql_errors import SCHEMA, first_line, passwords_in, sentence_of
from .refusals import other_version, to_be_read
from .schema import TABLES, create_table, filled_columns, unique_columns
from .store import SCHEMA_VERSION, HistoryError

LOCK = 0x6B6D656D  # of PostgreSQL's advisory locks: whoever holds it is the only writer
DEFAULTS = {
    "connect_timeout": "10",
    "fallback_application_name": "kernel_memory",
    "client_encoding": "utf8",
    "tcp_user_timeout": "60000",
}
DRIVER_MISSING = (
    "A history in PostgreSQL needs the Python package psycopg 3 on the controller, and it is not there; "
    "install it into the Python of Ansible: pip install 'psycopg[binary]'."
)
_Answer = TypeVar("_Answer")


class PostgresqlEngine:
    """One open connection."""

    kind = "postgresql"
    rows_days = 90

    def __init__(self, where: str, name: str, *, create: bool, write: bool) -> None:
        self.name = name
        self.remarks: list[str] = []
        self.version = 0
        self._not_forward: str | None = None
        self._driver = _driver()
        self._inside = False
        self._incoming: dict[str, str] = {}
        self._parts = Parts(self)
        self.connection = self._connect(where)
        try:
            self._set_up(create, write)
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Run a query and return what it finds."""
        with self._transaction():
            found: list[tuple[Any, ...]] = self._guarded(
                lambda: self.connection.execute(_theirs(sql), parameters).fetchall()
            )
            return found

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with self._transaction():
            return int(self._guarded(lambda: self.connection.execute(_theirs(sql), parameters).rowcount))

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that a table or view has in this store, in their order; none where it is not there."""
        found = self.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum",
            (f"{SCHEMA}.{table}",),
        )
        return tuple(name for (name,) in found)

    def put(
        self, table: str, rows: Collection[Row], *, replacing: Sequence[str] = (), columns: Sequence[str] = ()
    ) -> int:
        """Insert rows that are not there yet; see ``Engine.put``."""
        names = list(columns or filled_columns(table))
        listed, key = ", ".join(names), ", ".join(unique_columns(self.kind, table))
        changes = ", ".join(f"{name} = excluded.{name}" for name in replacing)
        sql = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {{incoming}} ON CONFLICT ({key}) DO "
        with self._transaction():
            partition = TABLES[table].partition
            if partition is not None:
                self._parts.make_for(table, {row[names.index(partition)] for row in rows})
            return self._from_incoming(
                f"incoming_{table}", table, listed, rows, sql + (f"UPDATE SET {changes}" if replacing else "NOTHING")
            )

    def remove(self, table: str, rows: Collection[Row]) -> int:
        """Remove rows by their keys."""
        key = TABLES[table].key
        matches = " AND ".join(f"{table}.{name} = gone.{name}" for name in key)
        return self._from_incoming(
            f"outgoing_{table}",
            table,
            ", ".join(key),
            rows,
            f"DELETE FROM {table} USING {{incoming}} AS gone WHERE {matches}",
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a transaction of the only writer, whichever controller it is on."""
        if self.version < SCHEMA_VERSION:
            raise HistoryError(self._not_forward or to_be_read(self.name, self.version))
        with self._alone():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return a transaction that sees the store as it is at its beginning, and keeps nobody from writing."""
        with self._transaction():
            self.change("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    def now(self) -> int:
        """Return the time in seconds since 1970, by the clock of the server."""
        return int(self.rows("SELECT extract(epoch FROM clock_timestamp())::bigint")[0][0])

    def make_table(self, table: str) -> None:
        """Make a table of the schema, inside of a transaction."""
        self.change(create_table(self.kind, table))
        if TABLES[table].partition is not None:
            self._parts.begin(table)
        if ("data", "bytes") in TABLES[table].columns:
            # Packed numbers are not worth the time that the server takes to try and compress them.
            self.change(f"ALTER TABLE {table} ALTER COLUMN data SET STORAGE EXTERNAL")

    def keep_in_parts(self, table: str) -> None:
        """Keep the rows of a table in parts from now on; the rows that are there stay where they are, as the first."""
        self._parts.take_over(table)

    def make_sure_of_room(self, size: int) -> None:
        """Do nothing: the server's disk can't be seen from here."""

    def tidy(self, before: int) -> None:
        """Remove parts of tables that are empty and were for rows from before a time."""
        with self.writing():
            self._parts.remove_empty(before)

    def problems(self) -> list[str]:
        """Return nothing: the server looks after its files itself."""
        return []

    def close(self) -> None:
        """Close the connection."""
        with suppress(self._driver.Error, OSError):
            self.connection.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._transaction():
            self.change(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            self.rows("SELECT pg_advisory_xact_lock(?)", (LOCK,))
            yield

    def _from_incoming(self, name: str, table: str, columns: str, rows: Collection[Row], sql: str) -> int:
        """Copy rows into a table of this transaction alone, then run *sql* on it."""
        if not rows:
            return 0
        with self._transaction():
            if name in self._incoming:
                self.change(f"TRUNCATE {name}")
            else:
                self.change(
                    f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"
                )
                self._incoming[name] = columns
            self._guarded(lambda: self._copy(name, columns, rows))
            return self.change(sql.format(incoming=name))

    def _copy(self, name: str, columns: str, rows: Collection[Row]) -> None:
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._inside:
            yield
            return
        self._inside = True
        self._incoming = {}
        try:
            # For this transaction alone, so that poolers that lend a connection for one transaction do no harm.
            self._guarded(lambda: self.connection.execute(f"SET LOCAL search_path = {SCHEMA}"))
            yield
            self._guarded(self.connection.commit)
        except BaseException:
            with suppress(self._driver.Error):
                self.connection.rollback()
            raise
        finally:
            self._inside = False

    def _connect(self, where: str) -> Any:
        secrets = passwords_in(where)
        try:
            options = {**DEFAULTS, **self._driver.conninfo.conninfo_to_dict(where)}
        except self._driver.Error:
            options = {}
        if not options:
            raise HistoryError(
                f"The address of the history {self.name} is not one that PostgreSQL understands; write it as "
                "postgresql://USER@HOST:PORT/DATABASE or service=NAME."
            )
        secrets.update(str(options[name]) for name in SECRETS if options.get(name))
        try:
            # Statements that are prepared on the server would get lost behind some poolers.
            return self._driver.connect(**options, prepare_threshold=None)
        except self._driver.Error as exc:
            reason = first_line(exc)
        except (ValueError, OSError) as exc:
            reason = str(exc)
        if any(secret in reason for secret in secrets):
            reason = "the server refused it"
        raise HistoryError(
            f"The history {self.name} can't be reached: {reason}; see that the server runs and that its address is "
            "right."
        )

    def _set_up(self, create: bool, write: bool) -> None:
        if not self._is_there():
            if not create:
                raise HistoryError(f"There is no history in {self.name} yet; an audit makes it.")
            with self._alone():
                if not self._is_there():
                    self._create()
        self.version = self._stored_version()
        if write and is_behind(self):
            try:
                with self._alone():
                    bring_forward(self, self._stored_version())
                    self.change(f"UPDATE store SET version = {SCHEMA_VERSION}")
                self.version = SCHEMA_VERSION
            except HistoryError as exc:
                # What can't be brought forward can still be read; whoever writes is told.
                self._not_forward = str(exc)

    def _stored_version(self) -> int:
        version = int(self.rows(f"SELECT version FROM {SCHEMA}.store")[0][0])
        if version > SCHEMA_VERSION:
            raise other_version(self.name, version)
        return version

    def _is_there(self) -> bool:
        # By a scan: the server's quicker answers may be from before this transaction got the lock.
        return bool(self.rows("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'store'", (SCHEMA,)))

    def _create(self) -> None:
        if not self.rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", (SCHEMA,)):
            self.change(f"CREATE SCHEMA {SCHEMA}")
        if self.rows("SELECT 1 FROM pg_tables WHERE schemaname = ? LIMIT 1", (SCHEMA,)):
            raise HistoryError(
                f"The schema {SCHEMA} in {self.name} is of another program, so it was left as it is; use another "
                "database."
            )
        make_tables(self)
        self.change("CREATE TABLE store (version bigint NOT NULL)")
        self.change(f"INSERT INTO store (version) VALUES ({SCHEMA_VERSION})")

    def _guarded(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return call()
        except self._driver.Error as exc:
            problem = sentence_of(exc, self.name, closed=self.connection.closed, waited=LOCK_SECONDS)
        except Exception as exc:
            problem = unforeseen(self.name, exc)
        raise HistoryError(problem)


def _theirs(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _driver() -> Any:
    try:
        return importlib.import_module("psycopg")
    except ImportError:
        pass
    raise HistoryError(DRIVER_MISSING)
