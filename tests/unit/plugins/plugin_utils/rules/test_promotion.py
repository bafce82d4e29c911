# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth to watch that becomes a warning where many hosts grow alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.promotion import promote
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    SETTINGS,
    growth,
    subject,
)


def fleet(growing=6, there=9, rest=412, rest_growing=3, **changes):
    """*growing* of *there* hosts on kernel X, *rest_growing* of *rest* others; and the findings of those that grow."""
    hosts = [subject(f"x{n}", kernel_release="X", groups=["production"]) for n in range(there)]
    others = [subject(f"o{n}", kernel_release="Y", groups=["production"]) for n in range(rest)]
    found = {f"x{n}": [growth(**changes)] for n in range(growing)}
    return [*hosts, *others], found | {f"o{n}": [growth()] for n in range(rest_growing)}


def test_six_of_nine_hosts_on_a_kernel_grow_alike():
    """A warning on the six, with the numbers; information on the three others."""
    hosts, found = fleet()
    promoted = promote(hosts, found)
    assert sorted(promoted) == [f"x{n}" for n in range(6)]
    assert [one.severity for findings in promoted.values() for one in findings] == ["warning"] * 6
    (first,) = promoted["x0"]
    assert first.explanation == (
        "It has grown steadily. 6 of 9 hosts on kernel X x86_64 grow alike (66.7 %), 3 of the 412 others do (0.73 "
        "%). So this is a warning."
    )
    assert first.evidence["samples"] == 14 and first.evidence["shared"]["hosts_with"] == 6
    assert promote(hosts, {**found, **promoted}) == {}


@pytest.mark.parametrize("status", ["suspected", "confirmed"])
def test_suspected_growth_is_promoted_too(status):
    """Six hosts that are suspected are more than one that is confirmed."""
    assert len(promote(*fleet(status=status))) == 6


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
    assert promote(*fleet(**changes)) == {}


def test_a_role_counts_as_well():
    """Eight of ten hosts of a role, on any kernel."""
    hosts = [subject(f"h{n}", groups=["db" if n < 10 else "web"], kernel_release=f"6.{n % 3}") for n in range(200)]
    promoted = promote(hosts, {f"h{n}": [growth()] for n in range(8)})
    assert len(promoted) == 8 and "in the group db grow alike" in promoted["h0"][0].explanation


def test_what_is_a_warning_already_counts_and_stays_as_it_is():
    """Growth of any severity is growth; only information is raised, and other dimensions are not touched."""
    hosts, found = fleet()
    found["x0"] = [growth(severity="critical")]
    found["x1"].append(growth("percpu"))
    promoted = promote(hosts, found)
    assert sorted(promoted) == [f"x{n}" for n in range(1, 6)]
    assert promoted["x1"][0].severity == "warning" and promoted["x1"][1] == growth("percpu")


def test_the_policy_can_keep_it_information():
    """severities: information at most stays so. development gets a warning at most, and this is one."""
    hosts, found = fleet()
    capped = replace(SETTINGS, severities={"slab_unreclaimable.growth": "info"})
    hosts[0] = subject("x0", kernel_release="X", settings=capped)
    hosts[1] = subject("x1", kernel_release="X", settings=replace(SETTINGS, highest_severity="warning"))
    assert sorted(promote(hosts, found)) == ["x1", "x2", "x3", "x4", "x5"]


def test_findings_that_others_hold_are_not_changed():
    """What is raised is a new finding in a new list."""
    mine = [growth()]
    hosts, found = fleet()
    found["x0"] = mine
    promoted = promote(hosts, found)
    assert mine == [growth()] and promoted["x0"] != mine
