# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the suites of all stores find theirs, in SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def where(tmp_path: Path) -> str:
    """Where a store is not yet."""
    return str(tmp_path / "not there yet" / "history.db")


@pytest.fixture
def another(tmp_path: Path) -> Callable[[], str]:
    """Where a second one is not yet."""
    return lambda: str(tmp_path / "another.db")
