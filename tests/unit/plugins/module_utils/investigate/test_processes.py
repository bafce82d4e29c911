# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes hold, by process and by command; threads of the kernel by what they work at."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.processes import (
    descriptors,
    processes,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_processes_are_read_with_their_sums(tree: Tree) -> None:
    """Threads of the kernel by what they are, ended children by who does not wait for them."""
    (tree.folder / "proc/77/fd").mkdir()
    found, listed = processes(tree.host(), without=(999,))
    assert found["page_tables"] == {"77 web server": 49152}
    assert found["threads"] == {"77 web server": 3}
    assert found["zombies"] == {"77": 1}
    assert found["command_threads"] == {"web server": 3, "[kworker]": 1}
    assert found["signals"]["1000"] == 5
    assert not listed
    assert processes(tree.host(), without=(77,))[0]["page_tables"] == {}


@pytest.mark.parametrize(
    ("told", "names", "table", "expected"),
    [
        (7, [], 64, (7, False)),  # since Linux 6.2
        (0, ["0", "1", "2"], 64, (3, True)),
        (0, [], 64, (-1, True)),
        (0, ["0"], 1 << 20, (1 << 20, False)),
    ],
)
def test_descriptors_are_counted_by_the_cheapest_way(
    told: int, names: list[str], table: int, expected: tuple[int, bool], tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing them makes inodes, so that the reader would see itself; a table of a million is never listed."""
    host = tree.host()
    monkeypatch.setattr(host, "held_size", lambda _key: told)
    monkeypatch.setattr(host, "names", lambda _key: names)
    assert descriptors(host, 77, table) == expected


def test_after_its_time_the_walk_ends_and_says_so(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of a hundred thousand processes must not be read for minutes."""
    host = tree.host()
    monkeypatch.setattr(host, "is_late", lambda *_arguments: True)
    assert processes(host)[0]["threads"] == {}
    assert host.errors["proc/PID"] == "deadline"
