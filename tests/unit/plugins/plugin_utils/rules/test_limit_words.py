# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of findings about a limit."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Level
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules import limit_words as _explain
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, facts_of, subject_of


def test_a_limit_in_words():
    level = Level(percent_of_ram=8, at_least=512 * MIB, at_most=32 * GIB)
    assert _explain.size_rule(level) == "8 % of RAM, at least 512 MiB, at most 32 GiB"
    assert _explain.size_rule(Level(percent_of_ram=2.5), "low memory") == "2.5 % of low memory"


def test_the_memory_that_shares_are_of_is_named():
    """Low memory on 32-bit hosts, but not for the remainder of all RAM."""
    low = subject_of(facts_of(memory_total_bytes=8 * GIB, memory_low_total_bytes=860 * MIB))
    assert _explain.base_name(low, "slab_unreclaimable") == "low memory"
    assert _explain.base_name(low, "unaccounted") == "RAM"
    assert _explain.base_name(subject_of(facts_of()), "percpu") == "RAM"


def test_the_largest_part_is_named():
    assert _explain.largest_part_remark({"vmalloc": 1024, "percpu": 2048}) == "its largest part is percpu with 2 KiB"
