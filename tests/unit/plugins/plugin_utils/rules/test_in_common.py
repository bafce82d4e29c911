# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts with the same finding have in common."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.in_common import (
    Traits,
    boot_parameters,
    member_of,
    traits_of,
    traits_of_subjects,
    weight,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import subject


def test_the_weight_is_chernoff_s_bound():
    """6 of 9, none of 98 others: the rest is taken as 1 of 100."""
    assert weight(6, 9, 0, 98) == pytest.approx(9 * (2 / 3 * log((2 / 3) / 0.01) + 1 / 3 * log((1 / 3) / 0.99)))


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ((4, 4, 0, 1000), "fewer than five hosts"),
        ((6, 9, 0, 0), "nobody else"),
        ((10, 100, 51, 1000), "less than twice the rate"),
        ((5, 100, 0, 10), "none in ten others says little"),
    ],
)
def test_what_does_not_stand_out(numbers, why):
    """Each of these is no news."""
    assert weight(*numbers) == 0, why


def test_twice_the_rate_by_chance_is_not_named():
    """5 of 100 where 2 % of the others have it happens all the time."""
    assert 0 < weight(5, 100, 20, 1000) < 7 < weight(50, 1000, 20, 1000)
    traits = Traits({f"h{n}": [("kernel", "b" if n < 100 else "a")] for n in range(1100)})
    assert traits.best([*(f"h{n}" for n in range(5)), *(f"h{n}" for n in range(200, 220))]) is None


def test_the_best_explanation_wins():
    """All on kernel b have it; the role has them too, and more hosts without it."""
    traits = Traits(
        {f"h{n}": [("kernel", "b" if n < 10 else "a"), ("role", "web" if n < 20 else "db")] for n in range(60)}
    )
    best = traits.best([f"h{n}" for n in range(10)])
    assert (best.what, best.name, best.hosts_with, best.hosts_there, best.rest_with, best.rest) == (
        "kernel",
        "b",
        10,
        10,
        0,
        50,
    )
    assert best.record("grow alike") == {
        "what": "kernel",
        "name": "b",
        "hosts_with": 10,
        "hosts_there": 10,
        "rate_percent": 100,
        "rest_rate_percent": 0,
        "sentence": "10 of 10 hosts on kernel b grow alike (100.0 %), 0 of the 50 others do (0.0 %).",
    }


def test_equal_explanations_go_to_the_kernel():
    """Where a role runs one kernel of its own, nobody can tell; the kernel is what can be changed."""
    traits = Traits(
        {f"h{n}": [("role", "web" if n < 10 else "db"), ("kernel", "b" if n < 10 else "a")] for n in range(60)}
    )
    assert traits.best([f"h{n}" for n in range(10)]).what == "kernel"


def test_a_host_has_these_traits():
    """Kernel, groups that are roles, environment, hardware, boot parameters."""
    hosts = [subject(f"h{n}", groups=["production", "all-of-us", "web" if n else "db"]) for n in range(12)]
    members = [member_of(host) for host in hosts]
    members[0] = replace(
        members[0],
        command_line="BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet rd.lvm.lv=x cgroup.memory=nokmem hugepages=10",
    )
    assert traits_of(members, {"production"}).of["h0"] == [
        ("role", "db"),
        ("kernel", "6.12.0 x86_64"),
        ("environment", "production"),
        ("hardware", "x86_64, physical, up to 16 CPUs, 32 to 64 GiB of RAM"),
        ("boot_parameter", "cgroup.memory=nokmem"),
        ("boot_parameter", "hugepages=10"),
    ]
    # All hosts but one are in web, so it says nothing.
    assert traits_of_subjects(hosts, {"production"}).of["h1"] == [
        ("kernel", "6.12.0 x86_64"),
        ("environment", "production"),
        ("hardware", "x86_64, physical, up to 16 CPUs, 32 to 64 GiB of RAM"),
    ]


def test_boot_parameters_are_bounded():
    """A command line is text from a host."""
    assert boot_parameters(None) == [] and boot_parameters(7) == []
    assert len(boot_parameters(" ".join(f"p{n}" for n in range(5000)))) == 64
    assert all(len(one) <= 100 for one in boot_parameters("x" * 3000))
