# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a host's critical limits are: the same place at which the rule of limits finds it critical."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.critical_limits import critical_limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, judged, the
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import subject_of as subject_at
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import (
    BUILT_IN,
    GIB,
    KIB,
    MIB,
    facts_of,
    subject_of,
)

SETTINGS = BUILT_IN.environments["production"]


@pytest.mark.parametrize("dimension", ["slab_unreclaimable", "vmalloc", "percpu"])
def test_a_host_is_critical_just_above_its_limit_and_not_at_it(dimension: str) -> None:
    """A bar that is full means a critical finding, and one that is not full means none."""
    limit = critical_limits(subject_of(facts_of(), SETTINGS))[dimension]
    assert limit < 64 * GIB
    severities = []
    for amount in (limit, limit + 4 * KIB):
        found = judge_limits(subject_of(facts_of(**{f"{dimension}_bytes": amount}), SETTINGS)).findings
        severities.append([one.severity for one in found if one.dimension == dimension])
    assert severities[1] == ["critical"] and severities[0] != ["critical"]


def test_a_limit_that_the_host_can_not_reach_is_none() -> None:
    """A bar of a limit above RAM would never fill."""
    assert all(limit < 64 * GIB for limit in critical_limits(subject_of(facts_of(), SETTINGS)).values())


@pytest.mark.parametrize(
    ("changes", "dimension"), [({"cgroups": None}, "percpu"), ({}, "unaccounted"), ({}, "vmalloc")]
)
def test_growth_above_a_limit_says_so_wherever_the_limit_finds_it(changes: dict[str, None], dimension: str) -> None:
    """One answer to which limit will be reached: days left are to the limit that the rule of limits has."""
    mib = critical_limits(subject_of(facts_of(**changes), SETTINGS))[dimension] // MIB
    samples = days_of(dimension, [mib - 4000 + 300 * day for day in range(20)], **changes)
    answer = judged(samples, **changes)
    grows = the(answer, dimension, "growth")
    assert grows.severity == "critical" and "above the critical limit of" in grows.explanation
    (limit,) = [one for one in judge_limits(subject_at(samples[-1], **changes)).findings if one.dimension == dimension]
    assert limit.severity == "critical"
