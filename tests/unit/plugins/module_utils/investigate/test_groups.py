# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel memory of control groups, of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.groups import groups
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_control_groups_are_summed(tree: Tree) -> None:
    """By the kernel's own sum where it has one, else by the parts."""
    assert groups(tree.host()) == {"/system.slice": 8292, "/system.slice/web.service": 31}


def test_version_1_has_one_number(tree: Tree) -> None:
    """Kernel memory of a group is a file of its own there."""
    (tree.folder / "sys/fs/cgroup/cgroup.controllers").unlink()
    tree.write("sys/fs/cgroup/memory/app/memory.kmem.usage_in_bytes", "4096\n")
    assert groups(tree.host()) == {"/app": 4096}


def test_of_many_groups_those_near_the_top_are_read(tree: Tree) -> None:
    """A host of ten thousand containers is cut, and it is said."""
    for number in range(500):
        tree.write(f"sys/fs/cgroup/system.slice/one-{number}/memory.stat", "kernel 1\n")
    host = tree.host()
    found = groups(host)
    assert len(found) == 400 and found["/system.slice"] == 8292
    assert host.errors["sys/fs/cgroup"] == "limit"
