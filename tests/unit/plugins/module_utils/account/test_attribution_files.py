# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What small files say, worked by hand: pressure, fragmentation and numbers of objects; null with a reason where
they don't.
"""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import attribution_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import (
    FILES,
    HOST,
    MEMINFO,
    attribution,
    part_reading,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES

WHOLE = attribution()


def with_file(name, text, release="6.12.0", **more):
    """The attribution of a reading in which one file has another text, or is not there."""
    files = {key: FILES[key] for key in FILES if key != name}
    if text is not None:
        files[name] = text
    return attribution_of(part_reading(files=files, **more), MEMINFO, dict(HOST, kernel_release=release))


def test_pressure():
    assert WHOLE["pressure"] == {
        "some_avg10": 1.5,
        "some_avg60": 0.25,
        "some_avg300": 0.05,
        "full_avg10": 0.5,
        "full_avg60": 0.1,
        "full_avg300": 0.0,
        "oom_kills": 3,
        "complete": True,
        "reason": None,
        "duration_ms": None,
    }


def test_a_kernel_without_pressure_still_counts_oom_kills():
    part = with_file("proc/pressure/memory", None, errors={"proc/pressure/memory": "EOPNOTSUPP"})["pressure"]
    assert part["some_avg10"] is None and part["oom_kills"] == 3 and part["complete"] is False
    assert (
        part["reason"] == "This kernel shows no memory pressure (EOPNOTSUPP); it needs CONFIG_PSI and, on some, psi=1."
    )


def test_a_share_above_all_is_none():
    assert (
        with_file("proc/pressure/memory", "some avg10=100.01 avg60=100.00 avg300=0.00 total=1\n")["pressure"][
            "some_avg10"
        ]
        is None
    )


def test_fragmentation():
    # DMA: one block of 16 pages. Normal: 16 + 8 * 2 + 4 * 4 + 2 * 8 = 64 pages below order 4, and 4 * 16 = 64 in order
    # 4.
    assert WHOLE["fragmentation"]["zones"] == [
        {"node": 0, "zone": "DMA", "free_bytes": 65536, "largest_free_order": 4, "unusable_percent": 0.0},
        {"node": 0, "zone": "Normal", "free_bytes": 524288, "largest_free_order": 4, "unusable_percent": 50.0},
    ]


def test_a_zone_without_free_memory_has_no_largest_block():
    zone = with_file("proc/buddyinfo", "Node 1, zone  Movable 0 0 0\n")["fragmentation"]["zones"][0]
    assert zone == {"node": 1, "zone": "Movable", "free_bytes": 0, "largest_free_order": None, "unusable_percent": None}


def test_lines_of_buddyinfo_that_are_not_understood_are_counted():
    part = with_file(
        "proc/buddyinfo", "Node 0, zone DMA 1 2\nNode x\nNode 0, zone Big 9999999999999999 9999999999999999\n"
    )["fragmentation"]
    assert (part["complete"], part["reason"], len(part["zones"])) == (
        False,
        "2 lines of buddyinfo could not be understood.",
        1,
    )
    assert (
        with_file("proc/buddyinfo", "nothing\n")["fragmentation"]["reason"] == "No line of buddyinfo can be understood."
    )
    assert with_file("proc/buddyinfo", None)["fragmentation"]["reason"] == "There is no usable buddyinfo (not read)."


def test_objects():
    assert WHOLE["objects"] == {
        "dentries": 9086,
        "dentries_unused": 272,
        "dentries_negative": 63,
        "inodes": 9048,
        "inodes_free": 12,
        "files": 96,
        "files_limit": 73176,
        "conntrack": 12,
        "conntrack_limit": 262144,
        "sockets": 5,
        "tcp_bytes": 16384,
        "tcp_limit_bytes": 300 * 4096,
        "kernel_tainted": 4097,
        "complete": True,
        "reason": None,
        "duration_ms": None,
    }


@pytest.mark.parametrize(
    ("release", "field", "negative"),
    [
        ("4.18.0-553.el8", 0, None),
        ("4.18.0-553.el8", 7, 7),
        ("5.0.1", 0, 0),
        ("10.1", 0, 0),
        ("3.10.0", 0, None),
        (None, 0, None),
        (None, 9, 9),
    ],
)
def test_negative_dentries_are_unknown_where_a_0_counts_nothing(release, field, negative):
    part = with_file("proc/sys/fs/dentry-state", f"10\t5\t45\t0\t{field}\t0\n", release=release)["objects"]
    assert part["dentries_negative"] == negative
    assert part["complete"] is True and (part["reason"] is None) is (negative is not None)


def test_a_host_without_connection_tracking_is_complete():
    part = with_file("proc/sys/net/netfilter/nf_conntrack_count", None)["objects"]
    assert (part["conntrack"], part["complete"], part["reason"]) == (None, True, "Not known here: conntrack.")


def test_no_limit_of_open_files_is_null_and_complete():
    part = with_file("proc/sys/fs/file-nr", "96\t0\t9223372036854775807\n")["objects"]
    assert (part["files"], part["files_limit"], part["complete"]) == (96, None, True)


def test_a_missing_file_makes_the_objects_incomplete_and_names_what_is_unknown():
    part = with_file("proc/sys/fs/inode-nr", "garbage\n")["objects"]
    assert (part["complete"], part["reason"]) == (False, "Not known here: inodes, inodes_free.")


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_files_of_real_kernels_are_understood(kernel):
    files = {}
    for name in sorted(FILES):
        place = os.path.join(SAMPLES, kernel, *name.split("/"))
        if os.path.exists(place):
            with open(place, encoding="ascii") as handle:
                files[name] = handle.read()
    parts = attribution_of(part_reading(files=files), MEMINFO, HOST)
    assert parts["pressure"]["complete"] and parts["fragmentation"]["complete"]
    # Nothing else of what is looked for is among these samples.
    assert parts["objects"]["reason"] == "Not known here: conntrack, conntrack_limit, kernel_tainted, tcp_limit_bytes."


def test_the_users_with_most_keys_come_first():
    """Ten are kept of thousands, and those must be the ones that fill the quota."""
    lines = [f"{uid:5}: {count:5} {count}/{count} 9/1000 90/20000" for uid, count in ((0, 3), (7, 9), (5, 9))]
    part = with_file("proc/key-users", "\n".join(lines) + "\n", subsets=["limits"])["kernel_keys"]
    assert [(one["uid"], one["count"]) for one in part["users"]] == [(5, 9), (7, 9), (0, 3)]
