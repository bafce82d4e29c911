# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth a look on the host."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.floors import floors
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.growth import what_grows
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.wanted import (
    Wanted,
    newest,
    number_of,
    wanted,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.watched import watched
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import MIB, Plain, watch


def of(told: Plain) -> Wanted:
    """What an answer makes worth a look."""
    seen = watched(told)
    return wanted(seen, what_grows(seen, floors(0.0, False)))


def test_of_a_healthy_host_hardly_anything_is() -> None:
    """Only the records of vmalloc areas, which old kernels need to be traced."""
    assert of(watch()) == Wanted(("vmap_area",), (), (), ())


def test_the_names_behind_what_grows_are() -> None:
    """Descriptors of three processes; processes by name; the sockets that grew most."""
    found = of(
        watch(
            {
                "cache": {"kmalloc-2k": MIB},
                "descriptors": {f"{pid} db": float(pid) for pid in range(1, 9)},
                "threads": {"77 web": 4.0},
                "zombies": {"78": 4.0},
                "messages": {"1000 79": 9000.0},
                "queue": {f"tcp {inode}": 1000.0 * inode for inode in range(1, 40)},
            }
        )
    )
    assert found.caches == ("kmalloc-2k", "vmap_area")
    assert found.processes == (8, 7, 6)
    assert found.names == (77, 78, 79)
    assert len(found.sockets) == 20 and found.sockets[0] == "39"
    assert found.plain()["processes"] == [8, 7, 6]


def test_of_many_processes_the_newest_are() -> None:
    """Who started them is asked of two that came meanwhile."""
    told = watch({"command_processes": {"worker": 4.0}})
    told["growing"]["threads"] = [[f"{pid} worker", [0, 0, 1, 1, 1]] for pid in (5, 6, 7)]
    told["growing"]["threads"].append(["8 worker", [1, 1, 1, 1, 2]])
    assert newest(watched(told), "worker") == [6, 7]
    assert of(told).names == (6, 7)


@pytest.mark.parametrize(("name", "expected"), [("7 db", 7), ("db", 0), ("", 0), ("9" * 11, 0), ("-1 x", 0)])
def test_a_number_of_a_process_is_one(name: str, expected: int) -> None:
    """A command may look like one, and a host may say anything."""
    assert number_of(name) == expected
