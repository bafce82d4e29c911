# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a past can't be asked is said, question by question: else a host that nobody could judge looks well."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Owner
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.host_history import OwnHistory
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.questions import QUESTIONS, not_asked
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    found,
    judged,
    sample_at,
    series_before,
    subject_of,
)

MIB = 1024**2
A_CACHE = (Owner("slab", "dentry", 5 * MIB),)


def asked(samples: list[Sample], owners: tuple[Owner, ...] = A_CACHE, growing: tuple[str, ...] = ()) -> dict[str, str]:
    """Return what the past of the last sample can't be asked."""
    subject = subject_of(samples[-1])
    assert subject.facts is not None
    subject = replace(subject, facts=replace(subject.facts, owners=owners))
    answer = not_asked(OwnHistory(subject, series_before(samples)), growing)
    assert set(answer) <= set(QUESTIONS)
    return answer


def line(number: int, every: float, a_sample: int = 200) -> list[Sample]:
    """Return samples of a host that leaks so many MiB from one to the next."""
    return [
        sample_at((place + 1 - number) * every, slab_unreclaimable=(400 + a_sample * place) * MIB)
        for place in range(number)
    ]


@pytest.mark.parametrize("every", [0.5, 1, 3, 7, 10])
@pytest.mark.parametrize("number", range(1, 12))
def test_a_leak_is_seen_where_growth_can_be_asked_and_only_there(number: int, every: float) -> None:
    """The answer and the engine agree, at any distance of the audits."""
    samples = line(number, every)
    missing, growth = asked(samples), found(judged(samples), "slab_unreclaimable", "growth")
    if "growth" in missing:
        assert growth is None
    elif "slow_growth" not in missing:
        assert growth is not None
        assert ("growth_warning" in missing) <= (growth.severity == "info")


def test_few_samples_say_how_many_are_missing_and_until_when() -> None:
    """The reader sees whether waiting helps."""
    missing = asked(line(3, 7))
    assert missing["growth"].startswith("needs 6 samples of one boot, has 3 since the boot on ")
    assert re.search(r"; from about 20\d\d-\d\d-\d\d on$", missing["growth"])
    assert missing["sudden_changes"] == "needs 7 earlier samples of one boot, has 2"
    assert asked([sample_at(0)])["growth"] == "needs 6 samples, has 1"


def test_samples_of_one_day_can_show_no_slow_growth() -> None:
    """Twenty of them are many, and still span too little."""
    assert asked(line(20, 0.1, 1)) == {"slow_growth": "needs 5 days of one boot, has 46 hours"}


def test_a_host_that_boots_more_often_than_it_is_audited_is_never_judged_and_says_so() -> None:
    """Waiting would not help."""
    samples = [
        sample_at(-7.0 * (19 - place), boot=f"boot {place // 4}", uptime_days=1.5 + 7 * (place % 4))
        for place in range(20)
    ]
    assert "; the last 3 boots had 4 at most, so audit it more often" in asked(samples)["growth"]


@pytest.mark.parametrize(
    ("uptime_days", "gib", "said"),
    [
        (
            2.0,
            5,
            "grew by 106.7 MiB an hour since boot on average, at most, which reaches the critical limit in 2.1 days",
        ),
        (20.0, 5, "grew by 256 MiB a day since boot on average, at most, which reaches the critical limit in 21 days"),
        (200.0, 5, ""),
        (20.0, 20, ""),
        (0.01, 5, ""),
    ],
)
def test_without_a_past_the_uptime_bounds_what_has_grown(uptime_days: float, gib: int, said: str) -> None:
    """The first audit knows this much: all of it came since the boot, at most. 16 % of 64 GiB are critical."""
    sample = sample_at(0, uptime_days=uptime_days, slab_unreclaimable=gib * 1024 * MIB, percpu=900 * MIB)
    expected = f"; unreclaimable slab {said}" if said else ""
    assert asked([sample])["growth"] == f"needs 6 samples, has 1{expected}"


def test_without_boot_id_and_uptime_a_reboot_is_a_drop() -> None:
    """Growth is asked all the same."""
    samples = [replace(one, boot_id=None, uptime_seconds=None) for one in line(10, 1)]
    assert list(asked(samples)) == ["boots"]
    assert "boots" not in asked(line(10, 1))


def test_without_slab_caches_nobody_can_say_who_grew() -> None:
    """Where slab is small and does not grow nobody would ask, and of a stored sample nobody knows more."""
    large, small = line(10, 1, 400), line(10, 1, 1)
    assert list(asked(large, ())) == ["owners"]
    assert asked(small, ()) == {}
    assert list(asked(small, (), ("slab_unreclaimable",))) == ["owners"]
    stored = replace(subject_of(large[-1]), facts=None)
    assert not_asked(OwnHistory(stored, series_before(large)), ()) == {}
