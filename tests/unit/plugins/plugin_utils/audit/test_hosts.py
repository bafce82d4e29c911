# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an audit."""

from __future__ import annotations

import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry


def test_hosts_are_counted_walked_and_written_in_their_order() -> None:
    """One line each."""
    entries = [entry_of(entry(name)) for name in ("b", "a")]
    hosts = Hosts(entries)
    assert len(hosts) == 2 and list(hosts) == entries and hosts.whole(entries[0]) is entries[0]
    assert [json.loads(line)["name"] for line in hosts.lines()] == ["b", "a"]
    assert [one.name for one in hosts.replaced(entries[1:])] == ["a"]


def test_what_several_outputs_show_is_looked_for_once() -> None:
    """Page and screen show the causes of a run, for which whole hosts are read; other hosts are looked at for
    themselves.
    """
    asked: list[int] = []

    def names(hosts: Hosts) -> list[str]:
        asked.append(len(hosts))
        return [one.name for one in hosts]

    hosts = Hosts([entry_of(entry(name)) for name in ("b", "a")])
    assert hosts.found_once(names) == ["b", "a"] and hosts.found_once(names) is hosts.found_once(names)
    assert hosts.found_once(len) == 2 and asked == [2]
    assert hosts.replaced(hosts.entries[1:]).found_once(names) == ["a"]
