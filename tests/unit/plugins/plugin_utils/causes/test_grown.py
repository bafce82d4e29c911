# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has grown since a moment, and when nothing can be said of that."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.grown import Grown, OwnersPast
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersHistory,
    OwnersPoint,
    OwnersSample,
)

DAY = 86_400
CACHES, GROUPS = OwnerKind.CACHE, OwnerKind.OBJECTS


def amounts(**sizes: int) -> dict[OwnerKey, int]:
    """Return caches with their sizes."""
    return {OwnerKey(CACHES, name): size for name, size in sizes.items()}


def past(now: dict[str, int], *points: tuple[int, dict[str, int]], booted_at: int | None = None) -> OwnersPast:
    """Return the owners now, on day 30, and at some days before."""
    kept = tuple(OwnersPoint(day * DAY, amounts(**sizes), frozenset({CACHES}), ("+old",)) for day, sizes in points)
    sample = OwnersSample("web1", 30 * DAY, amounts(**now), frozenset({CACHES}), ("+new", "+old"))
    return OwnersPast(sample, OwnersHistory("web1", kept), booted_at)


def test_the_owner_that_grew_comes_first_not_the_largest() -> None:
    """A large cache that stays as it is explains no growth."""
    known = past({"filp": 900, "big": 5000}, (10, {"filp": 100, "big": 5000}))
    found = known.grown(CACHES, 10 * DAY)
    assert found is not None and found.owners == (Grown(OwnerKey(CACHES, "filp"), 100, 900),)
    assert (found.since, found.share_of_time) == (10 * DAY, 1.0)
    assert known.new_modules(11 * DAY) == ("new",) and known.new_modules(9 * DAY) == ()


def test_the_last_point_before_the_growth_counts() -> None:
    """Points that are older, or later, would say another amount."""
    days = ((5, {"filp": 50}), (10, {"filp": 100}), (20, {"filp": 500}))
    found = past({"filp": 900}, *days).grown(CACHES, 12 * DAY)
    assert found is not None and found.owners[0].before == 100
    later = past({"filp": 900}, (20, {"filp": 500})).grown(CACHES, 10 * DAY)
    assert later is not None and (later.owners[0].before, later.share_of_time) == (500, 0.5)


def test_an_owner_that_was_not_among_the_largest_had_at_most_as_much_as_the_smallest_of_them() -> None:
    """Its growth must not be said larger than it can have been."""
    found = past({"filp": 900, "big": 5000}, (10, {"big": 5000, "small": 40})).grown(CACHES, 10 * DAY)
    assert found is not None and found.owners == (Grown(OwnerKey(CACHES, "filp"), 40, 900),)


def test_what_was_before_the_boot_is_no_beginning() -> None:
    """A host that was full before its reboot has grown since all the same."""
    points = ((8, {"filp": 5000}), (11, {"filp": 90}))
    found = past({"filp": 900}, *points, booted_at=10 * DAY).grown(CACHES, 10 * DAY + 3600)
    assert found is not None and found.owners == (Grown(OwnerKey(CACHES, "filp"), 90, 900),)


def test_nothing_is_said_without_a_past_or_of_what_was_not_read() -> None:
    """Not known is not the same as not grown."""
    assert past({"filp": 900}).grown(CACHES, 10 * DAY) is None
    assert past({"filp": 900}, (10, {"filp": 1})).grown(OwnerKind.CALLER, 10 * DAY) is None
    assert past({"filp": 900}, (10, {"filp": 1})).number("cgroups_living", 10 * DAY) is None


def test_numbers_of_objects() -> None:
    """Control groups are counted, not measured."""
    key = OwnerKey(GROUPS, "cgroups_living")
    before = OwnersPoint(10 * DAY, {key: 3}, frozenset({GROUPS}))
    now = OwnersSample("web1", 30 * DAY, {key: 6724}, frozenset({GROUPS}))
    assert OwnersPast(now, OwnersHistory("web1", (before,))).number("cgroups_living", 12 * DAY) == Grown(key, 3, 6724)
