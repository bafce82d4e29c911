# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are read bounded, under a deadline, and what could not be read has a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import number
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import (
    SLABINFO,
    Tree,
)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_a_file_that_is_too_large_is_cut_and_said(tree: Tree) -> None:
    """A file without end must not fill the memory."""
    tree.write("proc/slabinfo", SLABINFO.format(slabs=8) * 100)
    host = tree.host()
    assert len(host.text("proc/slabinfo", 1000)) == 1000
    assert host.errors["proc/slabinfo"] == "too_large"


def test_after_the_deadline_nothing_is_read(tree: Tree) -> None:
    """What is left is cut, and noted."""
    host = tree.host(seconds=-1)
    assert host.text("proc/meminfo") == ""
    assert host.errors["proc/meminfo"] == "deadline"


def test_a_pipe_does_not_hang(tree: Tree) -> None:
    """Whatever lies where a file should be."""

    (tree.folder / "proc/slabinfo").unlink()
    os.mkfifo(tree.folder / "proc/slabinfo")
    assert tree.host().text("proc/slabinfo") == ""


def test_a_process_that_has_ended_meanwhile_is_no_error(tree: Tree) -> None:
    """Processes end all the time; a file that is missing is worth a word."""
    host = tree.host()
    assert host.text("proc/4711/status") == "" and host.text("proc/slabs") == ""
    assert host.errors == {"proc/slabs": "ENOENT"}


def test_what_is_not_there_is_empty(tree: Tree) -> None:
    """Folders, links, sizes."""
    host = tree.host()
    assert (host.names("sys/nowhere"), host.target("sys/nowhere"), host.held_size("sys/nowhere")) == ([], "", -1)
    assert host.folders("sys/fs/cgroup") == ["system.slice"]


@pytest.mark.parametrize(
    ("word", "base", "expected"), [("12", 10, 12), ("ff", 16, 255), ("x", 10, 0), ("9" * 19, 10, 0)]
)
def test_a_number_is_bounded(word: str, base: int, expected: int) -> None:
    """A word of a million digits would be turned into a number for minutes."""
    assert number(word, base) == expected
