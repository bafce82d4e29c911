# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a history store, the same in SQLite and in PostgreSQL.

``sample`` and ``block`` are the truth: a row for each host and run of the newest days, and blocks of thirty days of
one host's rows, packed, for what is older. Amounts are in KiB, NULL is what is not known. ``series``, ``latest`` and
the number of a run's samples follow from others and can be made anew.

The columns of ``sample`` after its key are open: a column that this release knows and the store has not is added (which
rewrites nothing), and one that only the store has is kept and left empty. Whatever is packed has the columns in the
order of the table, so the table itself says what is in the bytes. ``docs/history.md`` says what each table is for.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.fleet import SHARES
from ..model.sample import COLUMNS

APPLICATION_ID = 0x6B6D656D
"""What SQLite keeps in the head of the file, so that a file of another program is told apart: "kmem"."""

_TYPES = {
    "sqlite": {"whole": "INTEGER", "text": "TEXT", "real": "REAL", "bytes": "BLOB"},
    "postgresql": {"whole": "bigint", "text": "text", "real": "double precision", "bytes": "bytea"},
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Two rows with the same ``key`` are the same row; ``numbered`` is a column that the engine fills by
    counting.
    """

    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    numbered: str | None = None
    may_be_null: tuple[str, ...] = ()
    packed: bool = False
    """Whether the rows are large and written anew again and again, so that SQLite keeps them apart from their key."""
    partition: str | None = None
    """The column of time by which a server keeps the rows in parts, so that old ones can go at once."""


def _whole(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "whole") for name in names)


def _text(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "text") for name in names)


def _real(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "real") for name in names)


SHARE_COLUMNS = tuple(f"p{percent}" for percent in SHARES)

TABLES: dict[str, Table] = {
    # Numbers that the store remembers of itself: how far it was pruned. The first, since others need it.
    "note": Table((*_text("name"), *_whole("value")), ("name",)),
    "run": Table(
        (
            *_whole("run_id"),
            *_text("name"),
            *_whole("started_at"),
            *_text("source", "tool_version"),
            *_whole("samples", "reported_at", "judged_live"),
        ),
        ("name",),
        numbered="run_id",
        may_be_null=("reported_at", "judged_live"),
    ),
    "run_slice": Table((*_whole("run_id"), *_text("slice"), *_whole("started_at")), ("run_id", "slice")),
    "host": Table((*_whole("host_id"), *_text("name"), *_whole("first_seen_at")), ("name",), numbered="host_id"),
    "kernel": Table((*_whole("kernel_key"), *_text("label")), ("kernel_key",)),
    "sample": Table(
        (*_whole("run_id", "host_id"), *_whole(*COLUMNS)),
        ("run_id", "host_id"),
        may_be_null=COLUMNS[1:],
        partition="collected_at",
    ),
    # In the order in which they are made, so that each day's blocks lie side by side.
    "block": Table(
        (*_whole("last_day", "host_id", "kind", "samples", "newest_at"), ("data", "bytes")),
        ("last_day", "host_id", "kind"),
        partition="last_day",
    ),
    "series": Table((*_whole("host_id", "form", "newest_at"), ("data", "bytes")), ("host_id",), packed=True),
    "judged": Table(_whole("run_id", "host_id"), ("run_id", "host_id")),
    # The two latest runs that judged a host and were reported.
    "latest": Table(_whole("host_id", "run_id", "previous_run_id"), ("host_id",), may_be_null=("previous_run_id",)),
    "finding": Table(
        (
            *_whole("run_id", "host_id", "place"),
            *_text("dimension", "kind", "severity", "status"),
            *_real("value", "limit_value"),
            *_whole("first_seen_at"),
        ),
        ("run_id", "host_id", "place"),
        may_be_null=("value", "limit_value"),
    ),
    "fleet_verdict": Table((*_whole("run_id"), *_text("verdict"), *_whole("hosts")), ("run_id", "verdict")),
    "fleet_measure": Table(
        (*_whole("run_id"), *_text("measure"), *_whole("hosts", "sum_bytes"), *_real(*SHARE_COLUMNS)),
        ("run_id", "measure"),
        may_be_null=SHARE_COLUMNS,
    ),
    "owner_name": Table(
        (*_whole("name_id", "kind"), *_text("name"), *_whole("seen_at")), ("kind", "name"), numbered="name_id"
    ),
    "modules": Table((*_whole("fingerprint", "seen_at"), *_text("names")), ("fingerprint",), packed=True),
    # The owners of each host in the last days, with the values that were written last ...
    "owners": Table(
        (*_whole("host_id", "first_at", "newest_at"), ("state", "bytes"), ("data", "bytes")), ("host_id",), packed=True
    ),
    # ... and of the thirty days before, each time.
    "owners_past": Table((*_whole("host_id", "first_at", "newest_at"), ("data", "bytes")), ("host_id", "first_at")),
    # What slices gathered, for the report over all of them; kept for days only.
    "record": Table((*_text("run", "host"), *_whole("written_at"), *_text("document")), ("run", "host"), packed=True),
    "rollout": Table(
        (
            *_whole("rollout_id"),
            *_text("name", "state", "target", "policy_digest", "document"),
            *_whole("revision", "began_at", "changed_at"),
        ),
        ("name",),
        numbered="rollout_id",
    ),
    "rollout_host": Table(
        (*_whole("rollout_id"), *_text("host", "state", "document"), *_whole("revision", "changed_at")),
        ("rollout_id", "host"),
    ),
    "rollout_event": Table(
        (*_whole("event_id", "rollout_id", "at"), *_text("host", "who", "what", "detail")),
        ("event_id",),
        numbered="event_id",
        may_be_null=("host",),
    ),
    "lease": Table((*_text("resource", "holder"), *_whole("since", "until")), ("resource",)),
}
"""``rollup``, which release 0.1.0 filled with summaries of days, is in stores that it made only; ``migrations.py`` has
it.
"""


def column_names(table: str) -> tuple[str, ...]:
    """Return the names of a table's columns, in order."""
    return tuple(name for name, _kind in TABLES[table].columns)


def filled_columns(table: str) -> tuple[str, ...]:
    """Return the names of the columns that an inserted row has: all but the one that is numbered."""
    return tuple(name for name in column_names(table) if name != TABLES[table].numbered)


def column_type(engine: str, kind: str) -> str:
    """Return what *engine* calls a kind of column (``whole``, ``text``, ``real``, ``bytes``)."""
    return _TYPES[engine][kind]


def create_table(engine: str, name: str) -> str:
    """Return the SQL that makes a table in *engine* (``sqlite`` or ``postgresql``)."""
    table, lines = TABLES[name], []
    for column, kind in table.columns:
        if column == table.numbered:
            lines.append(
                f"{column} INTEGER PRIMARY KEY"
                if engine == "sqlite"
                else f"{column} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
            )
        else:
            lines.append(f"{column} {_TYPES[engine][kind]}" + ("" if column in table.may_be_null else " NOT NULL"))
    if table.key != (table.numbered,):
        lines.append(f"{'UNIQUE' if table.numbered else 'PRIMARY KEY'} ({', '.join(unique_columns(engine, name))})")
    end = ""
    if engine == "sqlite" and table.numbered is None and not table.packed:
        end = " WITHOUT ROWID"
    elif engine == "postgresql" and table.partition is not None:
        end = f" PARTITION BY RANGE ({table.partition})"
    return f"CREATE TABLE {name} ({', '.join(lines)}){end}"


def unique_columns(engine: str, name: str) -> tuple[str, ...]:
    """Return the columns of a table's index. A server wants the column of its parts to be one of them; and it finds the
    rows of a host by it, which SQLite finds by going through the runs.
    """
    table = TABLES[name]
    if engine == "sqlite" or table.partition is None or table.partition in table.key:
        return table.key
    return (*reversed(table.key), table.partition)


def marks(number: int) -> str:
    """Return so many places for parameters: ``(?, ?, ?)``."""
    return "(" + ", ".join("?" * number) + ")"


def clean_text(text: str) -> str:
    """Return a text that every engine takes: what is no character, and the null character, are written out."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
