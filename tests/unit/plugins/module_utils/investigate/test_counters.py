# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's counters and lists are read as: bytes, pages and counts, each by its unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.counters import system
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import PAGE
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.groups import groups
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.look import look, machine
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.processes import processes
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.trace import refusal
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import FILES, Tree


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


SHREDS = st.sampled_from(
    [
        "a",
        ":",
        "1",
        "9" * 30,
        " pages=",
        "x y z pages=",
        "kB",
        "mem",
        "Name:\tx",
        "avg10=",
        "some ",
        "\n",
        "\n\n",
        "/",
        "-7",
    ]
)


@given(text=st.lists(SHREDS | st.text(max_size=20), max_size=40).map(" ".join))
def test_any_text_in_any_file_is_read(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A kernel of tomorrow writes what it likes; then a reading misses something, and is not lost."""
    tree = Tree(tmp_path_factory.mktemp("host"))
    for name in FILES:
        tree.write(name, text)
    for name in ("modules", "loadavg", "pressure/memory", "self/mounts", "net/packet", "net/sockstat6"):
        tree.write(f"proc/{name}", text)
    host = tree.host()
    found = {**system(host), "group": groups(host), **processes(host)[0]}
    assert all(isinstance(value, int) for rows in found.values() for value in rows.values())
    wanted = {"caches": ["kmalloc-2k"], "processes": [77], "names": [2], "sockets": ["1"]}
    assert look(host, wanted)["processes"].keys() <= {"77", "2"}
    assert machine(host)["cpus"] >= 1
    refusal(host, {"load_per_cpu": 2.0, "pressure_percent": 10.0, "available_percent": 5.0})


def test_what_is_listed_is_counted_by_lines(tree: Tree) -> None:
    """Routes, mounts, locks, modules: a list that grows is all that some leaks show."""
    tree.write("proc/locks", "1: POSIX\n2: POSIX\n")
    tree.write("proc/modules", "ext4 1 0 - Live 0x0\n")
    tree.write("proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t77\t1\ncpu\t0\t9\t1\n")
    found = system(tree.host())["count"]
    assert (found["file locks"], found["kernel modules"], found["control groups"]) == (2, 1, 77)
    assert found["TCP sockets"] == 5 and found["sockets"] == 44
