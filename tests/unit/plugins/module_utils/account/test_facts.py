# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts have one shape, bounded texts and a reason for every null; what is no reading is a sentence."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KERNELS,
    meminfo,
    plain,
    reading,
    sample,
)

FILES = {
    "proc/loadavg": "17.29 18.49 14.17 13/5535 12220\n",
    "proc/uptime": "1924.52 843.69\n",
    "proc/sys/kernel/osrelease": "6.12.118+deb13-cloud-amd64\n",
    "proc/sys/kernel/random/boot_id": "40860cda-7ef9-4d56-92fa-2d1fb727912a\n",
    "proc/sys/kernel/threads-max": "192729\n",
    "proc/sys/kernel/pid_max": "32768\n",
    "proc/cgroups": "memory\t4\t14\t1\n",
    "etc/machine-id": "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
    "sys/devices/system/cpu/possible": "0-111\n",
    "sys/devices/system/cpu/online": "0-15,32,40-41\n",
}


def full(**more):
    files = dict(FILES, **more.pop("files", {}))
    return reading(meminfo(**plain()), files=files, **more)


def host_of(**more):
    return build_facts(full(**more))["host"]


def test_the_host_of_a_full_reading():
    assert host_of() == {
        "boot_id": "40860cda-7ef9-4d56-92fa-2d1fb727912a",
        "machine_id": "3d1219c7c4c5404aaa1f6d2a48adfda4",
        "uptime_seconds": 1924,
        "kernel_release": "6.12.118+deb13-cloud-amd64",
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
    }


def test_the_facts_have_the_promised_names():
    facts = build_facts(full())
    assert sorted(facts) == sorted(
        [
            "schema_version",
            "collected_at",
            "duration_ms",
            "transport",
            "transport_reason",
            "run_id",
            "host",
            "platform",
            "dimensions",
            "kernel_total_bytes",
            "kernel_unreclaimable_bytes",
            "accounting",
            "unavailable",
            "unavailable_class",
            "contradictions",
            "attribution",
        ]
    )
    assert sorted(facts["platform"]) == sorted(
        ["kind", "auditable", "reason", "container_host", "kubernetes_node", "evidence"]
    )
    assert sorted(facts["accounting"]) == sorted(
        [
            "bound",
            "reasons",
            "vmalloc_meaning",
            "stacks_in_vmalloc",
            "unaccounted_band_bytes",
            "terms",
            "holders",
            "unknown_fields",
        ]
    )
    assert (
        facts["schema_version"] == 1 and facts["collected_at"] == "2025-11-24T16:00:00Z" and facts["duration_ms"] == 7
    )
    assert facts["transport"] is None and facts["run_id"] is None and facts["unavailable"] == {}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_null_with_a_reason_and_never_a_failure(name):
    whole = full()
    del whole["files"][name]
    facts = build_facts(whole)
    for field, value in facts["host"].items():
        if value is None and field not in ("memory_low_total_bytes", "vmalloc_total_bytes"):
            assert facts["unavailable"][field].endswith(".")


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
    assert host_of(files={name: text})[field] is None


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
        assert host_of(files={"proc/cgroups": "", name: text})["cgroups"] == 28


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
    facts = build_facts(reading(meminfo(**fields), files={"proc/vmstat": text}, page_size=None))
    assert facts["host"]["page_size_bytes"] == page


def test_a_free_memory_that_moved_between_two_files_does_not_change_the_page_size():
    # In this sample free memory per free page is 12.2 KiB; slab and page tables still say 4 KiB.
    assert build_facts(sample("6.18-host"))["host"]["page_size_bytes"] == 4096


@pytest.mark.parametrize("page", [None, 0, 5000, "4096", True])
def test_without_a_page_size_nothing_is_counted_in_pages(page):
    facts = build_facts(full(page_size=page, sums={"pcp_pages": 5}, files={"proc/vmstat": "nr_zspages 7\n"}))
    assert facts["host"]["page_size_bytes"] is None and "page_size_bytes" in facts["unavailable"]
    assert "pcp_free_bytes" not in facts["accounting"]["terms"]


def test_a_cut_reading_says_so():
    assert any("deadline" in reason for reason in build_facts(full(cut=["proc/zoneinfo"]))["accounting"]["reasons"])


@pytest.mark.parametrize("when", [None, "now", True, -1, 1e300, float("nan"), float("inf"), 10**400])
def test_an_impossible_time_is_null(when):
    assert build_facts(full(collected_at=when))["collected_at"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "reading",
        {},
        {"format": 1, "files": None},
        {"format": 2, "files": {"proc/meminfo": "MemTotal: 1 kB\n"}},
        {"format": 1, "files": {}, "system": "FreeBSD"},
        {"format": 1, "files": {}, "system": "Linux", "errors": {"proc/meminfo": "ENOENT"}},
        {"format": 1, "files": {"proc/meminfo": "nothing"}},
        {"format": 1, "files": {"proc/meminfo": "Slab: 1 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": "MemTotal: 0 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": "MemTotal: 8999999999999999 kB\n"}},
        {"format": 1, "files": {"proc/meminfo": 5}},
    ],
)
def test_what_is_no_reading_is_one_complete_sentence(wrong):
    with pytest.raises(ValueError, match=r"^[A-Za-z].*[.?]$"):
        build_facts(wrong)


def test_another_system_is_named():
    with pytest.raises(ValueError, match="FreeBSD"):
        build_facts({"format": 1, "files": {}, "system": "FreeBSD"})


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_same_reading_gives_the_same_facts_and_stays_as_it_was(kernel):
    first = sample(kernel)
    second = dict(first, files=dict(first["files"]))
    assert build_facts(first) == build_facts(second) and first == second


def test_page_sizes_that_disagree_are_no_page_size():
    # MemFree speaks for 4 KiB, SUnreclaim for 16 KiB.
    text = "nr_free_pages 128000\nnr_slab_unreclaimable 2500\n"
    assert build_facts(full(page_size=None, files={"proc/vmstat": text}))["host"]["page_size_bytes"] is None
