# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a history, whichever engine keeps it."""

from __future__ import annotations

from .engine import Engine
from .location import Location, location_of
from .postgresql import PostgresqlEngine
from .sql_store import SqlStore
from .sqlite import SqliteEngine
from .store import HistoryStore


def open_store(where: str | Location, *, create: bool = True) -> HistoryStore:
    """Open the history at *where*, making it where there is none and *create* is true. Raises HistoryError."""
    place = where if isinstance(where, Location) else location_of(where)
    engine: Engine
    if place.is_shared:
        engine = PostgresqlEngine(place.address, place.name, create=create)
    else:
        engine = SqliteEngine(place.path, create=create)
    try:
        return SqlStore(engine)
    except BaseException:
        engine.close()
        raise
