# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine does for a store: run SQL, and put many rows at once, in transactions that leave all or nothing.

The SQL that stores give is what SQLite and PostgreSQL have in common, with ``?`` for parameters. An engine turns every
error of its driver into a HistoryError that does not carry the driver's own error with it, since that one may have a
password in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Protocol, TypeVar

CHUNK = 500
"""So many hosts at a time: old releases of SQLite take no more than 999 parameters."""

LOCK_SECONDS = 60
"""So long a writer waits for the one before it."""

Row = Sequence[Any]
Entry = TypeVar("Entry")


class Engine(Protocol):
    """One open database. Every call raises HistoryError."""

    kind: str
    name: str
    version: int
    """The schema that the store has. It is older than ``SCHEMA_VERSION`` only where the store is opened to be read."""
    rows_days: int
    """So many days samples stay rows, which any program can read, before they are packed into blocks."""
    remarks: list[str]
    """Sentences on what happened when the store was opened."""

    def rows(self, sql: str, parameters: Row = ()) -> list[tuple[Any, ...]]:
        """Run a query and return what it finds."""

    def change(self, sql: str, parameters: Row = ()) -> int:
        """Run a statement and return how many rows it changed."""

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that a table or view has in this store, in their order; none where it is not there."""

    def put(
        self, table: str, rows: Collection[Row], *, replacing: Sequence[str] = (), columns: Sequence[str] = ()
    ) -> int:
        """Insert rows (of *columns*, or else see ``schema.filled_columns``) and return how many were new.

        One that is there already stays as it is, but for the columns *replacing*; with these, the number returned means
        nothing.
        """

    def remove(self, table: str, rows: Collection[Row]) -> int:
        """Remove rows, each given by its key, and return how many."""

    def writing(self) -> AbstractContextManager[None]:
        """Return a transaction of the only writer. What is inside is kept whole when it ends well, and not at all
        otherwise.
        """

    def reading(self) -> AbstractContextManager[None]:
        """Return a transaction that sees the store as it is at its beginning, and keeps nobody from writing."""

    def now(self) -> int:
        """Return the time in seconds since 1970, by the clock of the database where it has one of its own."""

    def make_table(self, table: str) -> None:
        """Make a table of the schema, inside of a transaction."""

    def keep_in_parts(self, table: str) -> None:
        """Keep the rows of a table that release 0.1.0 made in parts from now on, inside of a transaction, where the
        engine does so. All columns of the schema are there already.
        """

    def make_sure_of_room(self, size: int) -> None:
        """Raise HistoryError where so many bytes can't be written, as far as that can be known."""

    def tidy(self, before: int) -> None:
        """Give up what is empty in the database and was for rows from before a time."""

    def problems(self) -> list[str]:
        """Return what the engine itself finds wrong with its files."""

    def close(self) -> None:
        """Close the database; calling it twice is no error."""


def chunks(entries: Iterable[Entry], size: int = CHUNK) -> Iterator[list[Entry]]:
    """Yield lists of so many entries."""
    left = iter(entries)
    while chunk := list(islice(left, size)):
        yield chunk
