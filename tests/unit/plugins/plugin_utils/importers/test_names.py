# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A past goes to the host that it is of, or to none: what may be two hosts is refused and named."""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.names import (
    InventoryHost,
    Matcher,
    NameRules,
    renamed,
    without_port,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import Point

HOSTS = (
    InventoryHost("db1", "192.0.2.3"),
    InventoryHost("web7.example.org"),
    InventoryHost("app1", "app1.mgmt.example.org"),
    InventoryHost("v6", "2001:db8::1"),
    InventoryHost("twin.a.example.org"),
    InventoryHost("twin.b.example.org"),
)


def matched(*called: str, rules: NameRules | None = None) -> Matcher:
    """What is found of some names, in the inventory above where there are no other rules."""
    matcher = Matcher(rules or NameRules(hosts=HOSTS))
    matcher.match(called)
    return matcher


@pytest.mark.parametrize(
    ("called", "host"),
    [
        ("db1:9100", "db1"),
        ("192.0.2.3:9100", "db1"),
        ("WEB7.example.org:9100", "web7.example.org"),
        ("web7:9100", "web7.example.org"),
        ("app1.mgmt.example.org:9100", "app1"),
        ("app1.elsewhere.example.org", "app1"),
        ("[2001:db8:0:0::1]:9100", "v6"),
        ("2001:db8::1", "v6"),
    ],
)
def test_a_host_is_found_by_each_of_its_names(called: str, host: str) -> None:
    """Its name, its address in any form, its short name where one of the two has no domain."""
    assert matched(called).found.hosts == {called: host}


@pytest.mark.parametrize("called", ["192.0.2.30:9100", "web7.another.org:9100", "192:9100", "web", "db1x:9100"])
def test_what_only_looks_alike_is_no_match(called: str) -> None:
    """Two full names of different domains are two hosts, and a part of an address is no short name."""
    assert matched(called).found.unmatched == {called}


def test_one_name_of_two_hosts_is_refused_and_both_are_named() -> None:
    """Whichever was taken would be a guess."""
    assert matched("twin:9100").found.refused == {"twin:9100": "may be twin.a.example.org or twin.b.example.org"}


def test_two_names_of_one_host_are_refused_unless_one_is_surer() -> None:
    """Two exporters behind one address may be two containers; a full name beats a short one."""
    both = matched("192.0.2.3:9100", "192.0.2.3:9200").found
    assert (both.hosts, set(both.refused)) == ({}, {"192.0.2.3:9100", "192.0.2.3:9200"})
    surer = matched("web7.example.org:9100", "web7:9100").found
    assert surer.hosts == {"web7.example.org:9100": "web7.example.org"}
    assert surer.refused == {"web7:9100": "would be web7.example.org, and so would web7.example.org:9100"}


def test_the_users_rules_win() -> None:
    """By the full name first, then without its port, then by the pattern; several names may be one host."""
    matcher = matched(
        "10.0.0.1:9100",
        "10.0.0.2:9100",
        "node-db1-x:9100",
        "node-nobody-x:9100",
        rules=NameRules({"10.0.0.1:9100": "app1", "10.0.0.2": "app1"}, re.compile("^node-(.*)-x"), HOSTS),
    )
    assert matcher.found.hosts == {"10.0.0.1:9100": "app1", "10.0.0.2:9100": "app1", "node-db1-x:9100": "db1"}
    assert matcher.found.unmatched == {"node-nobody-x:9100"}


def test_without_an_inventory_every_host_is_taken_without_its_port() -> None:
    """And two ports of one name are refused all the same."""
    matcher = matched("web1:9100", "web2:9100", "web2:9200", rules=NameRules())
    assert matcher.found.hosts == {"web1:9100": "web1"} and set(matcher.found.refused) == {"web2:9100", "web2:9200"}


def test_points_of_nobody_are_left_out() -> None:
    """And what was refused once stays out, also in a later part."""
    matcher = matched()
    matcher.refuse("app1:9100", "is in several series")
    points = [Point(name, 1, {}) for name in ("db1:9100", "nobody:9100", "app1:9100")]
    assert [point.host for point in renamed(points, matcher)] == ["db1"]
    assert [point.host for point in renamed(points, matcher)] == ["db1"]


@pytest.mark.parametrize(
    ("name", "bare"), [("web1:9100", "web1"), ("web1", "web1"), ("[::1]:9100", "::1"), ("::1", "::1"), ("a:b", "a:b")]
)
def test_a_port_is_taken_off(name: str, bare: str) -> None:
    """The last group of an IPv6 address is no port."""
    assert without_port(name) == bare
