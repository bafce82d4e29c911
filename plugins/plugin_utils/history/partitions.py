# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts (partitions) of large tables in PostgreSQL, each for so many days: old rows go with their part, at once and
without anything to clean up.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any, Protocol

from ..model.times import DAY
from .engine import Row
from .schema import TABLES, unique_columns

_SPANS = {"sample": 30 * DAY, "block": 90}
"""How much of the column of time is a part: seconds of samples, days of blocks."""

_SECONDS = {"sample": 1, "block": DAY}
_FIRST = "before"
"""The part of all rows from before the table was made: what was imported, saved, or kept by release 0.1.0."""


class Server(Protocol):
    """What is needed of an engine."""

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Run a query and return what it finds."""

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Run a statement and return how many rows it changed."""

    def now(self) -> int:
        """Return the time by the clock of the server."""


class Parts:
    """The parts of the tables of one store. Every call is inside of a transaction of the only writer."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def begin(self, table: str) -> None:
        """Make the first part of a new table."""
        start = self._start(table, self._server.now() // _SECONDS[table])
        self._server.change(
            f"CREATE TABLE {table}_{_FIRST} PARTITION OF {table} FOR VALUES FROM (MINVALUE) TO ({start})"
        )
        self._remember(table, start)

    def take_over(self, table: str) -> None:
        """Make a table that has no parts the first part of itself. Its rows are not written anew."""
        column = TABLES[table].partition
        ((newest,),) = self._server.rows(f"SELECT max({column}) FROM {table}")
        start = self._start(table, max(newest or 0, self._server.now() // _SECONDS[table])) + _SPANS[table]
        self._server.change(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        self._server.change(f"ALTER TABLE {table} RENAME TO {table}_{_FIRST}")
        # With its columns in their order: whatever is packed has them so.
        key = ", ".join(unique_columns("postgresql", table))
        self._server.change(
            f"CREATE TABLE {table} (LIKE {table}_{_FIRST}, PRIMARY KEY ({key})) PARTITION BY RANGE ({column})"
        )
        self._server.change(
            f"ALTER TABLE {table} ATTACH PARTITION {table}_{_FIRST} FOR VALUES FROM (MINVALUE) TO ({start})"
        )
        self._remember(table, start)

    def make_for(self, table: str, times: Collection[int]) -> None:
        """Make the parts that rows of these times need."""
        if not times:
            return
        ((first,),) = self._server.rows("SELECT value FROM note WHERE name = ?", (f"{table}_from",))
        there = set(self._starts(table))
        for start in sorted({self._start(table, time) for time in times if time >= first} - there):
            self._server.change(
                f"CREATE TABLE {self._name(table, start)} PARTITION OF {table} "
                f"FOR VALUES FROM ({start}) TO ({start + _SPANS[table]})"
            )

    def remove_empty(self, before: int) -> None:
        """Remove parts that are empty and were for rows from before a time."""
        for table, span in _SPANS.items():
            for start in self._starts(table):
                name = self._name(table, start)
                old = (start + span) * _SECONDS[table] <= before
                if old and not self._server.rows(f"SELECT 1 FROM {name} LIMIT 1"):
                    self._server.change(f"DROP TABLE {name}")

    def _starts(self, table: str) -> list[int]:
        """Return where the parts of a table begin, but for the first."""
        names = self._server.rows(
            "SELECT part.relname FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid "
            "JOIN pg_class AS whole ON whole.oid = inhparent JOIN pg_namespace AS space ON space.oid = "
            "whole.relnamespace WHERE whole.relname = ? AND space.nspname = current_schema()",
            (table,),
        )
        days = [name.rsplit("_", 1)[1] for (name,) in names]
        return sorted(_day_number(day) * DAY // _SECONDS[table] for day in days if day.isdigit())

    def _remember(self, table: str, start: int) -> None:
        self._server.change("INSERT INTO note (name, value) VALUES (?, ?)", (f"{table}_from", start))

    @staticmethod
    def _start(table: str, time: int) -> int:
        return time - time % _SPANS[table]

    @staticmethod
    def _name(table: str, start: int) -> str:
        day = datetime.fromtimestamp(start * _SECONDS[table], timezone.utc)
        return f"{table}_{day:%Y%m%d}"


def _day_number(text: str) -> int:
    return int(datetime.strptime(text, "%Y%m%d").replace(tzinfo=timezone.utc).timestamp()) // DAY
