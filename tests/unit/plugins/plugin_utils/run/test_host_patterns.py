# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns stand for the hosts that they were made of, and for no other, in Ansible's own inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.host_patterns import patterns_of

ODD = ["a:b", "web[1]", "db,1", "x!y", "w*", "::1", "uü", "&amp", "a b", "~tilde", "!not", "a|b", "(x)", "a.b", "all2"]
OTHERS = ["b", "web1", "db", "axb", "wide", "u", "amp", "plain"]


def inventory(names: list[str]) -> InventoryManager:
    """An inventory of hosts with these names."""
    manager = InventoryManager(DataLoader(), sources=[])
    for name in names:
        manager.add_host(name, "all")
    manager.reconcile_inventory()
    return manager


@pytest.mark.parametrize("name", [*ODD, *OTHERS, "localhost"])
def test_a_name_stands_for_itself(name: str) -> None:
    """A host whose name looks like a pattern must neither be lost nor bring others with it."""
    manager = inventory([*ODD, *OTHERS, "localhost"])
    assert [host.name for host in manager.get_hosts(patterns_of([name]))] == [name]


def test_all_together() -> None:
    """The order is Ansible's affair; each is there once."""
    manager = inventory([*ODD, *OTHERS])
    assert sorted(host.name for host in manager.get_hosts(patterns_of([*ODD, *ODD]))) == sorted(ODD)
    assert patterns_of([]) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1).filter(lambda name: name.strip() == name), min_size=1, max_size=5, unique=True))
def test_any_name(tmp_path: Path, names: list[str]) -> None:
    """Inventory plugins name hosts as they like."""
    wanted = [name for name in names if name not in ("all", "ungrouped")]
    manager = inventory(wanted)
    assert {host.name for host in manager.get_hosts(patterns_of(wanted) or ["!all"])} == set(wanted)
