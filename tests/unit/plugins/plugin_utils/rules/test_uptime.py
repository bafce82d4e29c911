# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A leak seen from one run, on numbers worked by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.uptime import (
    line_of,
    slopes_of,
    uptime_findings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    MIB,
    subject,
)

BAD, GOOD = "6.12.0-bad", "6.12.0-good"
DAY = 86400


def hosts(
    kernel=BAD,
    number=24,
    rate_mib=100.0,
    days=lambda number: 2.0 + number * 2,
    role="web",
    base=500,
    prefix="h",
    part="slab_unreclaimable_bytes",
):
    """Hosts with uptimes of 2, 4, 6 … days; each day costs *rate_mib*, and hosts differ by a few MiB."""
    return [
        subject(
            f"{prefix}{kernel}{role}{place}",
            groups=["production", role],
            kernel_release=kernel,
            uptime_seconds=int(days(place) * DAY),
            boot_id=None,
            **{part: int((base + rate_mib * days(place) + 7 * (place % 5)) * MIB)},
        )
        for place in range(number)
    ]


def others(number=24, **changes):
    """Hosts on another kernel that costs nothing."""
    return hosts(GOOD, number, **{"rate_mib": 0.0, **changes})


def test_a_kernel_that_costs_memory_each_day_is_named():
    """100 MiB a day: 2.1 GiB between the quartiles of 14 and 36 days, of 64 GiB; not so on the other kernel."""
    (found,) = uptime_findings([*hosts(), *others(), *others(role="db")])
    assert set(found.as_plain()) == {
        "kind",
        "what",
        "role",
        "dimension",
        "severity",
        "kernel",
        "hosts",
        "bytes_per_day",
        "low",
        "high",
        "explanation",
        "next_step",
        "command",
    }
    assert (found.kind, found.dimension, found.severity, found.hosts) == (
        "uptime_growth",
        "slab_unreclaimable",
        "warning",
        24,
    )
    assert found.kernel == f"{BAD} x86_64"
    assert (
        found.bytes_per_day == pytest.approx(100 * MIB, rel=0.02)
        and 98 * MIB < found.low <= found.bytes_per_day <= found.high < 102 * MIB
    )
    for words in (
        "On kernel 6.12.0-bad x86_64 each day of uptime costs about 10",
        "24 hosts",
        "up 14 to 36 days",
        "on other kernels, 24 such hosts show no growth",
        "so it is not levelling off",
        "It is an estimate",
    ):
        assert words in found.explanation, words


def test_without_another_kernel_it_is_information():
    """A fleet with one kernel has nothing to compare with, and says so."""
    (found,) = uptime_findings([*hosts(), *hosts(role="db")])
    assert found.severity == "info" and "no other kernel has enough hosts" in found.explanation


@pytest.mark.parametrize(
    ("why", "fleet"),
    [
        ("too few hosts", [*hosts(number=19), *others()]),
        ("uptimes are too alike", [*hosts(days=lambda place: 20 + place / 24), *others()]),
        (
            "uptimes are too alike for a large leak",
            [*hosts(days=lambda place: 20 + place / 6, rate_mib=2000.0), *others()],
        ),
        ("less than 1 % of RAM between the quartiles", [*hosts(rate_mib=25.0), *others()]),
        ("it falls", [*hosts(rate_mib=-10.0, base=2000), *others()]),
        ("the first day is warming up", [*hosts(days=lambda place: place / 24, rate_mib=5000.0), *others()]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_leak(why, fleet):
    """Each condition by itself keeps a kernel out."""
    assert uptime_findings(fleet) == [], why


def test_what_all_kernels_show_is_the_fleets():
    """Nobody can say whose doing it is, and all the same it must not be silent."""
    (found,) = uptime_findings([*hosts(), *others(rate_mib=90.0)])
    assert (found.what, found.severity, found.kernel, found.role, found.hosts) == ("fleet", "info", "", "", 48)
    assert found.explanation.startswith("On all hosts each day of uptime costs about 93")
    assert "no kernel and no role stands out" in found.explanation


def test_what_one_role_shows_on_all_kernels_is_the_roles():
    """The program that runs there, and not a kernel."""
    leaky = [one for kernel in (BAD, GOOD) for one in hosts(kernel, role="db")]
    (found,) = uptime_findings([*leaky, *others(), *hosts(rate_mib=0.0)])
    assert (found.what, found.severity, found.kernel, found.role, found.hosts) == ("role", "warning", "", "db", 48)
    assert found.explanation.startswith("In the group db each day of uptime costs about 100")
    assert "in other roles, 48 such hosts show no growth" in found.explanation


def test_a_role_on_a_kernel_that_leaks_is_not_told_again():
    """Its hosts are told by the kernel."""
    fleet = [*hosts(role="db"), *hosts(role="web"), *others(role="db"), *others(role="web")]
    assert [(one.what, one.hosts) for one in uptime_findings(fleet)] == [("kernel", 48)]


def test_a_leak_that_no_counter_names_is_seen():
    """A driver's pages are in nothing but the remainder."""
    fleet = [*hosts(part="unaccounted_bytes"), *others(part="unaccounted_bytes"), *others(role="db")]
    (found,) = uptime_findings(fleet)
    assert (found.what, found.dimension, found.severity) == ("kernel", "unaccounted", "warning")
    assert found.bytes_per_day == pytest.approx(100 * MIB, rel=0.02)


def test_a_cache_that_fills_up_is_no_leak():
    """4 GiB within ten days, and nothing more in the days after."""
    fleet = [
        subject(
            f"c{day}",
            groups=["web"],
            kernel_release=BAD,
            uptime_seconds=day * DAY,
            slab_unreclaimable_bytes=int(min(day, 10) / 10 * 4 * GIB),
        )
        for day in range(1, 31)
    ]
    assert uptime_findings([*fleet, *others()]) == []


@pytest.mark.parametrize(("later", "leaks"), [(52, False), (75, True)])
def test_growth_that_slows_down_is_no_leak(later, leaks):
    """100 MiB a day in the first 24 days, then 52 or 75: half as fast is slower, three quarters is noise."""
    fleet = [
        subject(
            f"s{day}",
            groups=["web"],
            kernel_release=BAD,
            uptime_seconds=day * DAY,
            slab_unreclaimable_bytes=(500 + min(day, 24) * 100 + max(day - 24, 0) * later) * MIB,
        )
        for day in range(2, 48)
    ]
    assert bool(uptime_findings([*fleet, *others(), *others(role="db")])) is leaks


def test_the_first_day_is_not_looked_at():
    """Hosts that were booted today are still starting."""
    fresh = hosts(number=8, days=lambda place: place / 10, prefix="fresh", base=9000)
    (found,) = uptime_findings([*hosts(), *fresh, *others(), *others(role="db")])
    assert found.hosts == 24


def test_a_mix_of_roles_is_no_leak():
    """Databases hold more and are rebooted less often; within each role nothing grows."""
    fleet = [
        *hosts(rate_mib=0.0, number=20),
        *hosts(rate_mib=0.0, number=20, role="db", base=8000, days=lambda place: 60 + place * 2),
        *others(),
    ]
    assert uptime_findings(fleet) == []


def test_a_mix_of_sizes_is_no_leak():
    """Large hosts are older here, and hold more because they are large."""
    large = [
        subject(
            f"l{day}",
            groups=["web"],
            kernel_release=BAD,
            uptime_seconds=day * DAY,
            memory_total_bytes=512 * GIB,
            slab_unreclaimable_bytes=8 * GIB,
        )
        for day in range(60, 80)
    ]
    assert uptime_findings([*hosts(rate_mib=0.0, number=20), *large, *others()]) == []


def test_a_leak_in_no_part_names_the_whole():
    """Two parts with half of it each, less the rest: neither makes up most of it."""
    fleet = [
        subject(
            f"h{place}",
            groups=["web"],
            kernel_release=BAD,
            uptime_seconds=(place + 2) * DAY,
            kernel_unreclaimable_bytes=(500 + 100 * place) * MIB,
        )
        for place in range(30)
    ]
    (found,) = uptime_findings([*fleet, *others(), *others(role="db")])
    assert found.dimension == "kernel_unreclaimable" and found.bytes_per_day == 100 * MIB


def test_many_hosts_are_few_points_and_give_the_same_line():
    """A cell of 400 hosts is looked at as 40 points, so that the time stays linear."""
    cell = hosts(number=400, days=lambda place: 2 + place / 5)
    assert len(slopes_of(cell, "slab_unreclaimable")) <= 40 * 39 / 2
    line = line_of([slopes_of(cell, "slab_unreclaimable")], [400], 42.0)
    assert line.slope == pytest.approx(100 * MIB, rel=0.01) and line.low <= line.slope <= line.high


def test_the_order_of_hosts_changes_nothing():
    """Two runs over the same fleet agree."""
    fleet = [*hosts(), *others(), *others(role="db")]
    assert uptime_findings(fleet) == uptime_findings(fleet[::-1])


def test_a_hostile_kernel_name_stays_one_line():
    """A release is text from a host."""
    (found,) = uptime_findings([*hosts(kernel="6.1\n\x1b[31m<script>" + "x" * 500), *others(), *others(role="db")])
    assert found.explanation.isprintable() and len(found.explanation) < 1000
