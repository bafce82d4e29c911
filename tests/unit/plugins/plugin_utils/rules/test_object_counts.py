# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of objects over time: growth towards a limit, with the days that are left of the number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import apply_own_rules
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import phrase_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import sample_at, series_before, subject_of

KINDS = {
    "threads": ("threads", "threads_limit"),
    "files": ("files", "files_limit"),
    "conntrack": ("conntrack", "conntrack_limit"),
}


def counted(kind: str, numbers: Sequence[int], limit: int, every: float = 1) -> list[Sample]:
    """A host with so many objects at each of its audits."""
    held, allowed = KINDS[kind]
    quiet = [sample_at((place + 1 - len(numbers)) * every, threads=2000) for place in range(len(numbers))]
    return [replace(one, **{held: number, allowed: limit}) for one, number in zip(quiet, numbers, strict=True)]


def said(samples: Sequence[Sample]) -> list[Finding]:
    """The findings about objects of the last sample."""
    judged = Judged(subject_of(samples[-1]))
    apply_own_rules(judged, series_before(samples), True)
    return [one for one in judged.findings if one.dimension == "object_limits"]


@pytest.mark.parametrize("kind", KINDS)
def test_growth_of_a_number_says_the_days_that_are_left_of_the_number(kind: str) -> None:
    """1,600 a day of 32,768: a week and a half of it is no memory at all, and the end of all work."""
    (one,) = said(counted(kind, [2000 + 1600 * day for day in range(11)], 32_768))
    assert (one.kind, one.severity, one.status) == ("growth", "critical", "confirmed")
    left = one.evidence["time_to_limit_days"]
    assert isinstance(left, dict) and left["estimate"] == pytest.approx((32_768 - 18_000) / 1600, rel=0.05)
    assert (
        "to 18,000, about 1600 a day; at this rate it reaches the 32,768 that the kernel allows in" in one.explanation
    )
    assert one.evidence["object"] == kind
    assert phrase_of(one).endswith("+16,000 in 10 days (32,768 allowed)")


def test_it_is_told_long_before_half_of_the_limit() -> None:
    """What was first told at 51 % on the eighth day, without a rate."""
    numbers = [2000 + 300 * day for day in range(60)]
    day = next(day for day in range(1, 60) if said(counted("threads", numbers[: day + 1], 32_768)))
    assert day <= 14 and numbers[day] < 0.2 * 32_768
    (one,) = said(counted("threads", numbers[:31], 32_768))
    assert one.severity == "warning"


def test_hours_are_enough_where_hours_are_left() -> None:
    """10,000 connections an hour, audited every half hour: the end is tomorrow."""
    (one,) = said(counted("conntrack", [20_000 + 5000 * step for step in range(16)], 262_144, every=1 / 48))
    assert one.severity == "critical" and "hours" in one.explanation


@pytest.mark.parametrize(
    "numbers",
    [
        [20_000] * 30,
        [20_000 + 7 * day for day in range(30)],
        [random.Random(5).randrange(15_000, 60_000) for _ in range(30)],
        [20_000 + 30_000 * (day % 7 < 5) for day in range(30)],
        [20_000] * 15 + [60_000] * 15,
    ],
    ids=["constant", "ends in years", "restless", "working days", "one step"],
)
def test_healthy_numbers_are_no_finding(numbers: list[int]) -> None:
    """Connections follow the load, and a release takes more of them."""
    found = said(counted("conntrack", numbers, 262_144))
    assert [one for one in found if one.severity != "info"] == []


def test_a_number_that_wavers_around_its_limit_is_one_warning() -> None:
    """40 audits within 1 % of 80 % of the limit: it appears once."""
    chance = random.Random(2)
    samples = counted("conntrack", [round(80_000 * chance.uniform(0.99, 1.01)) for _ in range(40)], 100_000)
    words = [any(one.kind == "limit" for one in said(samples[: last + 1])) for last in range(1, 40)]
    assert sum(one and not before for before, one in zip([False, *words], words, strict=False)) == 1
    (one,) = [one for one in said([*samples[:10], *counted("conntrack", [79_000], 100_000)]) if one.kind == "limit"]
    assert one.explanation.endswith("it was above that limit and has not fallen 5 % below it since.")
