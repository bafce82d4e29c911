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


def open_store(where: str | Location, *, create: bool = True, write: bool | None = None) -> HistoryStore:
    """Open the history at *where*, making it where there is none and *create* is true. Raises HistoryError.

    An older store is brought forward where it is opened to *write* (without a word: where it may be made, too), and can
    be read before.
    """
    write = create if write is None else write
    place = where if isinstance(where, Location) else location_of(where)
    engine: Engine
    if place.is_shared:
        engine = PostgresqlEngine(place.address, place.name, create=create, write=write)
    else:
        engine = SqliteEngine(place.path, create=create, write=write)
    try:
        return SqlStore(engine)
    except BaseException:
        engine.close()
        raise
