# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers worked by hand: who uses the memory, in bytes, and a reason for whatever is not there."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import attribution_of
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution_rows import container_id
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import (
    CONTAINER,
    FILES,
    HOST,
    MEMINFO,
    MIB,
    PARTS,
    POD,
    ROWS,
    attribution,
    part_reading,
    without,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    meminfo,
    plain,
    reading,
)

WHOLE = attribution()


def changed(subset, **changes):
    """The attribution of a reading in which one part has other entries."""
    return attribution(parts=dict(PARTS, **{subset: dict(PARTS[subset], **changes)}))


def test_every_part_is_whole_and_has_no_reason():
    assert sorted(WHOLE) == sorted(list(ROWS) + ["pressure", "objects", "ipc"])
    assert all(WHOLE[name]["complete"] is True and WHOLE[name]["reason"] is None for name in WHOLE)
    assert (
        WHOLE["slab_caches"]["duration_ms"] == 2
        and WHOLE["thread_processes"]["duration_ms"] == 40
        and WHOLE["numa_nodes"]["duration_ms"] is None
    )


def test_slab_caches():
    part = WHOLE["slab_caches"]
    # 25600 slabs of 1 page = 100 MiB; 3200 of 4 pages = 50 MiB; 32 of 8 pages = 1 MiB; 40960 pages = 160 MiB of 200
    # MiB.
    assert [(one["name"], one["bytes"]) for one in part["caches"]] == [
        ("dentry", 100 * MIB),
        ("kmalloc-512", 50 * MIB),
        ("task_struct", MIB),
    ]
    assert part["caches"][1] == {
        "name": "kmalloc-512",
        "bytes": 50 * MIB,
        "objects": 12800,
        "objects_active": 12000,
        "use_percent": 93.8,
        "object_bytes": 512,
        "aliases": ["eventpoll_pwq", "pool_workqueue"],
    }
    assert (part["caches_total"], part["table_bytes"], part["outside_table_bytes"]) == (235, 160 * MIB, 40 * MIB)
    assert part["zfs_slab_bytes"] == MIB


def test_a_table_above_slab_leaves_the_rest_unknown_with_a_reason():
    part = changed("slab", pages=51201)["slab_caches"]
    assert part["outside_table_bytes"] is None and part["complete"] is True
    assert part["reason"].startswith("The caches add up to more than Slab")


def test_an_empty_cache_has_no_share_in_use():
    part = changed("slab", rows=[["empty", 0, 0, 64, 64, 1, 0]])["slab_caches"]
    assert part["caches"][0]["use_percent"] is None and part["caches"][0]["bytes"] == 0


def test_vmalloc_callers():
    part = WHOLE["vmalloc_callers"]
    assert [one["caller"] for one in part["callers"]] == [
        "dup_task_struct",
        "bpf_prog_alloc_no_stats",
        "load_module [nf_tables]",
    ]
    assert part["callers"][1] == {"caller": "bpf_prog_alloc_no_stats", "bytes": 2 * MIB, "areas": 40}
    assert (part["total_bytes"], part["ioremap_bytes"], part["stack_bytes"]) == (20 * MIB, 8192, 16384000)
    assert part["jit_bytes"] == 2 * MIB


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


def test_what_processes_have_the_kernel_keep():
    """Messages, shared memory without a user, packet sockets, and whose most of it is."""
    ipc = WHOLE["ipc"]
    assert (ipc["message_queues"], ipc["messages"], ipc["message_bytes"], ipc["message_owner_uid"]) == (
        2,
        11,
        81936,
        1000,
    )
    assert (ipc["shared_segments"], ipc["shared_bytes"], ipc["shared_unattached_bytes"]) == (1, 8192, 8192)
    assert (ipc["semaphore_arrays"], ipc["semaphores"]) == (0, 0)
    assert (ipc["packet_sockets"], ipc["packet_owner_uid"]) == (2, 0)
    limits = {name: PARTS["limits"][name] for name in PARTS["limits"] if name != "packets"}
    without_packets = attribution(parts=dict(PARTS, limits=limits))["ipc"]
    assert without_packets["packet_sockets"] is None and "packet sockets" in without_packets["reason"]


def test_descriptors_by_command_and_kind():
    part = WHOLE["descriptors"]
    assert part["rows"][0] == {"command": "nginx", "kind": "pipe", "descriptors": 120} and part["pipes"] == 60
    hidden = changed("descriptors", unread=90)["descriptors"]
    assert hidden["complete"] is False and hidden["reason"].startswith("The descriptors of 90 processes")
    assert "root" in hidden["reason"] and "CAP_SYS_PTRACE" in hidden["reason"]
    alone = changed("descriptors", seen=2)["descriptors"]
    assert alone["complete"] is False and "hidepid" in alone["reason"]


def test_users_of_keys():
    part = WHOLE["kernel_keys"]
    assert part["users"] == [{"uid": 0, "count": 8, "bytes": 40}, {"uid": 1000, "count": 6, "bytes": 90}]
    assert part["total"] == 14
    assert (
        attribution(live=True, uid=1000)["kernel_keys"]["reason"]
        == "A plain user sees its own keys only; become shows all."
    )
    files = {name: FILES[name] for name in FILES if name != "proc/key-users"}
    assert "key-users" in attribution(files=files)["kernel_keys"]["reason"]


@pytest.mark.parametrize(("seen", "complete"), [(800, True), (799, False)])
def test_hidden_processes_are_no_complete_list(seen, complete):
    part = changed("processes", threads_seen=seen)["thread_processes"]
    assert part["complete"] is complete
    if not complete:
        assert (
            part["reason"]
            == "Only 799 of 1000 threads were seen; where /proc is mounted with hidepid, become shows all."
        )


def test_cgroups():
    part = WHOLE["cgroups"]
    assert (part["version"], part["seen"], part["dying"], part["living"]) == (2, 41, 3, 720)
    assert part["cgroups"][0] == {
        "path": "/system.slice",
        "kernel_bytes": 200 * MIB,
        "slab_reclaimable_bytes": 100 * MIB,
        "slab_unreclaimable_bytes": 50 * MIB,
        "percpu_bytes": MIB,
        "pagetables_bytes": 20 * MIB,
        "sec_pagetables_bytes": 0,
        "vmalloc_bytes": MIB,
        "kernel_stack_bytes": 16 * MIB,
        "sock_bytes": 4096,
    }
    assert part["cgroups"][1] == {"path": "/user.slice", "kernel_bytes": 10 * MIB, "descendants": 700}


def test_a_kernel_without_a_sum_by_cgroup_says_so():
    part = changed("cgroups", rows=[["/a", {"kernel_stack": 5, "unheard_of": 7}]], dying=None, living=None)["cgroups"]
    assert part["cgroups"] == [{"path": "/a", "kernel_bytes": None, "kernel_stack_bytes": 5}]
    assert part["complete"] is True and "no sum" in part["reason"] and part["dying"] is None


def test_numa_nodes():
    first, second = WHOLE["numa_nodes"]["nodes"]
    assert first == {
        "node": 0,
        "memory_total_bytes": 32 * MIB,
        "memory_free_bytes": MIB,
        "kernel_stack_bytes": 16384,
        "page_tables_bytes": 8192,
        "secondary_page_tables_bytes": 0,
        "slab_reclaimable_bytes": 20480,
        "slab_unreclaimable_bytes": 10240,
    }
    assert second["memory_free_bytes"] == 8 * MIB and second["page_tables_bytes"] is None


def test_alloc_sites():
    assert WHOLE["alloc_sites"]["sites"] == [
        {"site": "mm/slub.c:2424 func:alloc_slab_page", "bytes": 512 * MIB, "calls": 131072}
    ]
    assert (WHOLE["alloc_sites"]["sites_total"], WHOLE["alloc_sites"]["total_bytes"]) == (5100, 1717986918)


@pytest.mark.parametrize(
    ("subset", "name", "error", "reason"),
    [
        (
            "slab",
            "slab_caches",
            "EACCES",
            "slabinfo is readable by root only (EACCES); use become, or look by hand with a sudo rule for cat "
            "/proc/slabinfo.",
        ),
        ("vmalloc", "vmalloc_callers", "EPERM", "vmallocinfo is readable by root only (EPERM); use become."),
        (
            "slab",
            "slab_caches",
            "ENOENT",
            "This kernel has no slabinfo (ENOENT); it may be built without CONFIG_SLUB_DEBUG.",
        ),
        (
            "cgroups",
            "cgroups",
            "deadline",
            "The collector's deadline came before it; give it more time with the option deadline.",
        ),
        ("numa", "numa_nodes", "EIO", "It could not be read (EIO)."),
        ("processes", "thread_processes", "too_large", "It is too large to be read."),
    ],
)
def test_what_was_refused_has_its_reason_and_no_data(subset, name, error, reason):
    part = attribution_of(without(subset, part_errors={subset: error}), MEMINFO, HOST)[name]
    assert (part["complete"], part["reason"]) == (False, reason)
    assert set(part) == {"complete", "reason", "duration_ms"}


@pytest.mark.parametrize("subset", sorted(PARTS))
@pytest.mark.parametrize("error", ["EACCES", "ENOENT", "deadline", "too_large", "EINVAL", "\x1b[2J", 7])
def test_every_part_has_a_sentence_for_every_error(subset, error):
    parts = attribution_of(without(subset, part_errors={subset: error}), MEMINFO, HOST)
    reasons = [parts[name]["reason"] for name in parts if not parts[name]["complete"]]
    assert reasons and all(reason.endswith(".") and "\x1b" not in reason for reason in reasons)


def test_what_was_not_needed_says_so_in_numbers():
    sizes = {"MemTotal": 1000 * MIB, "Slab": 9 * MIB, "PageTables": MIB}
    skipped = part_reading(
        parts={},
        part_skipped={"slab": "not_needed", "processes": "not_needed"},
        subsets=["slab", "processes"],
        files={},
    )
    parts = attribution_of(skipped, {"sizes": sizes}, dict(HOST, threads=238))
    assert parts["slab_caches"]["reason"] == "Not gathered, since slab is small (0.9 % of RAM)."
    assert (
        parts["thread_processes"]["reason"]
        == "Not gathered, since page tables are small (0.1 % of RAM) and there are only 238 threads."
    )


def test_what_nobody_asked_for_is_absent():
    asked = part_reading(parts={}, files={}, subsets=["numa"], part_skipped={"slab": "not_asked"})
    assert attribution_of(asked, MEMINFO, HOST) == {
        "numa_nodes": {"complete": False, "reason": "The host gave no answer for it.", "duration_ms": None}
    }
    assert attribution_of(reading(meminfo(**plain())), MEMINFO, HOST) == {}


@pytest.mark.parametrize(
    ("cut", "milliseconds", "reason"),
    [
        ("deadline", 2000, "Cut after 2 s; the list is of the processes seen until then."),
        ("deadline", 1250, "Cut after 1.2 s; the list is of the processes seen until then."),
        ("deadline", None, "Cut by the deadline; the list is of the processes seen until then."),
        ("limit", 5, "Cut at the collector's limit; the list is not of all processes."),
    ],
)
def test_what_was_cut_keeps_its_rows_and_says_so(cut, milliseconds, reason):
    part = attribution(part_cut={"processes": cut}, part_ms={"processes": milliseconds})["thread_processes"]
    assert (part["complete"], part["reason"], len(part["processes"])) == (False, reason, 2)


def test_zones_that_the_reader_had_no_room_for_are_said_to_be_missing():
    parts = attribution(part_cut={"pressure": "limit"})
    assert parts["fragmentation"]["reason"] == "Cut at the collector's limit; the list is not of all zones."
    assert parts["pressure"]["complete"] is True


def test_more_nodes_than_are_kept_are_said_to_be_missing():
    part = changed("numa", rows=[[row, {}] for row in range(65)])["numa_nodes"]
    assert (len(part["nodes"]), part["complete"], part["reason"]) == (64, False, "Only the first 64 nodes are kept.")


def test_lines_that_were_not_understood_make_a_part_incomplete():
    assert changed("slab", bad_lines=3)["slab_caches"]["reason"] == "3 lines could not be understood."
    assert changed("slab", bad_lines=3)["slab_caches"]["complete"] is False


def test_without_a_page_size_nothing_is_guessed():
    parts = attribution_of(part_reading(), MEMINFO, dict(HOST, page_size_bytes=None))
    assert (
        parts["slab_caches"]["reason"]
        == "The page size of this host is not known, so its pages can't be given in bytes."
    )
    assert (
        parts["fragmentation"]["zones"][1]["free_bytes"] is None
        and parts["fragmentation"]["zones"][1]["unusable_percent"] == 50.0
    )
    assert parts["objects"]["tcp_bytes"] is None


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
