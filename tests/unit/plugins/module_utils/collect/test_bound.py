# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reading stays within 12 KiB on the biggest host; what was dropped is said."""

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import reader as _reader
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.bound import LIMIT, length, trim
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import SAMPLES

NODE = "Node %d MemTotal: 1056964608 kB\n" + "".join(
    f"Node %d {field}: 16777216 kB\n"
    for field in ("MemFree", "KernelStack", "PageTables", "SecPageTables", "Slab", "SReclaimable", "SUnreclaim")
)
STATUS = "Name:\t%s\nVmPTE:\t%8d kB\nThreads:\t%d\nSigQ:\t0/1\n"
COUNTERS = (
    "kernel",
    "slab_reclaimable",
    "slab_unreclaimable",
    "percpu",
    "pagetables",
    "sec_pagetables",
    "vmalloc",
    "kernel_stack",
    "sock",
)
POD = "kubepods-burstable-pod0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0.slice"


@pytest.fixture(scope="module")
def biggest(tmp_path_factory):
    """The tree of a host with 10,000 slab caches, 64 nodes, 300 pods and long names everywhere."""
    root = tmp_path_factory.mktemp("biggest")

    def write(name, text):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    for name in ("vmstat", "zoneinfo", "loadavg", "uptime", "version", "pressure/memory", "sys/fs/dentry-state"):
        for kernel in ("7.3.4+deb13-cloud-amd64", "6.18-host"):
            try:
                with open("/".join([SAMPLES, kernel, "proc", name])) as file:
                    write("proc/" + name, file.read())
            except OSError:
                pass
    with open(SAMPLES + "/6.18-host/proc/meminfo") as file:
        write("proc/meminfo", file.read().replace("Slab:            1038108 kB", "Slab:           12038108 kB"))
    write("proc/loadavg", "999.99 999.99 999.99 999/999999 4194304\n")
    zone = "Node %2d, zone %8s" + " %6d" * 11 + "\n"
    write("proc/buddyinfo", "".join(zone % ((node, "Normal") + (123456,) * 11) for node in range(64)))
    cache = (
        "very-long-name-of-a-cache-of-a-third-party-driver-number-%05d-and-more-of-it %d 99999999 4096 8 8 : "
        "tunables 0 0 0 : slabdata 1 %d 0\n"
    )
    write(
        "proc/slabinfo",
        "slabinfo - version: 2.1\n" + "".join(cache % (number, number, 99999999 - number) for number in range(10000)),
    )
    caller = (
        "0x00000000dadaa215-0x00000000b4022b1a 20480 a_very_long_name_of_a_function_number_%04d+0x1/0x2 "
        "[a_module_with_a_name] pages=%d vmalloc\n"
    )
    write("proc/vmallocinfo", "".join(caller % (number, number) for number in range(3000)))
    write(
        "proc/allocinfo",
        "".join(
            f"{number} {number} {'folder/' * 20}/file.c:{number} [module] func:a_function\n" for number in range(3000)
        ),
    )
    for node in range(64):
        write(f"sys/devices/system/node/node{node}/meminfo", NODE % ((node,) * 8))
    write("sys/fs/cgroup/cgroup.controllers", "memory\n")
    stat = "".join(f"{name} %d\n" for name in COUNTERS)
    for number in range(300):
        name = f"sys/fs/cgroup/kubepods.slice/{POD}-{number:03}" if number else "sys/fs/cgroup/kubepods.slice"
        write(name + "/memory.stat", stat % ((10**12 + number,) * len(COUNTERS)))
    for pid in range(1, 201):
        write(f"proc/{4194000 - pid}/status", STATUS % ("a-name-of-15-ch", 10**7 + pid, 10**5 + pid))
        write(
            f"proc/{4194000 - pid}/cgroup",
            "0::/kubepods.slice/kubepods-burstable.slice/{}/cri-containerd-{}.scope\n".format(POD, "0123abcd" * 8),
        )
    return root


@pytest.mark.parametrize("asked, rows", [(["default"], 2), (["all"], 1)])
def test_the_biggest_host_stays_within_the_limit(biggest, asked, rows):
    reading = _reader.read(str(biggest / "proc"), str(biggest / "sys"), 30, resolve_subsets(asked), load)
    assert 6000 < len(json.dumps(reading)) <= LIMIT
    assert set(reading["part_cut"].values()) == {"limit"} and {"numa", "pressure"} <= set(reading["part_cut"])
    # The saved processes have no descriptors.
    assert reading["part_errors"] == ({"descriptors": "ENOENT"} if asked == ["all"] else {})
    # The longest lists give first, so that no part loses everything to another.
    for name in set(reading["parts"]) - {"limits", "descriptors"}:
        part = reading["parts"][name]
        assert len(part.get("rows") or part.get("threads")) >= rows, name
    assert reading["parts"]["slab"]["caches"] == 10000 and reading["parts"]["processes"]["seen"] == 200
    assert len(reading["files"]["proc/buddyinfo"].splitlines()) >= 5 and reading["files"]["proc/buddyinfo"].endswith(
        "\n"
    )
    assert reading["parts"]["cgroups"]["seen"] == 200, "reads are limited"


def test_what_is_cut_for_its_length_comes_from_the_end(biggest):
    reading = _reader.read(str(biggest / "proc"), str(biggest / "sys"), 30, resolve_subsets(["default"]), load)
    rows = reading["parts"]["numa"]["rows"]
    assert [row[0] for row in rows] == list(range(len(rows))) and len(rows) < 64


def test_a_short_reading_is_left_alone():
    reading = {"files": {"proc/buddyinfo": "Node 0\n"}, "parts": {"numa": {"rows": [[0, {}]]}}, "part_cut": {}}
    before = json.dumps(reading, sort_keys=True)
    trim(reading)
    assert json.dumps(reading, sort_keys=True) == before


def test_a_dropped_cache_takes_its_aliases_along():
    rows = [[f"c{number:03}", 1, 2, 3, 4, 5, 6] for number in range(300)]
    part = {"rows": rows, "aliases": {row[0]: ["alias-of-it"] for row in rows}}
    reading = {"files": {}, "parts": {"slab": part}, "part_cut": {}}
    trim(reading)
    assert 0 < len(part["rows"]) < 300 and set(part["aliases"]) == {row[0] for row in part["rows"]}
    assert reading["part_cut"] == {"slab": "limit"} and len(json.dumps(reading)) <= LIMIT


def test_a_part_that_the_deadline_cut_keeps_that_reason():
    reading = {
        "files": {},
        "parts": {"numa": {"rows": [[number, {"Slab": 1}] for number in range(2000)]}},
        "part_cut": {"numa": "deadline"},
    }
    trim(reading)
    assert reading["part_cut"] == {"numa": "deadline"} and len(json.dumps(reading)) <= LIMIT


def test_where_nothing_is_left_to_drop_it_ends():
    reading = {
        "files": {"proc/meminfo": "x" * 16000, "proc/buddyinfo": "a\nb"},
        "parts": {"numa": {"rows": [[0, {}]]}},
        "part_cut": {},
    }
    trim(reading)
    assert reading["parts"]["numa"]["rows"] == [] and reading["files"]["proc/buddyinfo"] == ""


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -5,
        10**18,
        1764000000.1,
        "",
        "a",
        'a"b\\c\n\t\r',
        "\u00fc\u20ac",
        "\x00\x1b\x7f",
        [],
        {},
        [1, [2]],
        {"a": {"b": []}},
    ],
)
def test_length_is_never_below_that_of_the_json(value):
    assert len(json.dumps(value)) <= length(value) <= len(json.dumps(value)) * 2 + 24
