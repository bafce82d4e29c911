# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a host is: the names of its boot and kernel, its machine and its numbers, or null where a file is strange."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    case,
    full,
    meminfo,
    plain,
    reading,
    sample,
)


def host_of(**more):
    return build_facts(full(**more))["host"]


def test_the_host_of_a_full_reading():
    assert host_of() == {
        "boot_id": "40860cda-7ef9-4d56-92fa-2d1fb727912a",
        "machine_id": "3d1219c7c4c5404aaa1f6d2a48adfda4",
        "uptime_seconds": 1924,
        "booted_at": "2025-11-24T15:27:56Z",
        "kernel_release": "6.12.118+deb13-cloud-amd64",
        "kernel_command_line": "root=/dev/vda1 quiet",
        "architecture": "x86_64",
        "page_size_bytes": 4096,
        "cpus_possible": 112,
        "cpus_online": 19,
        "memory_total_bytes": 1073741824,
        "memory_available_bytes": 716800000,
        "memory_available_estimated": False,
        "memory_low_total_bytes": None,
        "vmalloc_total_bytes": None,
        "threads": 5535,
        "threads_limit": 32768,
        "cgroups": 14,
        "cgroups_living": 12,
        "cgroups_dying": 2,
    }


@pytest.mark.parametrize(
    "name, text, field",
    [
        ("proc/sys/kernel/random/boot_id", "40860cda; rm -rf /\n", "boot_id"),
        ("etc/machine-id", "uninitialized\n", "machine_id"),
        ("proc/uptime", "-5.0 1\n", "uptime_seconds"),
        ("sys/devices/system/cpu/possible", "0-3,x\n", "cpus_possible"),
        ("sys/devices/system/cpu/possible", "9-3\n", "cpus_possible"),
        ("sys/devices/system/cpu/online", "", "cpus_online"),
        ("proc/loadavg", "1 2 3 4\n", "threads"),
        ("proc/loadavg", "0 0 0 1/0 5\n", "threads"),
        ("proc/cgroups", "memory\t4\tmany\t1\n", "cgroups"),
    ],
)
def test_a_strange_file_is_null_not_a_guess(name, text, field):
    assert host_of(files={"sys/fs/cgroup/cgroup.stat": "", name: text})[field] is None


def test_texts_of_a_host_are_short_and_printable():
    host = host_of(
        files={"proc/sys/kernel/osrelease": "6.1\x1b[2J\n\u202e<script>" + "A" * 500}, machine="x86\x00_64" + "B" * 99
    )
    assert host["kernel_release"].startswith("6.1[2J<script>AAA") and len(host["kernel_release"]) == 128
    assert host["architecture"].startswith("x86_64BBB") and len(host["architecture"]) == 32


def test_cgroups_of_kernels_whose_proc_cgroups_lost_memory():
    text = "nr_descendants 20\nnr_dying_descendants 7\n"
    for name in ("sys/fs/cgroup/cgroup.stat", "sys/fs/cgroup/unified/cgroup.stat"):
        # 20 + 7 + the root
        files = {"proc/cgroups": "", "sys/fs/cgroup/cgroup.stat": "", name: text}
        assert host_of(files=files)["cgroups"] == 28


def test_the_release_of_saved_files_is_in_version():
    assert build_facts(sample("5.10.0-46-cloud-amd64"))["host"]["kernel_release"] == "5.10.0-46-cloud-amd64"


@pytest.mark.parametrize(
    "release, architecture",
    [
        ("3.10.0-1160.el7.x86_64", "x86_64"),
        ("4.18.0-80.el8.ppc64le", "ppc64le"),
        ("5.14.0-70.el9.s390x", "s390x"),
        ("6.1.0-18-arm64", "aarch64"),
        ("6.5.0-generic", None),
    ],
)
def test_the_architecture_of_saved_files_is_in_the_release(release, architecture):
    text = meminfo(**plain(VmallocTotal=133143461888))
    files = {"proc/sys/kernel/osrelease": release}
    facts = build_facts(reading(text, files=files, machine=None, live=False))
    assert facts["host"]["architecture"] == architecture


@pytest.mark.parametrize("page", [4096, 16384, 65536])
def test_the_page_size_of_saved_files_follows_from_two_files(page):
    fields = plain()
    counters = {"nr_free_pages": "MemFree", "nr_slab_unreclaimable": "SUnreclaim", "nr_page_table_pages": "PageTables"}
    text = "".join(f"{counter} {fields[field] * 1024 // page}\n" for counter, field in counters.items())
    facts = build_facts(reading(meminfo(**fields), files={"proc/vmstat": text}, page_size=None, machine="aarch64"))
    assert facts["host"]["page_size_bytes"] == page


def test_a_free_memory_that_moved_between_two_files_does_not_change_the_page_size():
    # In this sample free memory per free page is 12.2 KiB; slab and page tables still say 4 KiB.
    assert build_facts(sample("6.18-host"))["host"]["page_size_bytes"] == 4096


@pytest.mark.parametrize("page", [None, 0, 5000, "4096", True])
def test_without_a_page_size_nothing_is_counted_in_pages(page):
    more = {"machine": "aarch64", "sums": {"pcp_pages": 5}, "files": {"proc/vmstat": "nr_zspages 7\n"}}
    facts = build_facts(full(page_size=page, **more))
    assert facts["host"]["page_size_bytes"] is None and "page_size_bytes" in facts["unavailable"]
    assert "pcp_free_bytes" not in facts["accounting"]["terms"]


def test_page_sizes_that_disagree_are_no_page_size():
    # MemFree speaks for 4 KiB, SUnreclaim for 16 KiB.
    text = "nr_free_pages 128000\nnr_slab_unreclaimable 2500\n"
    assert host_of(page_size=None, machine="aarch64", files={"proc/vmstat": text})["page_size_bytes"] is None


@pytest.mark.parametrize("machine", ["x86_64", "i686", "s390x", "armv7l", "riscv64"])
def test_architectures_with_one_size_of_pages_need_no_vmstat(machine):
    assert host_of(page_size=None, machine=machine)["page_size_bytes"] == 4096


def test_the_flags_of_x86_in_cpuinfo_are_enough():
    facts = build_facts(case("page-size-of-x86"))
    assert facts["host"]["page_size_bytes"] == 4096
    assert facts["attribution"]["slab_caches"]["caches"][0]["name"] == "kmalloc-512"
    assert host_of(page_size=None, machine="vendor64", found=["cpu_flags"])["page_size_bytes"] is None


@pytest.mark.parametrize("page", [4096, 16384, 65536])
def test_the_page_size_follows_from_slabinfo_against_slab(page):
    """The slabs of the table are 87 to 97 % of Slab on every kernel that was measured."""
    part = {"rows": [], "caches": 90, "pages": 80000 * 1024 * 92 // 100 // page, "bad_lines": 0, "aliases": {}}
    assert host_of(page_size=None, machine="aarch64", parts={"slab": part})["page_size_bytes"] == page
    part["pages"] = 80000 * 1024 // page * 2 // 3
    assert host_of(page_size=None, machine="aarch64", parts={"slab": part})["page_size_bytes"] is None


def test_living_control_groups_are_told_from_ended_ones_by_version_2_only():
    host = host_of(files={"sys/fs/cgroup/cgroup.stat": ""})
    assert (host["cgroups_living"], host["cgroups_dying"], host["cgroups"]) == (None, None, 14)


@pytest.mark.parametrize(
    "given, kept",
    [
        ("root=/dev/vda1 ro quiet\n", "root=/dev/vda1 ro quiet"),
        ("slab_nomerge rd.iscsi.password=hunter2 quiet", "slab_nomerge rd.iscsi.password=... quiet"),
        ("netroot=iscsi:me:hunter2@10.0.0.1::3260::iqn quiet", "netroot=... quiet"),
        ("ks=https://u:p@host/ks.cfg", "ks=..."),
        ("inst.ks=https://host/ks?TOKEN=abc", "inst.ks=..."),
        ("hunter2@nowhere", "..."),
        ("quiet -- --secret-for-init", "quiet"),
        ("", None),
        ("\x1b[2Jquiet \u202e", "[2Jquiet"),
    ],
)
def test_boot_parameters_are_kept_without_what_looks_like_a_secret(given, kept):
    assert host_of(files={"proc/cmdline": given})["kernel_command_line"] == kept


def test_a_long_command_line_is_cut_between_two_parameters():
    line = host_of(files={"proc/cmdline": " ".join(f"module.parameter{number}=1" for number in range(99))})
    assert len(line["kernel_command_line"]) <= 512 and line["kernel_command_line"].endswith("=1")


def test_the_boot_is_known_only_with_uptime_and_time():
    assert host_of(files={"proc/uptime": "x\n"})["booted_at"] is None
    assert host_of(collected_at=None)["booted_at"] is None
