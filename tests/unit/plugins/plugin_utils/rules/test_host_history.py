# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules over a host's own history share: what memory its shares are of, and which samples are the usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Change
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.host_history import OwnHistory
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    GIB,
    days_of,
    sample_at,
    series_before,
    subject_of,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    SETTINGS,
)

SAMPLES = days_of("percpu", [400] * 21)


def history(samples=SAMPLES, **changes):
    """The history of the host that showed these samples."""
    return OwnHistory(subject_of(samples[-1], **changes), series_before(samples))


@pytest.mark.parametrize("days", [(0,), (-1, 0)], ids=["now", "since the last audit"])
def test_shares_are_of_ram_with_what_a_balloon_has_taken(days):
    """A guest whose balloon took half did not get twice as much kernel memory for its RAM."""
    before = [sample_at(day, balloon_bytes=0) for day in range(-20, days[0])]
    samples = before + [sample_at(day, memory_total_bytes=32 * GIB, balloon_bytes=32 * GIB) for day in days]
    assert history(samples).memory("slab_unreclaimable") == 64 * GIB
    assert history().memory("slab_unreclaimable") == 64 * GIB


def test_a_level_is_never_less_than_the_error_of_a_remainder():
    """What no counter names is known to within its band; less than that is no change."""
    level = Change(1, 50)
    assert history().amount("percpu", level).kib == int(0.64 * GIB) // 1024
    banded = history(unaccounted_band_bytes=3 * GIB)
    assert banded.amount("unaccounted", level).kib == 3 * 1024**2
    assert banded.amount("percpu", level).kib == int(0.64 * GIB) // 1024
    assert banded.amount("percpu", level).share == 0.5


def test_the_usual_is_of_the_boot_that_runs():
    """After a reboot the samples before it say nothing of what is usual now."""
    before = [sample_at(day, boot="one") for day in range(-20, -6)]
    samples = before + [sample_at(day, boot="two", uptime_days=7 + day) for day in range(-5, 1)]
    own = history(samples)
    places, span, stale = own.baseline_places(own.past.segment_of("percpu"))
    assert [own.past.times[place] for place in places] == [one.collected_at for one in samples[14:-1]]
    assert span == 4 and not stale


def test_a_severity_is_no_higher_than_the_policy_allows_and_says_so():
    """Whoever reads *info* beside a leak must see that the policy wanted it so."""
    remarks: list[str] = []
    lowered = replace(SETTINGS, severities={"percpu.growth": "info"})
    own = history(settings=lowered)
    assert own.capped("critical", "percpu", "growth", remarks) == "info" and len(remarks) == 1
    assert own.capped("critical", "percpu", "limit", remarks) == "critical" and len(remarks) == 1


def test_what_is_worked_out_once_is_the_same_again():
    """Fourteen dimensions ask; each answer must be that of the first."""
    own = history()
    segment = own.past.segment_of("percpu")
    assert own.baseline_places(segment) is own.baseline_places(segment)
    assert own.began_text(segment) == own.began_text(segment) and own.began_text(segment).endswith("Z")
