# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers worked by hand: what a walk of the processes says of who uses the memory."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution_processes import (
    container_id,
    descriptors,
    thread_processes,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import CONTAINER, MIB, POD
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.account.test_attribution import (
    WHOLE,
    changed,
)


def test_processes():
    tables, threads = WHOLE["page_table_processes"], WHOLE["thread_processes"]
    assert tables["processes"][0] == {
        "pid": 4242,
        "command": "java",
        "bytes": 200 * MIB,
        "cgroup": POD,
        "container_id": CONTAINER,
    }
    assert tables["processes"][1]["container_id"] is None
    assert (tables["seen"], tables["total_bytes"]) == (120, 300 * MIB)
    assert threads["processes"][1] == {
        "pid": 77,
        "command": "kubelet",
        "threads": 60,
        "cgroup": None,
        "container_id": None,
    }
    assert (threads["seen"], threads["total"]) == (120, 1000)


def test_many_small_processes_are_one_owner():
    """60 of 0.5 MiB each are 30 MiB of one command, and stand in no list of single processes."""
    commands = WHOLE["commands"]["commands"]
    assert commands[1] == {
        "command": "python",
        "processes": 60,
        "page_table_bytes": 30 * MIB,
        "threads": 60,
        "pinned_bytes": 0,
    }
    assert [row["path"] for row in WHOLE["process_cgroups"]["cgroups"]] == ["/kubepods", "/machine.slice"]
    assert WHOLE["process_cgroups"]["seen"] == WHOLE["commands"]["seen"] == 120


def test_pinned_memory_has_an_owner():
    """Buffers that a device or the kernel holds for a process are in VmPin."""
    part = WHOLE["pinning_processes"]
    assert (part["processes"][0]["command"], part["processes"][0]["bytes"], part["total_bytes"]) == (
        "qemu-kvm",
        4 * MIB,
        4 * MIB,
    )


def test_descriptors_by_command_and_kind():
    part = WHOLE["descriptors"]
    assert part["rows"][0] == {"command": "nginx", "kind": "pipe", "descriptors": 120} and part["pipes"] == 60
    hidden = changed("descriptors", unread=90)["descriptors"]
    assert hidden["complete"] is False and hidden["reason"].startswith("The descriptors of 90 processes")
    assert "root" in hidden["reason"] and "CAP_SYS_PTRACE" in hidden["reason"]
    alone = changed("descriptors", seen=2)["descriptors"]
    assert alone["complete"] is False and "hidepid" in alone["reason"]


@pytest.mark.parametrize(("seen", "complete"), [(800, True), (799, False)])
def test_hidden_processes_are_no_complete_list(seen, complete):
    part = changed("processes", threads_seen=seen)["thread_processes"]
    assert part["complete"] is complete
    if not complete:
        assert (
            part["reason"]
            == "Only 799 of 1000 threads were seen; where /proc is mounted with hidepid, become shows all."
        )


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/docker/" + CONTAINER, True),
        ("/system.slice/docker-" + CONTAINER + ".scope", True),
        ("/a/crio-" + CONTAINER + ".scope/init", True),
        ("/machine.slice/libpod-" + CONTAINER + ".scope/container", True),
        ("/kubepods/burstable/pod1/" + CONTAINER, True),
        ("/kubepods.slice/x.slice:cri-containerd:" + CONTAINER, True),
        (POD[30:], True),
        ("/user.slice/" + CONTAINER, False),
        ("/system.slice/docker-" + CONTAINER[:-1] + ".scope", False),
        ("/system.slice/docker-" + CONTAINER + "0.scope", False),
        ("/docker/" + CONTAINER.upper(), False),
        ("/", False),
        ("/system.slice/crio-conmon-" + CONTAINER + ".scope", False),
    ],
)
def test_the_container_of_a_control_group(path, found):
    assert container_id(path) == (CONTAINER if found else None)


def test_the_largest_come_first_and_equal_ones_by_number():
    """Whoever compares two audits sees the same order twice."""
    rows = [[pid, "x", amount, None] for pid, amount in ((9, 5), (7, 8), (3, 5))]
    for table, name in (("page_tables", "page_table_processes"), ("threads", "thread_processes")):
        assert [one["pid"] for one in changed("processes", **{table: rows})[name]["processes"]] == [7, 3, 9]


def test_commands_are_sorted_by_page_tables_then_threads_then_name():
    """A command whose page tables are not known comes after those whose are."""
    rows = [["d", 1, None, 9, None], ["c", 1, 0, 9, 0], ["b", 1, 0, 10, 0], ["a", 1, 7, 1, 0]]
    part = changed("processes", commands=rows)["commands"]
    assert [one["command"] for one in part["commands"]] == ["a", "b", "c", "d"]
    assert part["commands"][3]["page_table_bytes"] is None and part["commands"][0]["page_table_bytes"] == 7 * 1024


def test_the_output_of_ps_tells_threads_and_nothing_else():
    """A saved copy often has it alone; zero page tables would be a lie."""
    parts = changed("processes", source="ps")
    assert parts["thread_processes"]["complete"] is True
    for name in ("page_table_processes", "pinning_processes", "process_cgroups"):
        assert parts[name]["complete"] is False and "ps tells threads only" in parts[name]["reason"]


def test_a_host_with_few_threads_hides_none():
    """A container that runs three processes is no host with hidepid."""
    about = {"threads": 49, "page": 4096, "sizes": {}}
    part = {"threads": [], "seen": 1, "threads_seen": 1}
    assert thread_processes(part, about)[1] == []
    assert len(thread_processes(part, dict(about, threads=50))[1]) == 1
    assert thread_processes(part, dict(about, threads=None))[1] == []


def test_few_processes_with_descriptors_are_hidden_ones_only_where_there_are_many_threads():
    """The kernel alone has more than ten processes on any host that can be audited."""
    part = {"rows": [], "seen": 9, "unread": 0, "pipes": 0}
    assert "hidepid" in descriptors(part, {"threads": 50})[1][0]
    assert descriptors(part, {"threads": 49})[1] == descriptors(part, {"threads": None})[1] == []
    assert descriptors(dict(part, seen=10), {"threads": 50})[1] == []
