# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts, one culprit."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    healthy,
    lost,
    page_tables,
    sick,
    whole,
)


def test_what_sick_hosts_share_is_one_sentence() -> None:
    """The question of a fleet: is it one thing?"""
    found = whole(healthy("web8"), sick("web1"), sick("web2"), healthy("web9"))
    assert found["sentence"] == (
        "`packet_set_ring`, called by `tcpdump`: on 2 of 2 hosts, and on none of the 2 hosts of the same kernel that "
        "are healthy."
    )
    assert [host["name"] for host in found["hosts"]] == ["web1", "web2", "web8", "web9"]
    assert found["shared"][0]["sick"] == ["web1", "web2"]


def test_what_healthy_hosts_have_as_well_is_said() -> None:
    """Then it alone makes no host sick."""
    found = whole(page_tables("a", "db"), page_tables("b", "db"), page_tables("c", "db", "healthy"))
    assert found["sentence"].endswith(
        "on 2 of 2 hosts; but also on 1 of the 1 host that are healthy, so it alone makes no host sick."
    )


def test_several_culprits_are_several_sentences() -> None:
    """What most have first."""
    hosts = [sick(f"web{number}") for number in range(3)] + [page_tables(f"db{number}", "db") for number in range(2)]
    assert [len(one["sick"]) for one in whole(*hosts)["shared"]] == [3, 2]


def test_hosts_without_anything_in_common() -> None:
    """No culprit of all is made up."""
    found = whole(page_tables("a", "db"), sick("b"))
    assert found["shared"] == []
    assert found["sentence"].startswith("The hosts have no culprit in common; a, for example: `db`")


def test_one_host_only() -> None:
    """Its own sentence; of a healthy one that nothing grows; of one without an answer that there is none."""
    assert whole(sick("a"))["sentence"].startswith("`packet_set_ring` < `packet_setsockopt`, called by `tcpdump`")
    assert whole(healthy("a"))["sentence"] == "Nothing grows in 4 windows of 4 seconds."
    assert whole(lost("a"))["sentence"] == "None of 1 host could be investigated."
    assert whole(healthy("a"), healthy("b"))["sentence"] == "Nothing grows on 2 hosts."
    assert whole(healthy("a"), sick("b"))["sentence"].startswith("Only on b: `packet_set_ring`")


def test_modules_that_only_the_sick_have_are_named() -> None:
    """A module from outside is the first suspect, where no healthy host has it."""
    hosts = [sick("a"), sick("b"), healthy("c")]
    for host in hosts[:2]:
        host["machine"]["foreign_modules"] = ["nic_driver", "scanner"]
    hosts[2]["machine"]["foreign_modules"] = ["scanner"]
    assert whole(*hosts)["differences"] == [
        "All 2 hosts that are sick, and none of the healthy, have loaded `nic_driver`."
    ]


def test_the_same_command_in_different_functions_is_shared() -> None:
    """The function first, then the command: what many have in common may be less than all of it."""
    other = sick("web2")
    other["culprits"][0]["functions"] = ["tpacket_rcv"]
    shared = whole(sick("web1"), other)["shared"]
    assert [one["subject"] for one in shared] == ["`tcpdump`"]


def test_what_is_not_sure_is_not_shared() -> None:
    """Two guesses are no proof."""
    hosts = [sick("web1"), sick("web2")]
    for host in hosts:
        host["culprits"][0]["confidence"] = "low"
    assert whole(*hosts)["shared"] == []
