# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is behind names that grow, and what machine it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.look import caches, look, machine
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_names_of_merged_caches(tree: Tree) -> None:
    """The links of one directory are one cache."""
    folder = tree.folder / "sys/kernel/slab"
    (folder / ":0002048").mkdir(parents=True)
    (folder / ":0002048/reclaim_account").write_text("0\n")
    for name in ("kmalloc-2k", "biovec-max"):
        (folder / name).symlink_to(":0002048")
    assert caches(tree.host(), ["kmalloc-2k"]) == {
        "kmalloc-2k": {"object_bytes": 2048, "reclaimable": False, "aliases": ["biovec-max"]}
    }


WANTED = {"caches": ["kmalloc-2k", "../../etc"], "processes": [77], "names": [2, 12345], "sockets": []}


def test_only_what_is_asked_for_is_told(tree: Tree) -> None:
    """Processes that are gone are left out; the name of a cache is never a path."""
    found = look(tree.host(), WANTED)
    assert set(found["caches"]) == {"kmalloc-2k", "../../etc"}
    assert found["caches"]["../../etc"]["object_bytes"] is None
    assert set(found["processes"]) == {"77", "2"}
    assert found["descriptors"] == {"77": {"kinds": {}, "reason": "not_readable"}}
    assert found["profiling"] is None and found["tracing"]["root"] is None


def test_the_machine_is_told_with_its_modules_and_their_marks(tree: Tree) -> None:
    """A module from outside of the kernel's sources is what a vendor asks for first."""
    tree.write("proc/modules", "nvidia 1 0 - Live 0x0 (POE)\next4 1 0 - Live 0x0\n")
    tree.write("proc/sys/kernel/tainted", "4097\n")
    tree.write("proc/loadavg", "0.10 0.20 0.30 1/200 4242\n")
    found = machine(tree.host())
    assert found["modules"] == [["ext4", ""], ["nvidia", "POE"]]
    assert (found["taint"], found["load"], found["boot_id"]) == (4097, ["0.10", "0.20", "0.30", "1/200"], None)
    assert found["contained"] is False


def test_a_process_namespace_of_its_own_is_said(tree: Tree) -> None:
    """In a container other processes are not seen, so that their absence proves nothing."""
    (tree.folder / "proc/self/ns").mkdir(parents=True)
    (tree.folder / "proc/self/ns/pid").symlink_to("pid:[4026532999]")
    assert machine(tree.host())["contained"] is True
