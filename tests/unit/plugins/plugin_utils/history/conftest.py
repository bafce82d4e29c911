# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the suites of all stores find theirs, in SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore


@pytest.fixture
def where(tmp_path: Path) -> str:
    """Where a store is not yet."""
    return str(tmp_path / "not there yet" / "history.db")


@pytest.fixture
def another(tmp_path: Path) -> Callable[[], str]:
    """Where a second one is not yet."""
    return lambda: str(tmp_path / "another.db")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store in SQLite."""
    store = open_store(str(tmp_path / "empty.db"))
    assert isinstance(store, SqlStore)
    yield store
    store.close()
