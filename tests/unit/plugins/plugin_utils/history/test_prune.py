# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing and pruning in SQLite; tests/history has the same on a server."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.prune import Pruning
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Retention
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.packing_suite import (
    PackingSuite,
)


class TestPacking(PackingSuite):
    """SQLite does what every store does."""


def test_the_parts_of_a_prune_are_named_in_its_answer() -> None:
    """What is counted on the way must be a field of the answer."""
    assert Pruning.__init__.__annotations__["retention"] == Retention.__name__
