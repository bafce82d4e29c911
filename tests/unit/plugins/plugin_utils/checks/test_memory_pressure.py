# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that wait for memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Levels
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    BUSY,
    IDLE,
    found,
    state,
)


@pytest.mark.parametrize(
    ("pressure", "changes", "expected"),
    [
        (IDLE, {}, []),
        (BUSY, {}, [("memory_pressure", "info")]),
        # 5 % of RAM in reclaimable slab, and tasks wait all the same.
        (
            BUSY,
            {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": 15 * GIB},
            [("memory_pressure", "warning")],
        ),
        (BUSY, {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": None}, [("memory_pressure", "warning")]),
        # With a quarter of RAM available it is a control group that waits at its own limit.
        (BUSY, {"slab_reclaimable_bytes": 4 * GIB, "memory_available_bytes": 16 * GIB}, [("memory_pressure", "info")]),
    ],
)
def test_it_is_quiet_until_it_hurts(
    pressure: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """It counts for the verdict where memory is short and the kernel holds what it should give back."""
    assert found(state({"pressure": pressure}, **changes)) == expected


def test_its_sentence_can_be_checked_by_hand() -> None:
    """Shares of time, killed processes, and the slab that should have been given back."""
    (only,) = state({"pressure": BUSY}, slab_reclaimable_bytes=4 * GIB, memory_available_bytes=9 * GIB).findings
    assert only.explanation == (
        "The share of time in which tasks waited for memory is 30.0 % of the last 5 minutes; more than 10 % (5 % for "
        "all tasks) is unusual; in 9.0 % all of them waited at once; the kernel has killed 3 processes for lack of "
        "memory since boot; reclaimable slab is 4 GiB, 6.2 % of RAM, and should have been given back."
    )
    assert only.evidence == {"some_avg300": 30.0, "full_avg300": 9.0, "oom_kills": 3, "slab_reclaimable_bytes": 4 * GIB}


def test_without_a_limit_of_reclaimable_slab_pressure_is_information() -> None:
    """A policy that has switched that limit off wants no warning from it by another door."""
    settings = BUILT_IN.environments["production"]
    off = replace(settings, limits={**settings.limits, "slab_reclaimable": Levels(None, None)})
    short = {"slab_reclaimable_bytes": 9 * GIB, "memory_available_bytes": 9 * GIB}
    assert found(state({"pressure": BUSY}, off, **short)) == [("memory_pressure", "info")]
