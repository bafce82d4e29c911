# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmed by another audit, and there until it has ended."""

from __future__ import annotations

import random

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.grows import growth_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.rise import Rise
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    GIB,
    MIB,
    mib,
    question_of,
    timeline_of,
)


def growth(amounts: list[int], every: int = DAY, available: int = 32 * GIB, **changes: int) -> Rise | None:
    """How slab grows at the last sample."""
    timeline = timeline_of(amounts, every, available)
    return growth_of(timeline, question_of(timeline, **changes))


def line(number: int, a_day: float = 100, start: float = 600) -> list[int]:
    """So many MiB a day."""
    return mib(*(start + a_day * day for day in range(number)))


def test_the_first_audit_only_suspects() -> None:
    """The second confirms, by the milder of both."""
    first, second, third = (growth(line(number), available=GIB) for number in (6, 7, 8))
    assert first is not None
    assert second is not None
    assert third is not None
    assert [one.confirmed_tier for one in (first, second, third)] == [None, "watch", "critical"]


def test_a_run_that_is_repeated_confirms_nothing() -> None:
    """A minute later is no other opinion."""
    timeline = timeline_of([*line(6), line(6)[-1]])
    timeline.times = [*timeline.times[:6], timeline.times[5] + 60]
    found = growth_of(timeline, question_of(timeline))
    assert found is None or found.confirmed_tier is None


@pytest.mark.parametrize("base", [60, 600, 2000])
@pytest.mark.parametrize("a_day", [25, 35, 100, 400])
def test_a_leak_never_gets_milder_while_it_goes_on(base: int, a_day: int) -> None:
    """From its birth to the limit, with 0.3 % of it all as noise: judged on every day by the last 30 samples.

    Information may come and go at the border.
    """
    chance = random.Random(f"{base} {a_day}")
    amounts = [round(one * chance.gauss(1, 0.003)) for one in line(min(140, (10 * 1024 - base) // a_day), a_day, base)]
    ranks = []
    for day in range(6, len(amounts)):
        found = growth(amounts[max(0, day - 30) : day + 1], available=20 * GIB - amounts[day])
        tier = None if found is None else found.confirmed_tier
        ranks.append({"critical": 2, "warning": 1}.get(tier or "", 0))
    assert ranks == sorted(ranks)
    assert max(ranks) >= 1


def test_a_bad_day_ends_nothing() -> None:
    """One audit at which the evidence slips: the finding is held and says so."""
    amounts = line(16)
    amounts[-1] -= 260 * MIB
    found = growth(amounts)
    assert found is not None
    assert found.confirmed_tier == "warning"


def test_it_ends_when_it_is_given_back() -> None:
    """A restart freed the memory: three samples later at most nothing is said any more."""
    assert growth([*line(16), *mib(600, 605, 601)]) is None


def test_it_ends_when_it_stops() -> None:
    """It stays where it is: some days later growth is over, and the level is the business of other rules."""
    stopped = line(16)
    assert growth([*stopped, *[stopped[-1]] * 2]) is not None
    assert growth([*stopped, *[stopped[-1]] * 12]) is None
