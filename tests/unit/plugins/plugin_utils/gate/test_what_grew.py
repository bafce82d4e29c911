# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has more of has a name: the cache or the command that grew, and not the one that is largest."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.what_grew import what_grew
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, healthy_facts


def facts(part: str = "", rows: str = "", *found: dict[str, Any]) -> dict[str, Any]:
    """Facts with one part of the attribution; without any, nobody has looked."""
    made = healthy_facts()
    made["attribution"] = {}
    if part:
        made["attribution"] = {part: {"complete": True, "reason": None, "duration_ms": 1, rows: list(found)}}
    return made


def caches(**sizes: int) -> dict[str, Any]:
    """Slab caches of these sizes."""
    rows = [
        {
            "name": name.replace("_", "-"),
            "bytes": size,
            "objects": 1,
            "objects_active": 1,
            "use_percent": 100.0,
            "object_bytes": 64,
            "aliases": [],
        }
        for name, size in sizes.items()
    ]
    return facts("slab_caches", "caches", *rows)


def test_the_cache_that_grew_is_named_and_not_the_largest() -> None:
    """With both sizes, which anybody can check in slabinfo."""
    before, after = caches(kmalloc_4k=5 * GIB, kmalloc_512=100 * MIB), caches(kmalloc_4k=5 * GIB, kmalloc_512=GIB)
    said = what_grew(before, after, "slab_unreclaimable", 924 * MIB)
    assert said == "Most of it: the cache kmalloc-512, 100 MiB before, 1 GiB now."
    new = what_grew(caches(kmalloc_4k=GIB), after, "slab_unreclaimable", 5 * GIB)
    assert new == "Most of it: the cache kmalloc-4k, 1 GiB before, 5 GiB now."
    assert "not seen before" in what_grew(caches(kmalloc_4k=5 * GIB), after, "slab_unreclaimable", GIB)


def test_what_explains_nothing_is_not_named() -> None:
    """A small growth of one cache is not the reason of a large one of all."""
    said = what_grew(caches(kmalloc_512=MIB), caches(kmalloc_512=2 * MIB), "slab_unreclaimable", GIB)
    assert said == "No single cache explains it."


def test_where_nobody_looked_nothing_is_said() -> None:
    """After the change, or before it; and of dimensions that have no owners."""
    assert what_grew(caches(kmalloc_512=MIB), facts(), "slab_unreclaimable", GIB) == ""
    assert what_grew(facts(), caches(kmalloc_512=GIB), "slab_unreclaimable", GIB) == (
        "The largest cache is kmalloc-512, 1 GiB now."
    )
    assert what_grew(caches(kmalloc_512=MIB), caches(kmalloc_512=GIB), "percpu", GIB) == ""
    assert what_grew({}, {}, "slab_unreclaimable", GIB) == ""
