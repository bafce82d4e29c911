# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollouts and leases in SQLite; tests/history has the same on a server."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.rollouts_suite import (
    RolloutsSuite,
)


class TestRollouts(RolloutsSuite):
    """SQLite does what every store does."""
