# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a host is not traced, which filter an event gets, and who threads are.

The instance is one that notes what is written to it; what the kernel makes of that is in ``tests/investigate``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import trace as tracing
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.instance import Refused
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.trace import (
    Recording,
    refusal,
    trace,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED, form_file

BOUNDS = {"load_per_cpu": 2.0, "pressure_percent": 10.0, "available_percent": 5.0}
QUIET = {
    "proc/loadavg": "0.10 0.20 0.30 1/200 4242\n",
    "proc/pressure/memory": "some avg10=0.50 avg60=0 avg300=0 total=0\nfull avg10=99.00 avg60=0 avg300=0 total=0\n",
    "proc/meminfo": "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 8000000 kB\n",
}
ALLOCATED = {
    "event": "kmem/kmalloc",
    "role": "alloc",
    "key": "ptr",
    "filters": ['name == "x"', "bytes_alloc == 64"],
    "size": {"field": "bytes_alloc"},
    "stack": True,
    "thin": {"form": "!(ptr & %d)", "shift": 12},
}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A quiet host of two CPUs."""
    made = Tree(tmp_path)
    for name, text in QUIET.items():
        made.write(name, text)
    return made


def host_of(tree: Tree, cpus: int = 2):
    """Who reads it."""
    host = tree.host()
    host.cpus = lambda configured=False: cpus
    return host


class Noting:
    """An instance that notes what is put, and refuses filters with a word."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses, self.written = refuses, []

    def put(self, name: str, value: object) -> bool:
        """Note it."""
        self.written.append((name, value))
        return not (self.refuses and self.refuses in str(value))


@pytest.mark.parametrize(
    ("name", "text", "cpus", "expected"),
    [
        ("proc/loadavg", "4.01 1 1 1/1 1\n", 2, ["load", 2.0, 2.0]),
        ("proc/loadavg", "4.00 1 1 1/1 1\n", 2, None),
        ("proc/pressure/memory", "some avg10=10.01 avg60=0 avg300=0 total=0\n", 2, ["pressure", 10.01, 10.0]),
        ("proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 700000 kB\n", 2, ["memory", 4.4, 5.0]),
        ("proc/meminfo", "MemTotal: 16000000 kB\nMemFree: 700000 kB\n", 2, ["memory", 4.4, 5.0]),
        ("proc/meminfo", QUIET["proc/meminfo"], 1000, ["memory_for_cpus", 8000000, 12000000]),
    ],
)
def test_a_host_in_trouble_is_not_traced(
    name: str, text: str, cpus: int, expected: list[object] | None, tree: Tree
) -> None:
    """Its load, its pressure and its memory are asked just before; the buffers of all CPUs must fit many times."""
    tree.write(name, text)
    assert refusal(host_of(tree, cpus), BOUNDS) == expected


def test_without_pressure_information_the_rest_is_asked(tree: Tree) -> None:
    """Kernels before 4.20, and those built without it."""
    (tree.folder / "proc/pressure/memory").unlink()
    assert refusal(host_of(tree), BOUNDS) is None


def test_nothing_is_mounted_for_a_trace(tree: Tree) -> None:
    """Between two questions somebody may have unmounted it."""
    assert trace(host_of(tree), {"bounds": BOUNDS, "plans": [{}]}) == {
        "refused": ["not_mounted", None, None],
        "traces": [],
    }


def test_an_instance_that_is_refused_is_told_with_what_was_traced_before(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first plan found is not lost with the second."""
    tree.write("proc/self/mounts", "nodev /t tracefs rw 0 0\n")
    told = iter([{"dimension": "percpu"}])

    def one(*_arguments: object) -> dict[str, str]:
        for answer in told:
            return answer
        raise Refused("busy")

    monkeypatch.setattr(tracing, "_one", one)
    assert trace(host_of(tree), {"bounds": BOUNDS, "plans": [{}, {}]}) == {
        "refused": ["instance", "busy", None],
        "traces": [{"dimension": "percpu"}],
    }


def recording(tree: Tree, mask: int = 0, buffer_kib: int = 4096, cpus: int = 2) -> Recording:
    """A recording on a host with the events of 6.18."""
    for event, printed in PRINTED["6.18"].items():
        tree.write(f"trace/events/{event}/format", form_file(event, printed))
    return Recording(host_of(tree, cpus), str(tree.folder / "trace"), {"steps": []}, mask, buffer_kib)


def test_an_event_gets_the_first_filter_that_the_kernel_takes(tree: Tree) -> None:
    """The reader's own allocations are left out, and the stack comes under the same condition."""
    made, instance = recording(tree, mask=7), Noting(refuses="name ==")
    made._switch_on(instance, ALLOCATED)
    condition = f"!(ptr & {7 << 12}) && bytes_alloc == 64 && common_pid != {made.host.own_number()}"
    assert instance.written[1:] == [
        ("events/kmem/kmalloc/filter", condition),
        ("events/kmem/kmalloc/trigger", f"stacktrace if {condition}"),
        ("events/kmem/kmalloc/enable", 1),
    ]
    assert made.on == [f"kmem/kmalloc if {condition}"]


def test_without_a_filter_that_the_kernel_takes_an_event_stays_off(tree: Tree) -> None:
    """Every allocation of the host, unfiltered, would cost it too much."""
    made, instance = recording(tree), Noting(refuses="common_pid")
    made._switch_on(instance, ALLOCATED)
    assert made.on == [] and not [name for name, _value in instance.written if name.endswith("enable")]


def test_an_event_that_the_kernel_does_not_have_is_left_out(tree: Tree) -> None:
    """kmalloc_node is gone since 6.1."""
    made, instance = recording(tree), Noting()
    made._switch_on(instance, {**ALLOCATED, "event": "kmem/kmalloc_node"})
    assert (made.on, instance.written) == ([], [])


@pytest.mark.parametrize(
    ("wanted", "cpus", "expected"), [(4096, 2, 4096), (4096, 256, 256), (1, 2, 64), (4096, 4096, 64)]
)
def test_the_buffers_of_all_cpus_are_bounded(wanted: int, cpus: int, expected: int, tree: Tree) -> None:
    """The size is that of one CPU: 4 MiB on 256 of them would be 1 GiB."""
    assert recording(tree, buffer_kib=wanted, cpus=cpus).buffer_kib == expected


def test_threads_are_summed_by_their_processes(tree: Tree) -> None:
    """What ended meanwhile keeps its name; an interrupt is nobody."""
    tree.write("proc/79/status", "Name:\tworker-1\nTgid:\t77\nPPid:\t1\n")
    found: dict[str, Any] = tracing._who(
        host_of(tree), [["worker-1", 79, 10], ["web server", 77, 20], ["gone", 4711, 5], ["interrupt", 0, 1]]
    )
    assert [(who["pid"], who["command"], who["bytes"]) for who in found["processes"]] == [
        (77, "web server", 30),
        (4711, "gone", 5),
        (0, "interrupt", 1),
    ]
    assert (found["number"], found["command"], found["command_bytes"]) == (3, "web server", 30)
