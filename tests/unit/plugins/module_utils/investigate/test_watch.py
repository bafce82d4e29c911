# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several readings become rows of what grew and of what is most."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import watch as watching
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import PAGE
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.watch import reduce_readings, watch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import understood
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_a_reduced_reading_has_what_grew_and_what_is_most() -> None:
    """A host of ten thousand processes must not send them all."""
    first = {"memory": {"MemFree": 5}, "cache": {f"c{number}": 0 for number in range(100)}}
    last = {"memory": {"MemFree": 4}, "cache": {f"c{number}": number for number in range(100)}}
    found = reduce_readings([first, last])
    assert found["memory"] == {"MemFree": [5, 4]}
    assert found["growing"]["cache"][0] == ["c99", [0, 99]] and len(found["growing"]["cache"]) == 40
    assert found["largest"]["cache"][0] == ["c99", 99] and len(found["largest"]["cache"]) == 8
    assert found["seen"]["cache"] == 100


def test_a_name_that_comes_and_goes_has_a_value_in_each_reading() -> None:
    """0 where it is not there."""
    found = reduce_readings([{"memory": {}, "cache": {}}, {"memory": {}, "cache": {"x": 3}}])
    assert found["growing"]["cache"] == [["x", [0, 3]]]


def test_a_host_that_profiles_allocations_names_the_function(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """No kernel here has it, so that its file is written between the readings, as such a kernel would show it."""
    host, readings = tree.host(), 0

    def next_reading(*_arguments: object) -> tuple[dict[str, object], bool]:
        nonlocal readings
        readings += 1
        size = readings << 20
        tree.write("proc/meminfo", f"MemTotal: 9000000 kB\nMemFree: {8000000 - size // 1024} kB\n")
        tree.write(
            "proc/allocinfo", f"v\n#\n{size} 7 drivers/net/foo.c:77 [foo] func:foo_refill\n64 1 mm/a.c:1 func:g\n"
        )
        return {}, False

    next_reading()
    monkeypatch.setattr(watching, "processes", next_reading)
    monkeypatch.setattr(watching.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(host, "clock", lambda: 4.0 * readings)
    monkeypatch.setattr(host, "end", float("inf"))
    told = watch(host, 3, 4.0)
    machine = {"kernel": "6.12", "build": "", "architecture": "x86_64", "page_bytes": PAGE, "cpus": 2, "boot_id": None}
    told.update(machine={**machine, "taint": 0, "modules": [], "user": 0, "load": ["0.1"]}, python="3.11", errors={})
    found = understood({"watch": told, "look": look(profiling="1")}, Settings(busy=False)).answer
    assert answer_text(found).startswith("`foo_refill [foo]`: "), answer_text(found)
    assert found.culprits[0].confidence == "medium"


def test_readings_are_as_many_as_asked_and_leave_the_reader_out(tree: Tree) -> None:
    """The process that reads must not be found by itself."""
    tree.write(f"proc/{os.getpid()}/status", "Name:\treader\nVmPTE:\t9 kB\nThreads:\t1\n")
    tree.write(f"proc/{os.getpid()}/stat", f"{os.getpid()} (reader) S 77 1 1\n")
    found = watch(tree.host(), 2, 0.05)
    assert len(found["times"]) == 3 and found["times"][0] == 0.0 and found["times"][2] >= 0.1
    assert found["memory"]["MemFree"] == [512000] * 3
    assert found["growing"]["threads"] == [] and "largest" in found
    # Process 77 started the reader, so it is one of the reader's.
    assert found["seen"]["threads"] == 0
