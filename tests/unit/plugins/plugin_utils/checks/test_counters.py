# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters that contradict each other are one finding, which names them."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.counters import answer
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, facts_of, subject_of

WRONG = {
    "counter": "Inactive(file)",
    "class": "contradictory",
    "sentence": "The page lists hold more than all RAM.",
    "value": 900 * GIB,
    "against": 64 * GIB,
    "taken": "AnonPages + Cached + Buffers + SwapCached",
}


def test_the_counter_and_what_speaks_against_it_are_named() -> None:
    """Whoever reads it can look at the two lines."""
    (seen,) = answer(subject_of(facts_of(contradictions=[WRONG, {**WRONG, "counter": "MemAvailable"}])))
    assert not isinstance(seen, str) and seen.severity == "warning"
    assert "900 GiB (Inactive(file), kernel 6.12.0)" in seen.sentence()
    assert seen.evidence == {"counters": "Inactive(file), MemAvailable"}


def test_damage_of_a_copy_is_no_fault_of_a_kernel() -> None:
    """It makes the host unknown instead."""
    assert answer(subject_of(facts_of(contradictions=[{**WRONG, "class": "damaged"}]))) == []
    assert answer(subject_of(facts_of())) == []
