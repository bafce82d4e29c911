# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a history store, the same in SQLite and in PostgreSQL.

``sample`` is the truth: one row for each host and run, amounts in KiB, NULL for what is not known. ``series`` and
``latest`` are made from other tables and can be made anew. ``rollup`` keeps a day's lowest, median and highest amounts
when its samples go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.sample import COLUMNS, SAMPLED, UNKNOWN
from .packing import Numbers

APPLICATION_ID = 0x6B6D656D
"""What SQLite keeps in the head of the file, so that a file of another program is told apart: "kmem"."""

ROLLED_UP = ("memory_total_kib", "memory_available_kib", *(f"{name}_kib" for name in SAMPLED))
"""The columns of a sample that live on in a rollup."""

_TYPES = {
    "sqlite": {"whole": "INTEGER", "text": "TEXT", "real": "REAL", "bytes": "BLOB"},
    "postgresql": {"whole": "bigint", "text": "text", "real": "double precision", "bytes": "bytea"},
}


@dataclass(frozen=True)
class Table:
    """A table. Two rows with the same ``key`` are the same row; ``numbered`` is a column that the engine fills by
    counting.
    """

    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    numbered: str | None = None
    may_be_null: tuple[str, ...] = ()
    packed: bool = False
    """Whether the rows are large, so that SQLite keeps them apart from their key."""


def _whole(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "whole") for name in names)


def _text(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "text") for name in names)


_ROLLUP_COLUMNS = tuple(f"{name}{end}" for name in ROLLED_UP for end in ("", "_low", "_high"))

TABLES: dict[str, Table] = {
    "run": Table(
        (
            *_whole("run_id"),
            *_text("name"),
            *_whole("started_at"),
            *_text("source", "tool_version"),
            *_whole("samples"),
        ),
        ("name",),
        numbered="run_id",
    ),
    "run_slice": Table((*_whole("run_id"), *_text("slice"), *_whole("started_at")), ("run_id", "slice")),
    "host": Table((*_whole("host_id"), *_text("name"), *_whole("first_seen_at")), ("name",), numbered="host_id"),
    "kernel": Table((*_whole("kernel_key"), *_text("label")), ("kernel_key",)),
    "sample": Table((*_whole("run_id", "host_id"), *_whole(*COLUMNS)), ("run_id", "host_id"), may_be_null=COLUMNS[1:]),
    "series": Table((*_whole("host_id", "form", "newest_at"), ("data", "bytes")), ("host_id",), packed=True),
    # Where no low or high is given, it is the same as the median.
    "rollup": Table(
        (*_whole("host_id", "day", "boot_key", "kernel_key", "samples"), *_whole(*_ROLLUP_COLUMNS)),
        ("host_id", "day", "boot_key", "kernel_key"),
        may_be_null=_ROLLUP_COLUMNS,
    ),
    "judged": Table(_whole("run_id", "host_id"), ("run_id", "host_id")),
    # The two latest runs that judged a host.
    "latest": Table(_whole("host_id", "run_id", "previous_run_id"), ("host_id",), may_be_null=("previous_run_id",)),
    "finding": Table(
        (
            *_whole("run_id", "host_id", "place"),
            *_text("dimension", "kind", "severity", "status"),
            ("value", "real"),
            ("limit_value", "real"),
            *_whole("first_seen_at"),
        ),
        ("run_id", "host_id", "place"),
        may_be_null=("value", "limit_value"),
    ),
    # What slices gathered, for the report over all of them; kept for days only.
    "record": Table((*_text("run", "host"), *_whole("written_at"), *_text("document")), ("run", "host"), packed=True),
}


def column_names(table: str) -> tuple[str, ...]:
    """Return the names of a table's columns, in order."""
    return tuple(name for name, _kind in TABLES[table].columns)


def filled_columns(table: str) -> tuple[str, ...]:
    """Return the names of the columns that an inserted row has: all but the one that is numbered."""
    return tuple(name for name in column_names(table) if name != TABLES[table].numbered)


def statements(engine: str) -> list[str]:
    """Return the SQL that makes the tables in *engine* (``sqlite`` or ``postgresql``)."""
    return [_statement(engine, name, table) for name, table in TABLES.items()]


def marks(number: int) -> str:
    """Return so many places for parameters: ``(?, ?, ?)``."""
    return "(" + ", ".join("?" * number) + ")"


def to_stored(row: Numbers) -> Sequence[int | None]:
    """Return a row of a series as the table has it: NULL for what is not known."""
    return [None if number == UNKNOWN else number for number in row] if UNKNOWN in row else row


def from_stored(row: Sequence[int | None]) -> Numbers:
    """Return a row of the table as a row of a series."""
    return tuple([UNKNOWN if number is None else number for number in row] if None in row else row)  # type: ignore[arg-type]


def clean_text(text: str) -> str:
    """Return a text that every engine takes: what is no character, and the null character, are written out."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def _statement(engine: str, name: str, table: Table) -> str:
    types = _TYPES[engine]
    lines = []
    for column, kind in table.columns:
        if column == table.numbered:
            lines.append(
                f"{column} INTEGER PRIMARY KEY"
                if engine == "sqlite"
                else f"{column} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
            )
        else:
            lines.append(f"{column} {types[kind]}" + ("" if column in table.may_be_null else " NOT NULL"))
    lines.append(f"{'UNIQUE' if table.numbered else 'PRIMARY KEY'} ({', '.join(table.key)})")
    end = " WITHOUT ROWID" if engine == "sqlite" and table.numbered is None and not table.packed else ""
    return f"CREATE TABLE {name} ({', '.join(lines)}){end}"
