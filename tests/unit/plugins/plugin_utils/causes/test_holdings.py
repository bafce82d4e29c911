# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares of slab: of what is held, and of what was added."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.families import KMALLOC
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.holdings import holdings_of

ROWS = [("kmalloc-64(7:pod)", 300, 30), ("kmalloc-64", 200, 20), ("filp", 400, 4), ("TCP", 80, 1)]


def test_copies_of_a_cache_are_one() -> None:
    """They are the same memory to whoever looks for an owner."""
    held = holdings_of(ROWS, 1000, reclaimable=False, grown=False)
    assert held.clause(KMALLOC, 50) == "kmalloc-64 holds 500 B, 50.0 % of the unreclaimable slab, in 50 objects."
    assert held.clause(KMALLOC, 51) == "" and held.largest_percent == 40


def test_the_family_with_most_is_named() -> None:
    """Of two that have their share the larger is the cause."""
    family = holdings_of([*ROWS, ("TCPv6", 300, 3)], 1000, reclaimable=False, grown=False).family()
    assert family is not None and family.name == "open_files"
    assert holdings_of(ROWS, 4000, reclaimable=False, grown=False).family() is None


def test_growth_is_said_as_growth() -> None:
    """What was added is not what is held."""
    grown = holdings_of(ROWS, 800, reclaimable=False, grown=True)
    assert grown.clause(KMALLOC, 40) == "kmalloc-64 brought 500 B, 62.5 % of the growth of unreclaimable slab."


def test_nothing_is_said_of_nothing() -> None:
    """Without a whole there is no share."""
    empty = holdings_of([], 0, reclaimable=True, grown=False)
    assert (empty.clause(KMALLOC, 0), empty.family(), empty.largest_percent) == ("", None, 0.0)
