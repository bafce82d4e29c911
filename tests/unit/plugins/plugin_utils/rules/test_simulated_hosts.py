# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small simulated fleet: the rules are quiet on healthy hosts and find leaks.
benchmarks/rules_on_simulated_hosts.py has the large one.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import LEAKING, Trouble, simulate
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import (
    days_until,
    episodes,
    plain_tiers,
    shipped_settings,
)


@pytest.mark.once
def test_healthy_hosts_are_quiet() -> None:
    """150 hosts over 49 days: more than 7,000 host-days. At one warning a day on 4,000 hosts, two of them are to be
    expected.
    """
    _tiers, alarms, host_days = episodes(
        (simulate(seed, days=110) for seed in range(20_000, 20_150)), shipped_settings(), 61
    )
    assert host_days > 7000
    assert sum(number for name, number in alarms.items() if name[0] == "warning") <= 5
    assert sum(number for name, number in alarms.items() if name[0] == "critical") <= 1


def test_leaks_are_found_in_time() -> None:
    """0.25 % of RAM a day, in every dimension that can leak, in the middle of a boot or with a new one."""
    hosts = [
        simulate(
            30_000 + place,
            days=76,
            trouble=Trouble(LEAKING[place % 6], 60, percent_a_day=0.25, with_reboot=place % 4 > 1),
        )
        for place in range(24)
    ]
    shipped = [days_until(host, shipped_settings(), most=14.3) for host in hosts]
    assert sum("any warning" in delays for delays in shipped) >= 23
    plain = [days_until(host, plain_tiers((0.25, 10), (0.5, 25), (1, 25)), most=14.3) for host in hosts]
    assert sum("warning" in delays for delays in plain) >= 23


def test_sudden_rises_are_found_in_two_audits() -> None:
    """Three times as much from day 60 on: suspected at once, a warning or worse at the second audit, where it is
    large enough to matter.
    """
    hosts = [
        simulate(40_000 + place, days=66, trouble=Trouble("slab_unreclaimable", 60, share=2.0), missing=0)
        for place in range(12)
    ]
    delays = [days_until(host, shipped_settings()).get("any warning") for host in hosts]
    found = [delay for delay in delays if delay is not None]
    assert len(found) >= 6
    assert max(found) < 2.5


def test_the_same_seed_gives_the_same_host() -> None:
    """Figures can be repeated."""
    assert simulate(7, days=30) == simulate(7, days=30)
    assert simulate(7, days=30) != simulate(8, days=30)
