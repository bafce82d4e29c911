# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when a host is above a limit, by its history."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.above import Above, above_since
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.stacks import stack_of

MIB = 1024**2
DAYS = growing.DAYS


def above(amounts: Sequence[int | None], dimension: str = "slab_unreclaimable") -> Above | None:
    """What is said of a host with these amounts in MiB, one a day, and a limit of 1,000 MiB."""
    host = growing.audit()["hosts"][0]
    kib = [None if amount is None else amount * 1024 for amount in amounts]
    host["trend"].update(stack=stack_of({"slab_unreclaimable": kib}, DAYS).as_plain(), booted_at=[], new_kernel_at=[])
    return above_since(entry_of(host), dimension, 1000 * MIB, growing.NOW)


@pytest.mark.parametrize("dimension", ["slab_unreclaimable", TOTAL])
def test_it_is_the_first_of_the_samples_that_stayed_above(dimension: str) -> None:
    """Twenty days ago, though this audit is the first to judge it."""
    assert above([500] * 9 + [1500] * 21, dimension) == Above("2026-11-04T12:00:00Z", at_least=False)


def test_a_history_that_begins_above_says_no_more_than_that() -> None:
    """How long before is not known."""
    assert above([1500] * DAYS) == Above("2026-10-26T12:00:00Z", at_least=True)


def test_a_gap_and_noise_at_the_limit_end_nothing() -> None:
    """What was below it for a while began anew."""
    assert above([500] * 9 + [1500, None, 995] + [1500] * 18) == Above("2026-11-04T12:00:00Z", at_least=False)
    assert above([1500] * 9 + [500] + [1500] * 20) == Above("2026-11-05T12:00:00Z", at_least=False)


@pytest.mark.parametrize("amounts", [[500] * (DAYS - 1) + [1500], [500] * DAYS, [None] * (DAYS - 1) + [1500]])
def test_where_only_this_audit_is_above_nothing_is_said(amounts: Sequence[int | None]) -> None:
    """That it is new is said already."""
    assert above(amounts) is None


def test_a_dimension_that_is_not_in_the_history_has_none() -> None:
    """Fragmentation is no amount."""
    assert above([1500] * DAYS, "fragmentation") is None
