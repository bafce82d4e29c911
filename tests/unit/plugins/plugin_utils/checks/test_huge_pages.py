# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huge pages that nobody uses. 10 % of 64 GiB is 6.4 GiB."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.huge_pages import answer
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, facts_of, subject_of


@pytest.mark.parametrize(
    ("free", "reserved", "said"),
    [(6 * GIB, 0, []), (7 * GIB, 0, ["info"]), (7 * GIB, GIB, []), (40 * GIB, None, ["info"])],
)
def test_what_was_promised_is_in_use(free: int, reserved: int | None, said: list[str]) -> None:
    """A program that was promised pages takes them one by one."""
    pages = {"total_bytes": 48 * GIB, "free_bytes": free, "reserved_bytes": reserved}
    found = answer(subject_of(facts_of(huge_pages=pages)))
    assert [one if isinstance(one, str) else one.severity for one in found] == said


def test_what_is_not_known_is_said() -> None:
    """Facts of the first release have no huge pages."""
    assert answer(subject_of(facts_of())) == "The number of huge pages is not known."
