# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The biggest slab caches, as the kernel's own text has them; the figures are checked by awk over the saved samples."""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.slabinfo import (
    aliases_of,
    parse_slabinfo,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import SAMPLES

HEAD = [
    b"slabinfo - version: 2.1",
    b"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables",
]


def cache(name=b"dentry", figures=b"40 42 192 21 1", slabs=b"2 2 0"):
    """A line of slabinfo."""
    return name + b"     " + figures + b" : tunables    0    0    0 : slabdata      " + slabs


# awk 'NR>2 {c++; p+=$6*$15; if ($6*$15>m) {m=$6*$15; n=$1" "$2" "$3" "$4" "$5" "$6" "$15}} END {print c, p, n}'
# proc/slabinfo
@pytest.mark.parametrize(
    "kernel, caches, pages, biggest",
    [
        ("5.10.0-46-cloud-amd64", 128, 3185, ["inode_cache", 8619, 8619, 608, 13, 2, 663]),
        ("6.1.0-56-cloud-amd64", 155, 4154, ["inode_cache", 10368, 10368, 640, 12, 2, 864]),
        ("6.12.118+deb13-cloud-amd64", 189, 2252, ["kernfs_node_cache", 12330, 12330, 136, 30, 1, 411]),
        ("6.18-host", 235, 257952, ["ext4_inode_cache", 294854, 294854, 1128, 14, 4, 21061]),
        ("7.3.4+deb13-cloud-amd64", 205, 2313, ["kernfs_node_cache", 12840, 12840, 136, 30, 1, 428]),
    ],
)
def test_samples(kernel, caches, pages, biggest):
    with open(os.path.join(SAMPLES, kernel, "proc", "slabinfo"), "rb") as file:
        part = parse_slabinfo(file.read().splitlines())
    assert (part["caches"], part["pages"], part["bad_lines"]) == (caches, pages, 0)
    assert part["rows"][0] == biggest and len(part["rows"]) == 10
    sizes = [row[5] * row[6] for row in part["rows"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    "name", [b"biovec-(256)", b"size-64(DMA)", b"dentry(12:my cgroup)", b":0000192", b"ext4 inode cache"]
)
def test_names_may_hold_anything(name):
    assert parse_slabinfo(HEAD + [cache(name)])["rows"] == [[name.decode("ascii"), 40, 42, 192, 21, 1, 2]]


@pytest.mark.parametrize("version", [b"2.0", b"2.1", b"2.1 (statistics)"])
def test_every_version_of_the_table(version):
    line = cache() + b" : globalstat 1 2 3 : cpustat 4 5 6 7"
    part = parse_slabinfo([b"slabinfo - version: " + version, HEAD[1], line])
    assert part["rows"][0][-1] == 2 and part["bad_lines"] == 0


def test_equal_sizes_are_sorted_by_name_and_only_ten_are_kept():
    names = [b"c%d" % number for number in range(30)]
    part = parse_slabinfo([cache(name) for name in reversed(names)])
    assert [row[0] for row in part["rows"]] == sorted(name.decode("ascii") for name in names)[:10]
    assert (part["caches"], part["pages"]) == (30, 60)


def test_more_caches_than_are_held_at_once_change_nothing():
    lines = [cache(b"cache-%05d" % number, slabs=b"1 %d 0" % number) for number in range(3000)]
    part = parse_slabinfo(lines)
    assert [row[-1] for row in part["rows"]] == list(range(2999, 2989, -1))
    assert (part["caches"], part["pages"]) == (3000, sum(range(3000)))


@pytest.mark.parametrize(
    "line",
    [
        None,
        b"garbage",
        b"dentry 40 42 192 21 1",
        b"40 42 192 21 1 : tunables 0 0 0 : slabdata 2 2 0",
        cache(figures=b"40 42 192 21"),
        cache(figures=b"40 -42 192 21 1"),
        cache(figures=b"40 4_2 192 21 1"),
        cache(figures=b"40 42 192 21 " + b"9" * 19),
        cache(slabs=b"2 2"),
        cache(slabs=b"2 x 0"),
        cache()[:60],
    ],
)
def test_a_bad_line_is_counted_and_adds_nothing(line):
    part = parse_slabinfo(HEAD + [cache(), line])
    assert (part["caches"], part["pages"], part["bad_lines"]) == (1, 2, 1)


def test_names_are_bounded_text():
    part = parse_slabinfo([cache(b"\xff" * 100)])
    assert part["rows"][0][0] == "\ufffd" * 64


def test_a_merged_cache_is_known_by_all_its_names():
    links = [
        ("dentry", ":0000192"),
        ("kmalloc-192", ":a-0000192"),
        ("bio-192", ":0000192"),
        ("skbuff", "../slab/:0000192"),
    ]
    assert aliases_of(["dentry", "kmalloc-192", "gone"], links) == {"dentry": ["bio-192", "skbuff"]}


def test_an_alias_may_point_at_a_cache_itself():
    assert aliases_of(["files_cache"], [("other", "files_cache")]) == {"files_cache": ["other"]}


def test_aliases_are_few_and_their_names_bounded():
    links = [(f"alias-{number:02}", ":0000064") for number in range(30)] + [
        ("x" * 100, ":0000064"),
        ("pid", ":0000064"),
    ]
    found = aliases_of(["pid"], links)
    assert found == {"pid": [f"alias-{number:02}" for number in range(8)]}
    assert aliases_of(["pid"], links[-2:]) == {"pid": ["x" * 64]}
