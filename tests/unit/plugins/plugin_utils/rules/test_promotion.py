# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth to watch that becomes a warning where many hosts grow alike."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.promotion import most_severe, promote
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    SETTINGS,
    growth,
    subject,
)


def fleet(growing=6, there=9, rest=412, rest_growing=3, **changes):
    """*growing* of *there* hosts on kernel X, *rest_growing* of *rest* others."""
    hosts = [
        subject(f"x{n}", kernel_release="X", groups=["production"], findings=[growth(**changes)] if n < growing else [])
        for n in range(there)
    ]
    return hosts + [
        subject(f"o{n}", kernel_release="Y", groups=["production"], findings=[growth()] if n < rest_growing else [])
        for n in range(rest)
    ]


def test_six_of_nine_hosts_on_a_kernel_grow_alike():
    """A warning on the six, with the numbers; information on the three others."""
    hosts = fleet()
    promoted = promote(hosts)
    assert sorted(one["name"] for one in promoted) == [f"x{n}" for n in range(6)]
    assert [host.findings[0]["severity"] for host in hosts[:6]] == ["warning"] * 6
    assert [host.findings[0]["severity"] for host in hosts[9:12]] == ["info"] * 3
    assert hosts[0].findings[0]["explanation"] == (
        "It has grown steadily. 6 of 9 hosts on kernel X x86_64 grow alike (66.7 %), 3 of the 412 others do (0.73 "
        "%). So this is a warning."
    )
    assert (
        hosts[0].findings[0]["evidence"]["samples"] == 14
        and hosts[0].findings[0]["evidence"]["shared"]["hosts_with"] == 6
    )
    assert promote(hosts) == []


@pytest.mark.parametrize("status", ["suspected", "confirmed"])
def test_suspected_growth_is_promoted_too(status):
    """Six hosts that are suspected are more than one that is confirmed."""
    assert len(promote(fleet(status=status))) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"growing": 4, "there": 4},
        {"rest": 0, "rest_growing": 0},
        {"rest_growing": 200},
        {"growing": 5, "there": 100},
        {"status": "levelling_off"},
        {"growing": 19, "there": 200, "rest_growing": 0},
        {"growing": 5, "there": 40, "rest": 100, "rest_growing": 3},
    ],
)
def test_what_is_not_promoted(changes):
    """Too few, nobody to compare with, others alike, chance, what stops by itself, less than a tenth."""
    assert promote(fleet(**changes)) == []


def test_a_role_counts_as_well():
    """Eight of ten hosts of a role, on any kernel."""
    hosts = [
        subject(
            f"h{n}",
            groups=["db" if n < 10 else "web"],
            kernel_release=f"6.{n % 3}",
            findings=[growth()] if n < 8 else [],
        )
        for n in range(200)
    ]
    assert len(promote(hosts)) == 8 and "in the group db grow alike" in hosts[0].findings[0]["explanation"]


def test_what_is_a_warning_already_counts_and_stays_as_it_is():
    """Growth of any severity is growth; only information is raised, and other dimensions are not touched."""
    hosts = fleet()
    hosts[0].findings[:] = [growth(severity="critical")]
    hosts[1].findings.append(growth("percpu"))
    assert len(promote(hosts)) == 5
    assert hosts[0].findings == [growth(severity="critical")] and hosts[1].findings[1] == growth("percpu")


def test_the_policy_can_keep_it_information():
    """severities: information at most stays so. development gets a warning at most, and this is one."""
    hosts = fleet()
    capped = {**SETTINGS, "severities": {"slab_unreclaimable.growth": "info"}}
    hosts[0] = subject("x0", kernel_release="X", settings=capped, findings=[growth()])
    hosts[1] = subject(
        "x1", kernel_release="X", settings={**SETTINGS, "highest_severity": "warning"}, findings=[growth()]
    )
    assert sorted(one["name"] for one in promote(hosts)) == ["x1", "x2", "x3", "x4", "x5"]


def test_the_most_severe_that_may_be_said():
    """The lowest of environment, policy and what holds the memory."""
    holders = [{"name": None, "kind": "zfs", "bytes": None, "explanation": None}]
    assert most_severe(subject(), "percpu", "growth") == "critical"
    assert most_severe(subject(settings={**SETTINGS, "highest_severity": "warning"}), "percpu", "growth") == "warning"
    assert most_severe(subject(holders=holders), "unaccounted", "growth") == "info"
    assert most_severe(subject(holders=holders), "percpu", "growth") == "critical"
    assert most_severe(subject(holders=[{**holders[0], "kind": "driver"}]), "unaccounted", "growth") == "critical"


def test_findings_that_others_hold_are_not_changed():
    """The list of a subject is changed; the mappings in it are not."""
    mine = growth()
    hosts = fleet()
    hosts[0].findings[:] = [mine]
    promote(hosts)
    assert mine == growth() and hosts[0].findings[0] is not mine
