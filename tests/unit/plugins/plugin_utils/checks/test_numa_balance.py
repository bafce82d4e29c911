# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NUMA nodes compared with each other."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    BUSY,
    Parts,
    found,
    state,
)


def node(number: int, total: int, free: int, slab: int) -> dict[str, Any]:
    """A node with so much unreclaimable slab."""
    return {
        "node": number,
        "memory_total_bytes": total,
        "memory_free_bytes": free,
        "slab_unreclaimable_bytes": slab,
        "page_tables_bytes": 0,
    }


def nodes(*found: dict[str, Any]) -> dict[str, Any]:
    """The part of NUMA nodes."""
    return {"numa_nodes": {"nodes": list(found)}}


ONE_FULL = nodes(node(0, 32 * GIB, 0, 0), node(1, 32 * GIB, 16 * GIB, 0))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (nodes(node(0, 32 * GIB, 16 * GIB, 2 * GIB), node(1, 32 * GIB, 16 * GIB, 0)), []),
        (nodes(node(0, 32 * GIB, 16 * GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, 3 * GIB)), []),
        (nodes(node(0, 32 * GIB, 16 * GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, GIB)), [("numa_balance", "info")]),
        (nodes(node(0, 32 * GIB, GIB, 4 * GIB), node(1, 32 * GIB, 16 * GIB, GIB)), [("numa_balance", "warning")]),
        # A full page cache on one node is usual; it is information where tasks wait.
        (ONE_FULL, []),
        ({**ONE_FULL, "pressure": BUSY}, [("numa_balance", "info"), ("memory_pressure", "info")]),
        (nodes(node(0, 32 * GIB, 0, 9 * GIB)), []),
    ],
)
def test_it_is_quiet_until_it_hurts(parts: Parts, expected: list[tuple[str, str]]) -> None:
    """Three times the share of the other nodes, and a warning where the node has run out."""
    assert found(state(parts)) == expected
