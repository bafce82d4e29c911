# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store remembers of itself."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.notes import (
    forget_note,
    read_note,
    write_note,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore


def test_a_note_is_kept_replaced_and_forgotten(empty: SqlStore) -> None:
    """How far a store was pruned must not be lost, nor stay when an import brings older samples."""
    engine = empty.engine
    assert read_note(engine, "packed_until") is None
    for number in (7, 2**40):
        with engine.writing():
            write_note(engine, "packed_until", number)
        assert read_note(engine, "packed_until") == number
    with engine.writing():
        forget_note(engine, "packed_until")
    assert read_note(engine, "packed_until") is None
