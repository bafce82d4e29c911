# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a host has settled after its boot: up for a while, and two looks of one boot that are alike."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.settle import why_not_settled
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, lost_look, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB

LEAST = settings()["settle"]["minimum_uptime_seconds"]
QUIET = after_look(slab_unreclaimable_bytes=10 * GIB)


@pytest.mark.parametrize(
    ("looks", "why"),
    [
        ([], "It has not been looked at."),
        ([lost_look()], "Unreachable: no route to host"),
        ([QUIET, lost_look(message=None)], "Unreachable: no reason given"),
        ([QUIET, after_look(uptime_seconds=None)], "Its uptime is not known."),
        ([QUIET, after_look(uptime_seconds=LEAST - 1)], f"It has been up for {LEAST - 1} s; {LEAST} s is the least."),
        ([QUIET], "It has been looked at once only since it booted."),
        ([after_look(boot_id="older"), QUIET], "It has been looked at once only since it booted."),
        ([lost_look(), QUIET], "It has been looked at once only since it booted."),
        ([QUIET, lost_look(), QUIET], None),
        ([after_look(uptime_seconds=LEAST), after_look(uptime_seconds=LEAST)], None),
    ],
)
def test_too_early_a_moment_has_its_reason(looks: list[Any], why: str | None) -> None:
    """What is said is what an operator waits for, in one sentence."""
    assert why_not_settled(looks, settings()) == why


# A host of 64 GiB: what moves by less than 0.25 % of it (163.84 MiB) is noise, and so is 5 % of a large amount.
@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (512 * MIB, 512 * MIB + 163 * MIB, False),
        (512 * MIB, 512 * MIB + 165 * MIB, True),
        (512 * MIB + 165 * MIB, 512 * MIB, True),
        (10 * GIB, 10 * GIB + 512 * MIB, False),
        (10 * GIB, 10 * GIB + 513 * MIB, True),
        (10 * GIB, 10 * GIB - 513 * MIB, True),
        (None, 10 * GIB, False),
        (10 * GIB, None, False),
    ],
)
def test_two_looks_are_alike_within_noise_or_a_share(before: int | None, after: int | None, moves: bool) -> None:
    """Down counts as up: a host that gives memory back has not settled either. What is not known can't move."""
    said = why_not_settled([after_look(vmalloc_bytes=before), after_look(vmalloc_bytes=after)], settings())
    assert (said is not None) == moves
    assert said is None or "still moves: " in said


def test_caches_move_as_they_like() -> None:
    """They follow the work of the host, and would never let it settle."""
    looks = [after_look(slab_reclaimable_bytes=GIB), after_look(slab_reclaimable_bytes=20 * GIB)]
    assert why_not_settled(looks, settings()) is None


@pytest.mark.parametrize(("old", "waits"), [("new-boot", True), ("old-boot", False), (None, False)])
def test_a_host_in_its_old_boot_may_be_going_down(old: str | None, waits: bool) -> None:
    """Waiting is right, until the time is over."""
    expected = "It still runs the boot of before the change." if waits else None
    assert why_not_settled([QUIET, QUIET], settings(), old) == expected
