# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of loopback SSH hosts for all tests of this folder; each test gives them their parts anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers


@pytest.fixture(scope="session")
def lab() -> Iterator[GateLab]:
    """The hosts, up."""
    with place_for_servers() as name:
        made = GateLab(Path(name), 15)
        made.start()
        try:
            yield made
        finally:
            made.stop()
