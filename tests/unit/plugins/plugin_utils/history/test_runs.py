# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in SQLite; tests/history has the same on a server."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.runs_suite import RunsSuite


class TestRuns(RunsSuite):
    """SQLite does what every store does."""
