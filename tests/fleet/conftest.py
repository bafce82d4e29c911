# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fleet of loopback SSH hosts for all tests of this folder, audited once a transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet, loopback_fleet


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """The fleet, up."""
    with loopback_fleet() as up:
        yield up


@pytest.fixture(scope="session")
def lean(fleet: Fleet) -> dict[str, Any]:
    """The audit by the default transport."""
    return fleet.audit("lean-run")
