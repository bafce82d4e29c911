# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the suites of the history's tests have in common: one store, opened for a test and looked at afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryStore


class Suite:
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    @pytest.fixture
    def opened(self, where: str) -> Iterator[SqlStore]:
        """A store that a test may damage."""
        opened = open_store(where)
        assert isinstance(opened, SqlStore)
        yield opened
        opened.close()

    @pytest.fixture
    def kept(self, opened: SqlStore) -> Iterator[SqlStore]:
        """A store that is sound after the test."""
        yield opened
        assert opened.upkeep.verify() == [], "a store must be sound after whatever a test did"

    @pytest.fixture
    def store(self, kept: SqlStore) -> HistoryStore:
        """The same, as the rest of the collection knows it."""
        return kept
