# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a process is, without its command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.identity import process, unit
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_a_process_is_named_without_its_command_line(tree: Tree) -> None:
    """Name, user, unit and parent are what somebody needs to act; arguments hold secrets."""
    tree.write("proc/77/cmdline", "web\0--password=secret\0")
    found = process(tree.host(), 77)
    assert found == {
        "pid": 77,
        "command": "web server",
        "user": 1000,
        "unit": "web.service",
        "parent": 1,
        "parent_command": "systemd",
    }
    assert process(tree.host(), 4) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0::/system.slice/web.service\n", "web.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope\n", "run-1.scope"),
        ("12:memory:/docker/4f3a\n1:name=systemd:/docker/4f3a\n", "4f3a"),
        ("0::/\n", None),
        ("nonsense", None),
    ],
)
def test_the_unit_of_a_process(text: str, expected: str | None) -> None:
    """A unit that can be restarted, or else what its group is called."""
    assert unit(text) == expected


def test_a_thread_is_its_process(tree: Tree) -> None:
    """Traces tell threads; people end processes."""
    tree.write("proc/79/status", "Name:\tworker-1\nTgid:\t77\nPPid:\t1\n")
    found = process(tree.host(), 79)
    assert (found["pid"], found["command"]) == (77, "web server")
