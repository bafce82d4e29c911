# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host reads of its own files: counters, processes, control groups, and who a process is."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import watch as watching
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.counters import system
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import PAGE
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.groups import groups
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.identity import process, unit
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.look import caches
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.processes import processes
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.tracefs import EVENTS, form, mounted
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.watch import reduce_readings, watch
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import understood
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import (
    SLABINFO,
    Tree,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED, fields, form_file


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


def test_counters_are_read_in_bytes(tree: Tree) -> None:
    """Kilobytes, pages and counts, each by its unit."""
    found = system(tree.host())
    assert found["memory"] == {
        "MemTotal": 1024000,
        "MemFree": 512000,
        "Active(anon)": 7168,
        "per-CPU lists": 7 * PAGE,
        "zspages": 2 * PAGE,
        "socket buffers": 4 * PAGE,
    }
    assert found["cache"] == {"kmalloc-2k": 64 * PAGE, "a (b) cache": 2 * PAGE}
    assert found["caller"] == {"dup_task_struct": 4 * PAGE, "nft_alloc [nf_tables]": 2 * PAGE}
    assert found["site"] == {"mm/slub.c:1 func:f": 4096}


def test_objects_name_their_users(tree: Tree) -> None:
    """Messages with their sender, keys, queues with their sockets, zram."""
    found = system(tree.host())
    assert found["messages"] == {"1000 77": 5000}
    assert (found["keys"], found["key_count"]) == ({"0": 2896}, {"0": 144})
    assert found["queues"] == {"tcp 1000": 48, "netlink *": 4352}
    assert found["queue"] == {"tcp 555": 48, "netlink 669490": 4352}
    assert found["zram"] == {"zram0": 30}
    assert found["count"]["open files"] == 1056


def test_what_is_not_there_adds_nothing(tmp_path: Path) -> None:
    """A plain user, an old kernel, a container."""
    host = Tree(tmp_path / "x").host()
    host.roots["proc"] = str(tmp_path / "nowhere")
    found = system(host)
    assert found["cache"] == {} and found["memory"]["per-CPU lists"] == 0
    assert host.errors["proc/slabinfo"] == "ENOENT"


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


def test_control_groups_are_summed(tree: Tree) -> None:
    """By the kernel's own sum where it has one, else by the parts."""
    assert groups(tree.host()) == {"/system.slice": 8292, "/system.slice/web.service": 31}


def test_version_1_has_one_number(tree: Tree) -> None:
    """Kernel memory of a group is a file of its own there."""
    (tree.folder / "sys/fs/cgroup/cgroup.controllers").unlink()
    tree.write("sys/fs/cgroup/memory/app/memory.kmem.usage_in_bytes", "4096\n")
    assert groups(tree.host()) == {"/app": 4096}


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
    monkeypatch.setattr(watching, "processes", lambda *_arguments: ({}, False))
    stop = threading.Event()

    def grow() -> None:
        size = 1 << 20
        while not stop.is_set():
            size += 1 << 18
            tree.write("proc/meminfo", f"MemTotal: 9000000 kB\nMemFree: {8000000 - size // 1024} kB\n")
            tree.write(
                "proc/allocinfo", f"v\n#\n{size} 7 drivers/net/foo.c:77 [foo] func:foo_refill\n64 1 mm/a.c:1 func:g\n"
            )
            time.sleep(0.05)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        told = watch(tree.host(), 3, 0.4)
    finally:
        stop.set()
        thread.join()
    machine = {"kernel": "6.12", "build": "", "architecture": "x86_64", "page_bytes": PAGE, "cpus": 2, "boot_id": None}
    told.update(machine={**machine, "taint": 0, "modules": [], "user": 0, "load": ["0.1"]}, python="3.11", errors={})
    found = understood({"watch": told, "look": look(profiling="1")}, Settings(busy=False)).answer
    assert answer_text(found).startswith("`foo_refill [foo]`: "), answer_text(found)
    assert found.culprits[0].confidence == "medium"


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
    import os

    (tree.folder / "proc/slabinfo").unlink()
    os.mkfifo(tree.folder / "proc/slabinfo")
    assert tree.host().text("proc/slabinfo") == ""


@pytest.mark.parametrize("kernel", PRINTED)
def test_the_form_of_an_event_is_read_from_its_file(kernel: str, tree: Tree) -> None:
    """Its fields for filters, its text for lines."""
    for event, printed in PRINTED[kernel].items():
        tree.write(f"trace/events/{event}/format", form_file(event, printed))
    told = {event: form(tree.host(), str(tree.folder / "trace"), event) for event in EVENTS}
    assert {event: one["printed"] for event, one in told.items() if one} == PRINTED[kernel]
    assert all(set(fields(one["printed"])) <= set(one["fields"]) for one in told.values() if one)


def test_tracefs_is_found_where_it_is_mounted(tree: Tree) -> None:
    """Nothing is looked at that would mount it by itself, as a path below debugfs does."""
    assert mounted(tree.host()) is None
    tree.write("proc/self/mounts", "tmpfs /run tmpfs rw 0 0\nnodev /a\\040b tracefs rw 0 0\n")
    assert mounted(tree.host()) == "/a b"
