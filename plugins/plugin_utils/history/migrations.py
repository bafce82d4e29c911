# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a store from each schema to the next: numbered steps forwards, of which a store takes all that it lacks in
one transaction.

A new dimension needs no step: its column is added to the table ``sample``, and what was packed before is read without
it. A step is for what is kept differently.
"""

from __future__ import annotations

from collections.abc import Callable

from ..model.sample import COLUMNS, Origin
from .engine import Engine
from .schema import TABLES, column_names, column_type
from .series import rebuild
from .store import SCHEMA_VERSION
from .views import view_statements

IMPORTED = "import:"
"""How the source of an imported run begins."""


def make_tables(engine: Engine) -> None:
    """Make all tables and views of a new store, inside of a transaction."""
    for table in TABLES:
        engine.make_table(table)
    make_views(engine)


def make_views(engine: Engine) -> None:
    """Make the views anew, inside of a transaction."""
    for statement in view_statements(engine.kind, engine.columns("sample")):
        engine.change(statement)


def is_behind(engine: Engine) -> bool:
    """Return whether a store lacks a step, or a column of a sample that this release knows."""
    return engine.version < SCHEMA_VERSION or bool(_missing_columns(engine))


def bring_forward(engine: Engine, version: int) -> None:
    """Take all steps that a store of schema *version* lacks, inside of a transaction."""
    for number in range(version, SCHEMA_VERSION):
        STEPS[number](engine)
    _add_columns(engine, "sample", _missing_columns(engine))
    make_views(engine)


def _missing_columns(engine: Engine) -> list[str]:
    there = set(engine.columns("sample"))
    return [name for name in COLUMNS if name not in there]


def _add_columns(engine: Engine, table: str, names: list[str]) -> None:
    """Add columns, empty in every row, which rewrites nothing."""
    kinds = dict(TABLES[table].columns)
    for name in names:
        engine.change(f"ALTER TABLE {table} ADD COLUMN {name} {column_type(engine.kind, kinds[name])}")


def _from_1(engine: Engine) -> None:
    """Release 0.1.0 had neither blocks nor owners, sums of the fleet, rollouts; and a run did not say whether it was
    reported.
    """
    _add_columns(engine, "run", [name for name in column_names("run") if name not in engine.columns("run")])
    # An audit kept its run just before its report: of all but a few that were killed there is one.
    engine.change("UPDATE run SET reported_at = started_at, judged_live = samples WHERE source = 'audit'")
    for table in TABLES:
        if not engine.columns(table):
            engine.make_table(table)
    _add_columns(engine, "sample", _missing_columns(engine))
    engine.keep_in_parts("sample")
    imported = f"SELECT run_id FROM run WHERE source LIKE '{IMPORTED}%'"
    engine.change(f"UPDATE sample SET origin = {int(Origin.IMPORTED)} WHERE run_id IN ({imported})")
    # Series kept fewer days, and said nothing of where a sample came from.
    rebuild(engine, [host_id for (host_id,) in engine.rows("SELECT DISTINCT host_id FROM sample ORDER BY host_id")])


STEPS: dict[int, Callable[[Engine], None]] = {1: _from_1}
"""Each step by the schema that it begins at."""
