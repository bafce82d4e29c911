# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store remembers of itself: how far it was pruned."""

from __future__ import annotations

from .engine import Engine

PRUNED_AT = "pruned_at"
"""Until when it was pruned last, in seconds since 1970."""

LOOKED_AT = "looked_at"
"""What the clock said then, which may be years ahead."""

PACKED_UNTIL = "packed_until"
"""Until which day (since 1970) each host had its turn to be packed."""

SUMMED_UNTIL = "summed_until"
"""Until which day blocks were looked through for days with several samples."""


def read_note(engine: Engine, name: str) -> int | None:
    """Return a number that a store remembers, or None."""
    found = engine.rows("SELECT value FROM note WHERE name = ?", (name,)) if engine.version > 1 else []
    return int(found[0][0]) if found else None


def write_note(engine: Engine, name: str, number: int) -> None:
    """Let a store remember a number, inside of a transaction."""
    engine.put("note", [(name, number)], replacing=("value",))


def forget_note(engine: Engine, name: str) -> None:
    """Let a store forget a number, inside of a transaction."""
    engine.remove("note", [(name,)])
