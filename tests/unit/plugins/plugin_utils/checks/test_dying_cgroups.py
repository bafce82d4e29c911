# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups that were removed and still hold memory, beside those that exist."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.dying_cgroups import ended_cgroups
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    Parts,
    found,
    groups,
    host,
    state,
)


@pytest.mark.parametrize(
    ("parts", "changes", "expected"),
    [
        # 10 times 100 groups is below the floor of 2,000; 25 times is below that of 5,000.
        (groups(2000), {"cgroups": 2101}, []),
        (groups(2001), {"cgroups": 2102}, [("dying_cgroups", "info")]),
        # 5,001 x 16 possible CPUs x 8 KiB are 0.6 GiB, below 2 % of RAM; with 64 CPUs it is 2.4 GiB.
        (groups(5001), {"cgroups": 5102}, [("dying_cgroups", "info")]),
        (groups(5001), {"cgroups": 5102, "cpus_possible": 64}, [("dying_cgroups", "warning")]),
        # Near the number of groups that a kernel can have, memory does not matter.
        (groups(41_000), {"cgroups": 41_100, "cpus_possible": 1}, [("dying_cgroups", "warning")]),
        # A node with 1,000 pods' worth of groups may have ten times as many ended ones.
        (groups(9000), {"cgroups": 10_001}, []),
        # Version 1 does not count them; groups without threads are no good sign either.
        (groups(None), {"cgroups": 3000, "threads": 1000}, []),
        (groups(None), {"cgroups": 60_000, "threads": 1000}, [("dying_cgroups", "warning")]),
    ],
)
def test_it_is_quiet_until_it_hurts(parts: Parts, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each line is worked by hand."""
    assert found(state(parts, **changes)) == expected


def test_a_finding_is_complete_and_its_sentence_can_be_checked_by_hand() -> None:
    """What there is, what is unusual, and what it may cost."""
    (only,) = state(groups(6000), cgroups=6101, cpus_possible=64).findings
    assert (only.kind, only.status, only.value, only.limit, only.unit) == ("limit", "current", 6000, 5000, "count")
    assert only.explanation == (
        "The number of ended control groups that still hold memory is 6,000 beside 101 that exist; more than 5,000 "
        "(25 times those that exist, 5,000 to 40,000) is unusual; they may hold up to 2.9 GiB."
    )
    assert only.next_step and only.command and only.expected == "25 times those that exist, 5,000 to 40,000"
    assert only.evidence == {"cgroups": 6101, "ended": 6000, "estimated_bytes": 6000 * 64 * 8192}


def test_without_any_number_nothing_is_said() -> None:
    """Neither that there are none nor that there are many: causes ask the same question."""
    assert ended_cgroups(host(cgroups=None)) is None
    ended = ended_cgroups(host(groups(None), cgroups=3000, threads=1000))
    assert ended is not None
    assert (ended.ended, ended.limit) == (2000, 2000)
