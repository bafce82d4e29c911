# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sudden rises and drops. On a 64 GiB host 1.25 % of RAM is 819.2 MiB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    MIB,
    days_of,
    found,
    judged,
    sample_at,
    the,
)


def spike(
    mib: Sequence[float | None], dimension: str = "page_tables", every: float = 1, **options: Any
) -> Finding | None:
    """The finding of a sudden rise in these amounts."""
    return found(judged(days_of(dimension, mib, every), **options), dimension, "spike")


def drop(mib: Sequence[float | None], dimension: str = "page_tables") -> Finding | None:
    """The finding of a sudden drop in these amounts."""
    return found(judged(days_of(dimension, mib)), dimension, "drop")


def test_first_seen_is_suspected_and_then_confirmed() -> None:
    """1,400 MiB where 400 were usual."""
    first, second = spike([400] * 20 + [1400]), spike([400] * 20 + [1400, 1410])
    assert first is not None
    assert second is not None
    assert (first.severity, first.status) == ("info", "suspected")
    assert (second.severity, second.status) == ("warning", "confirmed")
    assert second.explanation == (
        "Memory of page tables is 1.4 GiB; the 14 samples before it changed, since the boot on 2026-08-16, were "
        "around 400 MiB (usual spread 8 MiB), so this"
        " is 1010 MiB more (252.5 %); seen in 2 audits since 2026-11-23; a rise above 1.2 GiB counts in production "
        "(1.25 % of RAM, at least 64 MiB, at most"
        " 4 GiB, and 50 % of the level)."
    )
    assert second.evidence == {
        "median_bytes": 400 * MIB,
        "mad_bytes": 8 * MIB,
        "samples": 14,
        "z": 126.2,
        "window_days": 13,
        "confirmed_runs": 2,
        "basis": "segment",
        "since": "2026-11-22T12:00:00Z",
    }


def test_limit_is_the_nearest_value_that_is_no_finding() -> None:
    """Just below it nothing is said."""
    finding = spike([400] * 20 + [1400])
    assert finding is not None
    at = finding.limit / MIB
    assert spike([400] * 20 + [at - 0.1]) is None
    assert spike([400] * 20 + [at + 0.1]) is not None


@pytest.mark.parametrize(
    "mib",
    [
        [400] * 20 + [1200],  # less than 1.25 % of RAM
        [4000] * 20 + [5500],  # less than half of what is usual
        [400, 1400] * 10 + [1500],  # a restless host
        [400] * 20 + [1400, 400],  # it is over
        [400] * 6 + [1400],  # no baseline yet
        [400] * 20 + [None],
        [400] * 5 + [1400] * 20,  # the new usual
    ],
)
def test_what_is_no_spike(mib: Sequence[float | None]) -> None:
    """Amount, share of the level and rest of the host all have to say so."""
    assert spike(mib) is None


def test_a_spike_lasts_a_week_and_is_not_forgotten_while_the_baseline_learns_it() -> None:
    """The baseline is frozen where the change began."""
    runs = [spike([400] * 20 + [1400] * days) for days in range(1, 12)]
    assert [finding is not None for finding in runs] == [True] * 8 + [False] * 3
    assert [finding.evidence["confirmed_runs"] for finding in runs if finding is not None] == list(range(1, 9))


def test_two_runs_within_minutes_are_one() -> None:
    """Only a second audit hours later confirms."""
    samples = [*days_of("page_tables", [400] * 20 + [1400]), sample_at(0.02, page_tables=1400 * MIB)]
    finding = found(judged(samples), "page_tables", "spike")
    assert finding is not None
    assert (finding.status, finding.evidence["confirmed_runs"]) == ("suspected", 1)


def test_however_much_it_is_a_warning() -> None:
    """How near it brings the host to an end is said by its limit, and by growth that goes on."""
    findings = [
        found(judged(days_of("page_tables", [400] * 20 + [400 + more] * 2)), "page_tables", "spike")
        for more in (1000, 4000, 9000)
    ]
    assert [None if finding is None else finding.severity for finding in findings] == ["warning"] * 3


def test_drops_are_information() -> None:
    """Less kernel memory hurts nobody."""
    finding = drop([3000] * 20 + [1000] * 2)
    assert finding is not None
    assert (finding.severity, finding.status) == ("info", "confirmed")
    assert finding.value < finding.limit


def test_a_drop_is_measured_by_the_level_that_was_lost() -> None:
    """600 MiB of slab are 0.9 % of 64 GiB, less than a rise has to be; that nearly all of it is gone is told."""
    finding = drop([600] * 20 + [20] * 2)
    assert finding is not None
    assert finding.severity == "warning"
    assert "1.25 % of RAM, at least 16 MiB, at most 64 MiB, and 50 % of the level" in finding.explanation
    assert drop([100] * 20 + [40] * 2) is None


def test_nearly_everything_gone_is_a_warning() -> None:
    """More than 80 % without a reboot: a counter or a workload vanished."""
    finding = drop([3000] * 20 + [500] * 2)
    assert finding is not None
    assert finding.severity == "warning"
    assert "more than 80 % is gone without a reboot" in finding.explanation
    once = drop([3000] * 20 + [500])
    assert once is not None
    assert once.severity == "info"


def after_boot(mib: float, days: int, kernel: str = "7.0") -> list[Sample]:
    """Fourteen days of 400 MiB, then a boot into a kernel and some days of another amount."""
    before = [sample_at(day - days, boot="one", uptime_days=60 + day) for day in range(-14, 0)]
    return before + [
        sample_at(day + 1 - days, boot="two", uptime_days=2 + day, kernel=kernel, page_tables=round(mib * MIB))
        for day in range(days)
    ]


@pytest.mark.parametrize(("kernel", "words"), [("7.0", "with another kernel"), ("6.12.0", "with the same kernel")])
def test_a_new_boot_is_compared_with_the_one_before(kernel: str, words: str) -> None:
    """One severity lower, and it says with what."""
    finding = found(judged(after_boot(1400, 3, kernel)), "page_tables", "spike")
    assert finding is not None
    assert (finding.severity, finding.status, finding.evidence["basis"]) == ("info", "confirmed", "previous_boot")
    assert words in finding.explanation
    assert the(judged(after_boot(4000, 3, kernel)), "page_tables", "spike").severity == "warning"


def test_a_boot_is_no_drop_and_its_own_history_replaces_the_old() -> None:
    """Less after a boot is normal; after seven samples the boot before is history."""
    assert found(judged(after_boot(50, 3)), "page_tables", "drop") is None
    assert found(judged(after_boot(1400, 9)), "page_tables", "spike") is None


def test_several_short_boots_are_compared_together() -> None:
    """A host that reboots every week never has seven samples of one boot."""
    samples = [
        sample_at(7 * week + day - 3, boot=f"boot {week}", uptime_days=day + 0.1)
        for week in range(-3, 0)
        for day in range(7)
    ]
    samples += [sample_at(day, boot="now", uptime_days=day + 3, page_tables=4000 * MIB) for day in (-1, 0)]
    finding = found(judged(samples), "page_tables", "spike")
    assert finding is not None
    assert finding.evidence["samples"] == 14
    assert finding.severity == "warning"


@pytest.mark.parametrize("per_day", [150, 300, 500, 2000])
def test_fast_growth_is_never_lost(per_day: int) -> None:
    """First the level shows it, later the trend; from the first warning on, every audit has one."""
    alarms = []
    for days in range(1, 31):
        answer = judged(days_of("slab_unreclaimable", [600] * 20 + [600 + per_day * (day + 1) for day in range(days)]))
        alarms.append(any(one.severity in ("warning", "critical") for one in answer.judgement.findings))
    assert True in alarms[:8]
    assert all(alarms[alarms.index(True) :])


STAIRS = [*[2000] * 17, 2700, 2700, 2700]
"""MiB on a host of 64 GiB: a step that counts only with the next one."""


def test_two_steps_that_do_not_count_are_no_sudden_rise() -> None:
    """A release adds a third, the next one a fifth: together they are above what counts, and neither is sudden."""
    one = spike([*STAIRS, 3200, 3210])
    assert one is not None and (one.severity, one.status) == ("info", "confirmed")
    assert "it was at 2.6 GiB before already, so the last step alone does not count" in one.explanation


@pytest.mark.parametrize(
    "mib",
    [
        [*STAIRS, 4100, 4110],  # twice the usual level
        [*STAIRS[:17], 3200, 3210],  # one step
        [*STAIRS, 3200, 3500],  # it goes on
        [*[1000] * 17, 1400, 1400, 1400, 2000, 2000],  # twice, on a small level
    ],
)
def test_steps_that_are_a_sudden_rise(mib: Sequence[float]) -> None:
    """Whatever doubles what is usual within two weeks is told, and so is what does not stop."""
    one = spike(mib)
    assert one is not None and one.severity == "warning"
