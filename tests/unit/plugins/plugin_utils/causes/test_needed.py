# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding needs to be explained is asked for where it was not read, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import NAMES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes import needed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.needed import subsets_needed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS, LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import PARTS, Attribution
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of


def finding(dimension: str, severity: str = "warning", kind: str = "limit") -> Finding:
    """A finding about a dimension."""
    return Finding(dimension, kind, severity, "current", 2.0, 1.0, "bytes", "", "It is high.", "Look.", "true")


def with_part(name: str, **changes: Any) -> Attribution:
    """An attribution of one part."""
    part = {"complete": False, "reason": None, "duration_ms": 0, **changes}
    return facts_of(attribution={name: part}).attribution


@pytest.mark.parametrize(
    ("dimension", "subsets"),
    [
        ("vmalloc", {"vmalloc"}),
        ("slab_unreclaimable", {"slab", "limits"}),
        ("page_tables", {"processes"}),
        ("unaccounted", {"descriptors", "processes", "limits", "allocinfo"}),
        ("fragmentation", set()),
    ],
)
def test_each_finding_has_its_subsets(dimension: str, subsets: set[str]) -> None:
    """Pipes and rings for what no counter names, callers for vmalloc, caches for slab."""
    assert set(subsets_needed([finding(dimension)], Attribution())) == subsets


def test_what_is_information_alone_costs_no_host_another_reading() -> None:
    """Nor does a fall, of which nobody is the owner."""
    assert subsets_needed([finding("vmalloc", "info"), finding("vmalloc", kind="drop")], Attribution()) == ()


def test_what_was_read_or_refused_is_not_asked_for_again() -> None:
    """What is refused once is refused twice; what was thought too small is read now."""
    refused = with_part("slab_caches", reason="slabinfo is readable by root only (EACCES); use become.")
    small = with_part("slab_caches", reason="Not gathered, since slab is small (3.6 % of RAM).")
    read = with_part("slab_caches", complete=True, caches=[])
    found = [subsets_needed([finding("slab_reclaimable")], known) for known in (refused, small, read)]
    assert found == [(), ("slab",), ()]


def test_the_tables_name_what_there_is() -> None:
    """A name that is misspelt would ask for nothing."""
    assert set(needed._NEEDED) <= {*DIMENSIONS, *LIMITED, *CHECKS}
    assert {subset for subsets in needed._NEEDED.values() for subset in subsets} <= set(needed._PARTS)
    assert set(needed._PARTS) <= set(NAMES)
    assert {part for parts in needed._PARTS.values() for part in parts} <= set(PARTS)
