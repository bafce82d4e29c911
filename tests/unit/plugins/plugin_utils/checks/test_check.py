# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all checks share: shares within bounds, and whether a host is short of memory."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.check import Seen, missing, need_of, share
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.dimension import Words
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import BUSY, IDLE, host


def test_a_share_stays_within_its_bounds() -> None:
    """2 % of 64 GiB is 1.28 GiB."""
    assert share(64 * GIB, 2, 0, 8 * GIB) == int(64 * GIB * 0.02)
    assert share(64 * GIB, 2, 2 * GIB, 8 * GIB) == 2 * GIB
    assert share(64 * GIB, 2, 0, GIB) == GIB


def test_need_is_little_memory_or_tasks_that_wait() -> None:
    """And what is not known is no need."""
    assert need_of(host(memory_available_bytes=6 * GIB)) == "only 6 GiB, 9.4 % of RAM, is available"
    assert need_of(host({"pressure": BUSY})) == "tasks waited for memory in 30.0 % of the last minute"
    for quiet in (host(), host({"pressure": IDLE}), host(memory_available_bytes=None), host(memory_total_bytes=None)):
        assert need_of(quiet) == ""


def test_what_is_missing_says_why_or_what_to_do() -> None:
    """The host's reason on one line, or the subset to ask for."""
    refused = host({"slab_caches": {"complete": False, "reason": "slabinfo is readable\nby root only (EACCES)."}})
    assert missing(refused, "slab_caches", "slab") == "slabinfo is readable by root only (EACCES)."
    assert missing(host(), "slab_caches", "slab") == "It was not gathered; add slab to gather_subset."


def test_what_is_seen_becomes_a_finding() -> None:
    """The rule stands in the sentence and as what was expected; without one that is the amount."""
    words = Words("The number of things", "Look.", "true")
    seen = Seen("info", 3, 2, "count", words, measure="3", allowed="2", rule="twice one", remarks=("odd",))
    assert seen.finding("things").explanation == ("The number of things is 3; more than 2 (twice one) is unusual; odd.")
    assert (seen.finding("things").key, seen.finding("things").expected) == (("things", "limit"), "twice one")
    bare = Seen("info", 3, 2, "count", words, measure="3", allowed="2").finding("things")
    assert (bare.expected, bare.explanation) == ("2", "The number of things is 3; more than 2 is unusual.")
