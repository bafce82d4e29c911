# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers worked by hand: what the kernel's own tables say of who uses the memory, in bytes."""

from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import MIB, PARTS, attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.account.test_attribution import (
    WHOLE,
    changed,
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


def test_more_nodes_than_are_kept_are_said_to_be_missing():
    part = changed("numa", rows=[[row, {}] for row in range(65)])["numa_nodes"]
    assert (len(part["nodes"]), part["complete"], part["reason"]) == (64, False, "Only the first 64 nodes are kept.")


def test_lines_that_were_not_understood_make_a_part_incomplete():
    assert changed("slab", bad_lines=3)["slab_caches"]["reason"] == "3 lines could not be understood."
    assert changed("slab", bad_lines=3)["slab_caches"]["complete"] is False


def test_the_largest_come_first_and_equal_ones_by_name():
    """Whoever compares two audits sees the same order twice."""
    rows = [[name, 1, 1, 64, 1, 1, slabs] for name, slabs in (("b", 5), ("c", 9), ("a", 5))]
    assert [one["name"] for one in changed("slab", rows=rows)["slab_caches"]["caches"]] == ["c", "a", "b"]
    sites = [["b", 5, 1], ["a", 5, 1], ["c", 6, 1]]
    assert [one["site"] for one in changed("allocinfo", rows=sites)["alloc_sites"]["sites"]] == ["c", "a", "b"]


def test_more_objects_in_use_than_there_are_have_no_share():
    """Both are read while the host works; more than 100 % would be a number that nobody believes."""
    for active, share in ((9, 90.0), (10, 100.0), (11, None)):
        part = changed("slab", rows=[["a", active, 10, 64, 1, 1, 1]])["slab_caches"]
        assert part["caches"][0]["use_percent"] == share


def test_what_slabtop_has_shown_says_that_it_is_not_all():
    """A copy that was saved by hand has rounded sizes, and often the first lines alone."""
    part = changed("slab", source="slabtop", listed=20, caches=235)["slab_caches"]
    assert part["complete"] is False and "slabtop has shown 20 of 235 caches." in part["reason"]
    assert part["outside_table_bytes"] is None
    whole = changed("slab", source="slabtop", listed=235, caches=235)["slab_caches"]
    assert whole["complete"] is True and "rounded" in whole["reason"]


def test_a_page_size_of_the_part_wins():
    """vmcore tools give slabs in pages of their own."""
    assert changed("slab", page_bytes=65536)["slab_caches"]["table_bytes"] == 16 * WHOLE["slab_caches"]["table_bytes"]


def test_a_version_of_control_groups_that_is_not_known_is_no_answer():
    """Its counters could mean anything."""
    assert changed("cgroups", version=3)["cgroups"]["complete"] is False


def test_a_node_may_be_a_word_of_digits_and_nothing_else():
    """JSON has no numbers as keys."""
    nodes = changed("numa", rows=[["10", {}], [2, {}]])["numa_nodes"]["nodes"]
    assert [one["node"] for one in nodes] == [2, 10]
    for node in ("x1", "1\n", "", "1234567", -1, None):
        assert changed("numa", rows=[[node, {}]])["numa_nodes"]["complete"] is False, node


def test_a_table_that_was_not_there_is_unknown_and_an_empty_one_is_nothing():
    """A kernel without System V messages has none that anybody could count."""
    part = changed("limits", semaphores={}, packets=None)["ipc"]
    assert (part["semaphore_arrays"], part["semaphores"]) == (0, 0)
    assert part["packet_sockets"] is part["packet_owner_uid"] is None
