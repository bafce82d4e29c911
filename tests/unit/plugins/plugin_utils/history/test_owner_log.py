# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of owners over time: what is read is within a percent of what was seen, and what went is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.blocks import varints
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.owner_log import (
    LARGEST_AMOUNT,
    LARGEST_ENTRY,
    MOST_OWNERS,
    OwnersState,
    entry,
    largest,
    points,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import OwnerKind

KINDS = {name: (OwnerKind.CACHE, OwnerKind.COMMAND_THREADS, OwnerKind.CALLER)[name % 3] for name in range(1, 13)}
PAGES, OBJECTS = 256, 16


@st.composite
def seen_over_time(draw: st.DrawFn) -> list[OwnersState]:
    """Owners at rising moments, of which some kinds are not always read."""
    seen, at = [], 1_000_000
    for _sample in range(draw(st.integers(1, 12))):
        read = draw(st.sets(st.sampled_from(sorted(set(KINDS.values())))))
        names = [name for name, kind in KINDS.items() if kind in read]
        numbers = st.integers(0, 2**20) | st.integers(0, LARGEST_AMOUNT)
        amounts = draw(st.dictionaries(st.sampled_from(names), numbers)) if names else {}
        seen.append(OwnersState(at, sum(1 << kind for kind in read), draw(st.integers(0, 3)), amounts))
        at += draw(st.integers(1, 10**6))
    return seen


@given(seen_over_time())
def test_what_is_read_is_what_was_seen(seen: list[OwnersState]) -> None:
    """Within a percent, or a MiB or sixteen objects; gone where it was looked for and not there; and as it was where
    nobody looked.
    """
    state, log = OwnersState(at=seen[0].at), b""
    known: dict[int, int] = {}
    modules = 0
    for sample in seen:
        log += entry(state, sample, KINDS)
        state = OwnersState.unpacked(state.packed())
        found = list(points(log, seen[0].at))
        read = found[-1].amounts if found else {}
        for name, kind in KINDS.items():
            if sample.mask >> kind & 1:
                assert (name in read) == (name in sample.amounts)
                if name in sample.amounts:
                    known[name] = sample.amounts[name]
                    least = OBJECTS if kind.is_counted else PAGES
                    assert abs(read[name] - known[name]) <= max(read[name] / 100, least - 1)
                else:
                    known.pop(name, None)
            else:
                assert (name in read) == (name in known)
        modules = sample.fingerprint or modules
        assert (found[-1].fingerprint if found else 0) == modules
        assert not found or found[-1].mask == sample.mask


def test_small_steps_do_not_add_up_unseen() -> None:
    """A leak of half a percent a day is never more than a percent away from what is written."""
    state = OwnersState(at=0)
    log, pages = b"", 100_000
    for day in range(60):
        pages += pages // 200
        log += entry(state, OwnersState(day, 1, 0, {1: pages}), KINDS)
    last = list(points(log, 0))[-1]
    assert abs(last.amounts[1] - pages) <= pages / 100


def test_nothing_new_is_no_byte() -> None:
    """Most of a fleet, most of the time."""
    state = OwnersState(at=0)
    whole = entry(state, OwnersState(5, 7, 9, {1: 1000, 2: 20}), KINDS)
    assert whole and entry(state, OwnersState(50, 7, 9, {1: 1001, 2: 21}), KINDS) == b""
    assert entry(state, OwnersState(60, 7, 0, {1: 1001, 2: 21}), KINDS) == b"", "modules that are not known are no news"
    assert len(entry(state, OwnersState(70, 3, 9, {1: 1001, 2: 21}), KINDS)) > 0, "what was read is"


def test_the_bytes_are_those_of_the_format() -> None:
    """A later release must read them."""
    state = OwnersState(at=100)
    log = entry(state, OwnersState(110, 3, 7, {3: 1000, 2: 20}), KINDS)
    assert log == varints([10, 3, 2 * 2 + 1, 7, 0 * 2, 3, 1000, 1 * 2, 2, 20])
    log = entry(state, OwnersState(200, 1, 7, {3: 2000}), KINDS)
    assert log == varints([90, 1, 1 * 2, 0 * 2, 1000]), "a kind that was not read is not gone"
    log = entry(state, OwnersState(300, 3, 8, {3: 2000}), KINDS)
    assert log == varints([100, 3, 1 * 2 + 1, 8, 1 * 2 + 1]), "now it was, and is; and there are other modules"


def test_an_entry_is_bounded_whatever_is_in_it() -> None:
    """512 bytes a sample."""
    kinds = {name: list(OwnerKind)[name % 6] for name in range(20_000, 21_000)}
    amounts = largest(dict.fromkeys(kinds, LARGEST_AMOUNT), kinds)
    assert len(amounts) == MOST_OWNERS and set(map(kinds.__getitem__, amounts)) == set(OwnerKind)
    whole = entry(OwnersState(at=0), OwnersState(2**31, 63, 2**32 - 1, amounts), kinds)
    assert len(whole) <= LARGEST_ENTRY


def test_the_largest_of_each_kind_are_kept_in_turn() -> None:
    """A kind with many large owners must not push out the others."""
    kinds = dict.fromkeys(range(100), OwnerKind.CACHE) | {200: OwnerKind.CGROUP, 201: OwnerKind.CGROUP}
    amounts = {name: 10_000 - name for name in range(100)} | {200: 5, 201: 6}
    kept = largest(amounts, kinds)
    assert {200, 201} < set(kept) and set(range(MOST_OWNERS - 2)) < set(kept)


@given(st.binary(max_size=60))
def test_foreign_bytes_are_an_error_of_one_kind(data: bytes) -> None:
    """Whatever lies on a disk."""
    try:
        for point in points(data, 0):
            assert point.amounts is not None
    except ValueError as exc:
        assert str(exc).endswith(".")


def test_a_log_that_ends_in_the_middle_is_an_error() -> None:
    with pytest.raises(ValueError, match="not those that were written"):
        list(points(varints([10, 3, 4, 0]), 0))
