# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of the memory cgroups: two levels, bounded in reads and time, in both versions."""

import os
import posix
import time

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import cgroup as _cgroup
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import SAMPLES

OLD = {"kernel_stack": 49152, "percpu": 0, "sock": 0, "slab_reclaimable": 262312, "slab_unreclaimable": 131120}


def walk(root, end=None):
    """The walk of a tree."""
    return _cgroup.walk(str(root), False, time.time() + 60 if end is None else end, time.time)


@pytest.fixture
def tree(tmp_path):
    """A cgroup file system; called with {path: kernel bytes or text}, it adds cgroups of version 2 and walks them."""
    (tmp_path / "cgroup.controllers").write_text("memory\n")

    def write_and_walk(cgroups, **more):
        for path, content in cgroups.items():
            (tmp_path / path).mkdir(parents=True, exist_ok=True)
            text = f"anon 5\nkernel {content}\nsock 0\n" if isinstance(content, int) else content
            (tmp_path / path / "memory.stat").write_text(text)
        return walk(tmp_path, **more)

    write_and_walk.root = tmp_path
    return write_and_walk


# grep -E '^(kernel|slab_(un)?reclaimable|percpu|(sec_)?pagetables|vmalloc|kernel_stack|sock) '
# system.slice{,/ssh.service}/memory.stat
@pytest.mark.parametrize(
    "kernel, first, second",
    [
        ("5.10.0-46-cloud-amd64", ["/system.slice", OLD], ["/system.slice/ssh.service", OLD]),
        ("6.1.0-56-cloud-amd64", ["/system.slice", 679936], ["/system.slice/ssh.service", 667648]),
        ("6.12.118+deb13-cloud-amd64", ["/system.slice", 12288], ["/system.slice/ssh.service", 0]),
        ("7.3.4+deb13-cloud-amd64", ["/system.slice/ssh.service", 933888], ["/system.slice", 929792]),
    ],
)
def test_samples(kernel, first, second):
    part, cut = walk(os.path.join(SAMPLES, kernel, "sys/fs/cgroup"))
    assert cut is None and (part["version"], part["seen"], part["dying"]) == (2, 2, 0)
    for row, (path, known) in zip(part["rows"], (first, second), strict=True):
        assert row[0] == path
        assert row[1] == known if isinstance(known, dict) else row[1]["kernel"] == known
        assert isinstance(known, dict) or len(row[1]) == 9


def test_version_1_has_one_counter(tmp_path):
    for path, number in (
        ("memory/a", "100\n"),
        ("memory/a/b", "300\n"),
        ("memory/a/b/c", "999\n"),
        ("memory/d", "200\n"),
        ("memory/e", "x\n"),
    ):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "memory.kmem.usage_in_bytes").write_text(number)
    part, cut = walk(tmp_path)
    assert (cut, part["version"], part["seen"], part["dying"]) == (None, 1, 3, None)
    assert part["rows"] == [["/a/b", {"kernel": 300}], ["/d", {"kernel": 200}], ["/a", {"kernel": 100}]]


def test_equal_ones_are_sorted_by_path_and_only_eight_are_kept(tree):
    part, cut = tree({f"c{number:02}": 5 for number in range(20)})
    assert cut is None and part["seen"] == 20
    assert [row[0] for row in part["rows"]] == [f"/c{number:02}" for number in range(8)]


def test_without_a_total_the_sum_of_what_is_there_decides(tree):
    part, _cut = tree({"a": "slab_reclaimable 10\nsock 20\nanon 999\n", "b": "percpu 31\n", "c": "anon 5\n"})
    assert part["rows"] == [["/b", {"percpu": 31}], ["/a", {"slab_reclaimable": 10, "sock": 20}]] and part["seen"] == 2


def test_reads_are_limited_and_the_biggest_parents_come_first(tree):
    cgroups = {"a.slice": 10, "z.slice": 9000}
    cgroups.update({f"a.slice/{number:03}": 1 for number in range(150)})
    cgroups.update({f"z.slice/{number:03}": number for number in range(150)})
    part, cut = tree(cgroups)
    assert cut == "limit" and part["seen"] == 200
    assert part["rows"][:2] == [["/z.slice", {"kernel": 9000, "sock": 0}], ["/z.slice/149", {"kernel": 149, "sock": 0}]]


def test_the_deadline_ends_the_walk(tree):
    part, cut = tree({"a": 5, "b": 6}, end=time.time() - 1)
    assert cut == "deadline" and (part["rows"], part["seen"]) == ([], 0)


def test_units_are_cgroups_even_where_their_names_begin_like_files(tree):
    part, _cut = tree({"memory.slice": 5, "cpu.scope": 6, "io.service": 7, "-.mount": 8})
    assert [row[0] for row in part["rows"]] == ["/-.mount", "/io.service", "/cpu.scope", "/memory.slice"]


def test_what_is_no_cgroup_neither_hangs_nor_counts(tree):
    (tree.root / "fifo").mkdir()
    os.mkfifo(str(tree.root / "fifo" / "memory.stat"))
    (tree.root / "device").mkdir()
    os.symlink("/dev/zero", str(tree.root / "device" / "memory.stat"))
    (tree.root / "folder" / "memory.stat").mkdir(parents=True)
    (tree.root / "empty").mkdir()
    (tree.root / "file").write_text("kernel 9\n")
    os.symlink("a", str(tree.root / "link"))
    os.symlink("..", str(tree.root / "loop"))
    part, cut = tree({"a": 5})
    assert cut is None and part["rows"] == [["/a", {"kernel": 5, "sock": 0}]] and part["seen"] == 1


def test_a_cgroup_that_goes_meanwhile_does_not_end_the_walk(tree, monkeypatch):
    tree({"a": 5, "a/b": 3, "c": 4, "c/d": 2})
    real = posix.listdir

    def vanish(path):
        if path.endswith(b"/a"):
            raise OSError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(posix, "listdir", vanish)
    part, cut = walk(tree.root)
    assert cut is None and [row[0] for row in part["rows"]] == ["/a", "/c", "/c/d"]


def test_no_memory_counters_anywhere_is_an_error(tree, tmp_path):
    (tree.root / "a").mkdir()
    with pytest.raises(OSError):
        walk(tree.root)
    with pytest.raises(OSError):
        walk(tmp_path / "none")


def test_a_host_without_cgroups_of_its_own_is_no_error(tree):
    (tree.root / "cgroup.stat").write_text("nr_descendants 9\nnr_dying_descendants 7\n")
    assert walk(tree.root) == ({"version": 2, "rows": [], "seen": 0, "dying": 7, "living": 9}, None)


def test_paths_are_bounded_text(tree):
    folder = os.path.join(str(tree.root).encode("ascii"), b"x" * 150, b"y" * 150 + b"\xff")
    os.makedirs(folder)
    for path in (folder, os.path.dirname(folder)):
        with open(os.path.join(path, b"memory.stat"), "wb") as file:
            file.write(b"kernel 5\n")
    paths = [row[0] for row in walk(tree.root)[0]["rows"]]
    assert paths == ["/" + "x" * 150, "x" * 48 + "/" + "y" * 150 + "\ufffd"]
