# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty room in slab caches. 5 % of 64 GiB is 3.2 GiB."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    Parts,
    cache,
    found,
    state,
)


def dentries(use: float) -> dict[str, Any]:
    """10 GiB in one cache, so many percent in use."""
    return {"slab_caches": {"caches": [cache("dentry", 10 * GIB, use)]}}


@pytest.mark.parametrize(
    ("parts", "available", "expected"),
    [
        (dentries(70.0), 48 * GIB, []),
        (dentries(60.0), 48 * GIB, [("slab_use", "info")]),
        (dentries(30.0), 48 * GIB, [("slab_use", "info")]),
        (dentries(30.0), 12 * GIB, [("slab_use", "warning")]),
    ],
)
def test_it_is_quiet_until_it_hurts(parts: Parts, available: int, expected: list[tuple[str, str]]) -> None:
    """A warning only where twice as much is empty and memory is short."""
    assert found(state(parts, slab_reclaimable_bytes=11 * GIB, memory_available_bytes=available)) == expected


def test_little_slab_needs_no_look_at_its_caches() -> None:
    """slabinfo is gathered only where slab is large; a host where it is small is judged all the same."""
    skipped = {"slab_caches": {"complete": False, "reason": "Not gathered, since slab is small (1.2 % of RAM)."}}
    assert "slab_use" in state(skipped).judged


@pytest.mark.parametrize("hostile", ["x\nVERDICT ok", "\x1b[2J\u202e", "n" * 3000])
def test_names_from_the_host_stay_on_one_line(hostile: str) -> None:
    """A cache is called what its module likes."""
    caches = {"slab_caches": {"caches": [cache(hostile, 10 * GIB, 10.0)]}}
    (only,) = state(caches, slab_unreclaimable_bytes=11 * GIB).findings
    assert only.explanation.isprintable() and len(only.explanation) < 500
