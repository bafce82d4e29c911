# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners over time: what was known at a moment, and in what an owner is measured."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersHistory,
    OwnersPoint,
)

DENTRY = OwnerKey(OwnerKind.CACHE, "dentry")


@pytest.mark.parametrize(
    ("moment", "amount"),
    [(99, None), (100, 5), (199, 5), (200, 7), (10**9, 7)],
    ids=["before", "at", "later", "2", "now"],
)
def test_what_was_known_at_a_moment(moment: int, amount: int | None) -> None:
    """An amount holds until the next one is measured; before the first nothing is known."""
    points = tuple(
        OwnersPoint(at, {DENTRY: bytes_}, frozenset({OwnerKind.CACHE})) for at, bytes_ in [(100, 5), (200, 7)]
    )
    point = OwnersHistory("web1", points).at(moment)
    assert (point.amounts[DENTRY] if point else None) == amount


def test_a_host_without_owners_has_none_at_any_moment() -> None:
    """A new host, and one whose audits look at no owners."""
    assert OwnersHistory("web1").at(10**9) is None


def test_threads_and_objects_are_counted_and_the_rest_is_bytes() -> None:
    """400 threads must never be shown as 400 bytes."""
    assert {kind.name for kind in OwnerKind if kind.is_counted} == {"COMMAND_THREADS", "OBJECTS"}


def test_stored_numbers_of_kinds_never_change() -> None:
    """They stand in every history that there is."""
    assert [(kind.name, int(kind)) for kind in OwnerKind] == [
        ("CACHE", 0),
        ("CALLER", 1),
        ("COMMAND_THREADS", 2),
        ("COMMAND_PAGE_TABLES", 3),
        ("CGROUP", 4),
        ("OBJECTS", 5),
    ]
