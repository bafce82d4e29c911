# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners over time in SQLite; tests/history has the same on a server."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.owners import fingerprint
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.owners_suite import (
    OwnersSuite,
)


class TestOwners(OwnersSuite):
    """SQLite does what every store does."""


def test_a_list_of_modules_has_one_number_whatever_its_order() -> None:
    """Four bytes stand for a hundred names; no list is not the empty list."""
    assert fingerprint(("a", "b")) == fingerprint(("b", "a")) != fingerprint(("a",))
    assert fingerprint(None) == 0 != fingerprint(())
    assert 0 < fingerprint(("\ud800",)) < 2**32
