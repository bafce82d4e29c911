# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trouble fleet, audited once in each way, and a fleet of stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fanout.stand_in import StandIns
from ansible_collections.fleetaudit.kernel_memory.tests.fanout.trouble import FLOODING, trouble_fleet
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

VERBOSE = "-vvv"
"""Ansible shows the arguments of each ssh at this level."""


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """The fleet, up."""
    with trouble_fleet() as up:
        yield up


@pytest.fixture(scope="session")
def by_one(fleet: Fleet) -> dict[str, Any]:
    """The audit by one process."""
    return fleet.audit("by-one", "-e", "kernel_mem_audit_gather=fanout", VERBOSE)


@pytest.fixture(scope="session")
def by_task(fleet: Fleet) -> dict[str, Any]:
    """The audit by a task each; a flood is of the night, since Ansible's connection reads it until its timeout."""
    limit = () if IS_NIGHT else ("--limit", f"all:!{FLOODING}")
    return fleet.audit("by-task", "-e", "kernel_mem_audit_gather=task", *limit, VERBOSE)


@pytest.fixture
def stand_ins(tmp_path: Path) -> Iterator[StandIns]:
    """Hosts that no network is needed for."""
    with StandIns(tmp_path) as made:
        yield made
