# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free memory in small pieces: usual on a host full of page cache; only need makes it worth a word."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    BUSY,
    Parts,
    found,
    state,
)


def zone(free: int, unusable: float, largest: int, name: str = "Normal") -> dict[str, Any]:
    """A zone of memory."""
    return {"node": 0, "zone": name, "free_bytes": free, "largest_free_order": largest, "unusable_percent": unusable}


SMALL_PIECES = {"fragmentation": {"zones": [zone(GIB, 98.0, 5), zone(15 * MIB, 0.0, 10, "DMA")]}}
NO_PIECES = {"fragmentation": {"zones": [zone(GIB, 100.0, 2)]}}


@pytest.mark.parametrize(
    ("parts", "changes", "expected"),
    [
        (SMALL_PIECES, {}, []),
        ({**SMALL_PIECES, "pressure": BUSY}, {}, [("fragmentation", "info"), ("memory_pressure", "info")]),
        (SMALL_PIECES, {"memory_available_bytes": 5 * GIB}, [("fragmentation", "info")]),
        ({**NO_PIECES, "pressure": BUSY}, {}, [("fragmentation", "warning"), ("memory_pressure", "info")]),
        ({"fragmentation": {"zones": [zone(GIB, 90.0, 10)]}, "pressure": BUSY}, {}, [("memory_pressure", "info")]),
        # What kernel memory is never in does not count.
        (
            {"fragmentation": {"zones": [zone(GIB, 100.0, 1, "Movable"), zone(GIB, 10.0, 10)]}, "pressure": BUSY},
            {},
            [("memory_pressure", "info")],
        ),
    ],
)
def test_it_is_quiet_until_it_hurts(parts: Parts, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """A warning only where all tasks wait and no block is large enough for buffers."""
    assert found(state(parts, **changes)) == expected
