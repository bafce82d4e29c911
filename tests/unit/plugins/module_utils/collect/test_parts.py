# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reading gains by its subsets: what was asked for, where it is needed, in time, and a reason for all that is
missing.
"""

import json
import os
import posix

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import parts as _parts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import rare_parts as _rare_parts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import reader as _reader
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.bound import LIMIT
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import NAMES, resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES

ALL = resolve_subsets(["all"])
DEFAULT = resolve_subsets(["default"])
MEMINFO = "MemTotal: %d kB\nHugetlb: 0 kB\nPageTables: %d kB\nSlab: %d kB\n"
SLAB = "slabinfo - version: 2.1\n# name\ndentry 40 42 192 21 1 : tunables 0 0 0 : slabdata 2 2 0\n"
STATUS = "Name:\tbash\nVmPTE:\t      88 kB\nThreads:\t1\nSigQ:\t0/1\n"
GIB = 1 << 20  # in KiB


@pytest.fixture
def tree(tmp_path):
    """A saved tree; called with {path: text}, it adds files and returns the reading with these subsets."""

    def write_and_read(files, subsets=ALL, deadline=5):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return _reader.read(str(tmp_path / "proc"), str(tmp_path / "sys"), deadline, subsets, load)

    write_and_read.root = tmp_path
    return write_and_read


def test_this_very_machine_gives_every_part_or_a_reason():
    reading = _reader.read("/proc", "/sys", 20, ALL, load)
    for name in _parts.ORDER:
        assert (name in reading["parts"]) is not (name in reading["part_errors"]), name
        assert reading["part_ms"][name] >= 0
    assert reading["subsets"] == sorted(NAMES) and reading["part_skipped"] == {}
    assert len(json.dumps(reading)) <= LIMIT


@pytest.mark.parametrize("kernel", KERNELS)
def test_samples_give_small_readings_with_all_that_they_hold(kernel):
    root = os.path.join(SAMPLES, kernel)
    reading = _reader.read(os.path.join(root, "proc"), os.path.join(root, "sys"), 5, ALL, load)
    assert {"numa", "slab", "vmalloc"} <= set(reading["parts"]) and ("cgroups" in reading["parts"]) is (
        kernel != "6.18-host"
    )
    assert reading["part_errors"]["allocinfo"] == "ENOENT" and reading["part_cut"] == {}
    assert reading["parts"]["numa"]["rows"][0][0] == 0
    for key in (
        "proc/pressure/memory",
        "proc/buddyinfo",
        "proc/sys/fs/dentry-state",
        "proc/sys/fs/inode-nr",
        "proc/sys/fs/file-nr",
    ):
        assert key in reading["files"]
    assert "sockets:" in reading["files"]["proc/net/sockstat"]
    assert len(json.dumps(reading)) <= LIMIT


def test_without_subsets_the_reading_is_that_of_before(tree):
    files = {"proc/meminfo": MEMINFO % (GIB, GIB, GIB), "proc/slabinfo": SLAB, "proc/buddyinfo": "x\n"}
    for nothing in (None, {}):
        reading = tree(files, nothing)
        assert "parts" not in reading and "proc/buddyinfo" not in reading["files"]


def test_what_was_not_asked_is_said(tree):
    reading = tree({"proc/slabinfo": SLAB, "proc/buddyinfo": "x\n"}, {"slab": "always"})
    assert reading["subsets"] == ["slab"] and list(reading["parts"]) == ["slab"]
    assert reading["part_skipped"] == {name: "not_asked" for name in NAMES if name != "slab"}
    assert "proc/buddyinfo" not in reading["files"]


# 256 MiB are 262144 KiB; 5 % of 100 GiB are 5242880 KiB, 1 % of it 1048576 KiB.
@pytest.mark.parametrize(
    "total, tables, slab, threads, needed",
    [
        (GIB, 0, 262143, 1, []),
        (GIB, 0, 262144, 1, ["slab"]),
        (100 * GIB, 0, 5242879, 1, []),
        (100 * GIB, 0, 5242880, 1, ["slab"]),
        (GIB, 262143, 0, 1, []),
        (GIB, 262144, 0, 1, ["processes"]),
        (100 * GIB, 1048575, 0, 1, []),
        (100 * GIB, 1048576, 0, 1, ["processes"]),
        (GIB, 0, 0, 4999, []),
        (GIB, 0, 0, 5000, ["processes"]),
        (GIB, GIB, GIB, 9999, ["processes", "slab"]),
    ],
)
def test_slab_and_processes_are_gathered_where_there_is_something_to_attribute(
    tree, total, tables, slab, threads, needed
):
    files = {"proc/meminfo": MEMINFO % (total, tables, slab), "proc/loadavg": f"1 1 1 2/{threads} 9\n"}
    files.update({"proc/slabinfo": SLAB, "proc/1/status": STATUS})
    reading = tree(files, DEFAULT)
    assert sorted({"slab", "processes"} & set(reading["parts"])) == needed
    skipped = {name for name in reading["part_skipped"] if reading["part_skipped"][name] == "not_needed"}
    assert skipped == {"slab", "processes"} - set(needed)


@pytest.mark.parametrize(
    "meminfo", ["", "MemTotal: x kB\nSlab: 9999999 kB\n", "MemTotal:", "MemTotal: \u00b2 kB\nSlab: \u00b2 kB\n"]
)
@pytest.mark.parametrize("load", ["", "1 1 1", "1 1 1 2/x 9", "1 1 1 5000 9", "1 1 1 2/\u00b2 9"])
def test_where_the_counters_are_not_known_nothing_is_needed(meminfo, load):
    for name in ("slab", "processes"):
        assert not _parts.is_needed(name, {"proc/meminfo": meminfo, "proc/loadavg": load})
        assert not _parts.is_needed(name, {})


def test_a_subset_named_by_itself_is_always_gathered(tree):
    assert (
        tree({"proc/meminfo": MEMINFO % (GIB, 0, 0), "proc/slabinfo": SLAB}, {"slab": "always"})["parts"]["slab"][
            "caches"
        ]
        == 1
    )


def test_every_part_that_is_missing_has_a_reason(tree):
    reading = tree({"proc/meminfo": "x\n"})
    assert reading["part_errors"] == dict.fromkeys(
        ("allocinfo", "cgroups", "descriptors", "numa", "slab", "vmalloc"), "ENOENT"
    )
    assert reading["parts"]["processes"]["seen"] == 0
    assert (
        reading["errors"]["proc/buddyinfo"] == "ENOENT"
        and "proc/sys/net/netfilter/nf_conntrack_count" not in reading["errors"]
    )


def test_what_may_not_be_read_is_told_by_the_errors_name(tree, monkeypatch):
    real = posix.open

    def refuse(path, *flags):
        if path.endswith(("slabinfo", "vmallocinfo")):
            raise OSError(13, "Permission denied")
        return real(path, *flags)

    monkeypatch.setattr(posix, "open", refuse)
    reading = tree({"proc/slabinfo": SLAB, "proc/vmallocinfo": "x\n"})
    assert (reading["part_errors"]["slab"], reading["part_errors"]["vmalloc"]) == ("EACCES", "EACCES")


def test_files_that_hold_locks_are_read_once_and_last(tree, monkeypatch):
    real, opened = posix.open, []

    def note(path, *flags):
        opened.append(os.path.basename(path if isinstance(path, str) else path.decode("utf-8")))
        return real(path, *flags)

    monkeypatch.setattr(posix, "open", note)
    tree(
        {
            "proc/slabinfo": SLAB * 5000,
            "proc/vmallocinfo": "x\n",
            "proc/1/status": STATUS,
            "proc/allocinfo": "x\n",
            "proc/buddyinfo": "x\n",
        }
    )
    assert opened[-2:] == ["slabinfo", "vmallocinfo"]
    assert opened.count("slabinfo") == opened.count("vmallocinfo") == 1


def test_the_deadline_leaves_a_reason_for_every_part(tree):
    for node in range(3):
        tree({f"sys/devices/system/node/node{node}/meminfo": "Node 0 Slab: 1 kB\n"}, None)
    (tree.root / "sys/fs/cgroup").mkdir(parents=True)
    files = {
        "proc/slabinfo": SLAB,
        "proc/vmallocinfo": "x\n",
        "proc/allocinfo": "x\n",
        "proc/1/status": STATUS,
        "proc/buddyinfo": "x\n",
    }
    files.update({"sys/fs/cgroup/cgroup.controllers": "memory\n", "sys/fs/cgroup/a/memory.stat": "kernel 5\n"})
    reading = tree(files, ALL, deadline=-1)
    assert reading["part_errors"] == dict.fromkeys(_parts.ORDER, "deadline")
    assert reading["parts"] == {} and reading["errors"]["proc/buddyinfo"] == "deadline"


def test_what_was_read_before_the_deadline_is_kept_and_noted(tree, monkeypatch):
    """The clock passes the deadline while slabinfo is read."""
    real = _reader.Reader.chunks

    def late(self, path, limit):
        for piece in real(self, path, limit):
            yield piece
            if path.endswith("slabinfo"):
                raise self.late()

    monkeypatch.setattr(_reader.Reader, "chunks", late)
    reading = tree({"proc/slabinfo": SLAB + "torn"})
    assert reading["parts"]["slab"]["caches"] == 1 and reading["parts"]["slab"]["bad_lines"] == 0
    assert reading["part_cut"] == {"slab": "deadline"}


def test_nodes_are_sorted_as_numbers(tree):
    files = {f"sys/devices/system/node/node{node}/meminfo": f"Node {node} Slab: {node} kB\n" for node in (10, 2, 0)}
    files.update(
        {
            "sys/devices/system/node/nodes/x": "",
            "sys/devices/system/node/node/x": "",
            "sys/devices/system/node/online": "0\n",
        }
    )
    assert tree(files)["parts"]["numa"]["rows"] == [[0, {"Slab": 0}], [2, {"Slab": 2}], [10, {"Slab": 10}]]


def test_merged_caches_are_told_by_links(tree):
    (tree.root / "sys/kernel/slab/:0000192").mkdir(parents=True)
    for name in ("dentry", "bio-192", "b\u00fc"):
        os.symlink(":0000192", str(tree.root / "sys/kernel/slab" / name))
    assert tree({"proc/slabinfo": SLAB})["parts"]["slab"]["aliases"] == {"dentry": ["bio-192", "b\u00fc"]}


def test_the_modules_agree_on_their_limits():
    """Each is sent to hosts by itself, so that a limit of two modules is written twice."""
    assert (_parts.LONGEST, _parts.WALK_SECONDS) == (_rare_parts.LONGEST, _rare_parts.WALK_SECONDS)


def test_modules_are_loaded_only_where_they_are_needed(tree):
    """Each costs an idle host a part of a millisecond to compile."""
    taken = []

    def note(name):
        taken.append(name)
        return load(name)

    tree(
        {"proc/meminfo": MEMINFO % (GIB, 0, 0), "proc/slabinfo": SLAB, "sys/devices/system/node/node0/meminfo": ""},
        None,
    )
    _reader.read(str(tree.root / "proc"), str(tree.root / "sys"), 5, DEFAULT, note)
    # What saved copies need is not sent to a running host.
    assert taken == ["saved", "parts", "numa", "cgroup", "saved"]
