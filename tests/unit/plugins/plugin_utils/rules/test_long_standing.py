# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-standing is a state that is shown and no cure: the value, the slope and every sample are asked, and no trend may
stand beside it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import judge_fleet
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Verdict, verdict_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, rank
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    GIB,
    MIB,
    days_of,
    series_before,
    subject_of,
)

TODAY = date(2026, 11, 24)
SLAB = "slab_unreclaimable"
"""Of 64 GiB, 5.1 GiB and more are a warning and 10.2 GiB are critical."""


def verdict(samples: Sequence[Sample], **changes: int) -> Verdict:
    """What an audit of the last sample says, with those before it as its history."""
    subject = subject_of(samples[-1], **changes)
    past = [series_before(samples)] if len(samples) > 1 else []
    return verdict_of(judge_fleet([subject], past, (), TODAY).hosts["web1"])


def limit_finding(samples: Sequence[Sample], **changes: int) -> Finding:
    """The finding about the limit of slab, which must be there."""
    (one,) = [one for one in verdict(samples, **changes).findings if one.key == (SLAB, "limit")]
    return one


def gib(*amounts: float, every: float = 1) -> list[Sample]:
    """A host with so much slab, in GiB, at each of its audits."""
    return days_of(SLAB, [1024 * amount for amount in amounts], every)


def day_by_day(amounts: Sequence[float]) -> list[Verdict]:
    """What the audit of each day says, with all days before it as its history."""
    return [verdict(gib(*amounts[: day + 1])) for day in range(len(amounts))]


def test_what_stays_is_a_warning_and_says_so() -> None:
    """A critical limit of 10.2 GiB, 12 GiB for 20 days, and half of the memory available."""
    one = limit_finding(gib(*[12] * 20))
    assert (one.severity, one.status) == ("warning", "long_standing")
    assert one.explanation.endswith(
        "It has stayed around 12 GiB for 19 samples and 50.0 % of RAM is available, so it is long-standing and a "
        "warning."
    )


def test_a_warning_is_never_made_milder() -> None:
    """A host above its limit is not ok because it has been there for long."""
    one = limit_finding(gib(*[8] * 20))
    assert (one.severity, one.status) == ("warning", "long_standing")
    assert one.explanation.endswith("is available, so it is long-standing.")
    assert verdict(gib(*[8] * 20)).verdict == "warning"


@pytest.mark.parametrize(
    "samples",
    [
        gib(*[12] * 14),
        gib(*[12] * 30, every=1 / 24),
        gib(*[12] * 19, 13),
        gib(*[8] * 19, 10.6),
        gib(*[8] * 18, 10.6, 10.59),
        gib(*[12] * 9, 9, *[12] * 10),
        gib(*[12 + 0.08 * day for day in range(20)]),
        gib(*[17] * 20),
    ],
    ids=[
        "13 samples before",
        "a day and a quarter of hourly samples",
        "more than it was",
        "a jump today",
        "a jump yesterday",
        "one sample below the limit",
        "a slope of 0.6 % a day",
        "far above the limit",
    ],
)
def test_what_is_not_long_standing(samples: list[Sample]) -> None:
    """Each of these was critical yesterday and is today."""
    one = limit_finding(samples)
    assert (one.severity, one.status) == ("critical", "current")


def test_little_memory_is_no_time_to_get_used_to_it() -> None:
    """Less than a fifth is available."""
    assert limit_finding(gib(*[12] * 20), memory_available_bytes=12 * GIB).severity == "critical"


def test_a_trend_elsewhere_keeps_it_critical() -> None:
    """While page tables grow, nothing of the host has come to rest."""
    quiet = gib(*[12] * 20)
    samples = [
        replace(one, amounts={**one.amounts, "page_tables": (400 + 60 * day) * MIB}) for day, one in enumerate(quiet)
    ]
    said = verdict(samples)
    assert {one.key for one in said.findings} >= {(SLAB, "limit"), ("page_tables", "growth")}
    assert limit_finding(samples).severity == "critical"


def test_a_breach_of_one_day_is_not_called_old() -> None:
    """14 samples at 8 GiB, one at 10.6 GiB, now 10.59: critical yesterday, and critical today."""
    yesterday, today = verdict(gib(*[8] * 14, 10.6)), verdict(gib(*[8] * 14, 10.6, 10.59))
    assert (yesterday.verdict, today.verdict) == ("critical", "critical")


def test_hosts_that_are_sick_from_the_first_audit_are_sick_in_the_last() -> None:
    """Eight hosts at their amounts for 27 days: none becomes ok, none gets better by more than one grade."""
    for amount in (5.5, 6.4, 7.9, 9.0, 10.4, 12.5, 14.9, 17.0):
        said = day_by_day([amount] * 27)
        assert "ok" not in {one.verdict for one in said}, amount
        assert said[0].verdict == said[13].verdict
        assert rank(said[26].verdict) - rank(said[0].verdict) <= 1


def test_an_amount_that_wavers_around_its_limit_is_one_warning() -> None:
    """Between 7.7 and 8.2 GiB with a limit in between there were six warnings; now there is one that stays."""
    chance = random.Random(7)
    said = [one.verdict for one in day_by_day([chance.uniform(4.95, 5.28) for _ in range(40)])]
    begins = sum(one != "ok" and before == "ok" for before, one in zip(["ok", *said], said, strict=False))
    assert begins == 1 and said[-1] == "warning"


def test_a_slow_leak_does_not_become_well() -> None:
    """40 MiB a day: once over its limit, never ok again, and never called long-standing."""
    amounts = [1.5 + 40 / 1024 * day for day in range(300)]
    over = next(day for day in range(300) if amounts[day] > 5.12)
    for day in range(over + 1, 300, 9):
        said = verdict(gib(*amounts[max(0, day - 60) : day + 1]))
        assert said.verdict in ("warning", "critical"), day
        assert all(one.status != "long_standing" for one in said.findings), day


BATCHES = [*[3] * 10, 7, 7, *[3] * 15]
"""Two days of batches at a month's end, on a host that holds 3 GiB else."""


def test_what_comes_back_as_it_was_is_known() -> None:
    """The next month's batches are no new breach: still a warning, and counted with what has stood for long. Each month
    was as new as the first.
    """
    first = limit_finding(gib(*BATCHES[:12]))
    assert (first.severity, first.status) == ("warning", "current")
    again = limit_finding(gib(*BATCHES, 7.3, 7.2))
    assert (again.severity, again.status) == ("warning", "long_standing")
    assert "It was above this limit from 2026-11-06 to 2026-11-08, too, and came back" in again.explanation


def test_a_critical_limit_that_is_crossed_as_before_is_a_warning() -> None:
    """Half of the memory is available."""
    one = limit_finding(gib(*[3] * 10, 12, 12, *[3] * 15, 12))
    assert (one.severity, one.status) == ("warning", "long_standing")
    assert one.explanation.endswith("so it is long-standing and a warning.")


@pytest.mark.parametrize(
    "amounts",
    [
        [*BATCHES, 7, 7, 7, 7],  # longer
        [*BATCHES, 8, 8],  # higher
        [*[3] * 27, 7],  # for the first time
        [*[3] * 10, 5, 5, *[3] * 15, 5.2, 5.3],  # it was below its limit then
        [*[3] * 10, 7, 7, *[5] * 15, 7],  # it did not come back
    ],
)
def test_what_does_not_come_back_as_it_was_is_new(amounts: Sequence[float]) -> None:
    """Longer, higher, for the first time: somebody has to look."""
    assert limit_finding(gib(*amounts)).status == "current"


def test_what_a_boot_has_ended_is_no_excuse() -> None:
    """A leak that is back after each reboot did not come back by itself."""
    before = [replace(one, boot_id="zero") for one in gib(*BATCHES, 7)[:20]]
    after = [replace(one, uptime_seconds=(8 + day) * 86400) for day, one in enumerate(gib(*BATCHES, 7)[20:])]
    assert limit_finding([*before, *after]).status == "current"


def test_where_memory_is_not_plenty_it_is_no_excuse_either() -> None:
    """A fifth of RAM has to be available."""
    samples = gib(*BATCHES, 7)
    samples[-1] = replace(samples[-1], memory_available_bytes=12 * GIB)
    assert limit_finding(samples).status == "current"
