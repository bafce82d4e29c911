# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of the processes: one file each, bounded in time, tolerant of processes that end or are hidden."""

import os
import posix
import time

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import processes as _processes

STATUS = (
    "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nGroups:\t%s\nVmPeak:\t  10 kB\n%sVmSwap:\t       0 "
    "kB\nThreads:\t%s\nSigQ:\t0/1\n"
)


def status(name="bash", tables="88", threads="1", groups="0"):
    """The text of a status file; a thread of the kernel has no tables."""
    return STATUS % (name, groups, "" if tables is None else f"VmPTE:\t{tables:>8} kB\n", threads)


@pytest.fixture
def proc(tmp_path):
    """A tree of /proc; called with {pid: status}, it adds them and returns what the walk says."""

    def write_and_walk(processes, late=False):
        for pid, text in processes.items():
            (tmp_path / str(pid)).mkdir(exist_ok=True)
            (tmp_path / str(pid) / "status").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        now = time.time()
        return _processes.walk(str(tmp_path), False, now - 1 if late else now + 60, time.time)

    write_and_walk.root = tmp_path
    return write_and_walk


def test_this_very_machine_can_be_walked():
    part, cut = _processes.walk("/proc", True, time.time() + 60, time.time)
    assert cut is None and part["seen"] > 0 and part["threads_seen"] >= part["seen"]
    assert part["page_tables_kib"] >= sum(row[2] for row in part["page_tables"]) > 0
    assert part["threads"][0][2] >= part["threads"][-1][2] >= 1


def test_the_biggest_are_named_and_all_are_added_up(proc):
    processes = {pid: status(f"p{pid}", str(pid % 7 * 100), str(pid % 3 + 1)) for pid in range(1, 301)}
    (proc.root / "6").mkdir()
    (proc.root / "6" / "cgroup").write_text("4:memory:/v1\n0::/v2\n")
    part, cut = proc(processes)
    assert cut is None and (part["seen"], part["unread"]) == (300, 0)
    # Equal ones are sorted by pid, as numbers.
    assert part["page_tables"] == [[6, "p6", 600, "/v1"]] + [[pid, f"p{pid}", 600, None] for pid in (13, 20, 27, 34)]
    assert [row[0] for row in part["threads"]] == [2, 5, 8, 11, 14]
    assert part["page_tables_kib"] == sum(pid % 7 * 100 for pid in range(1, 301))
    assert part["threads_seen"] == 600


def test_threads_of_the_kernel_have_no_page_tables(proc):
    part, _cut = proc({2: status("kthreadd", None, "1"), 9: status("systemd", "100", "1")})
    assert part["page_tables"] == [[9, "systemd", 100, None]]
    assert [row[0] for row in part["threads"]] == [2, 9]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "Name:\tx\n",
        status(threads="x"),
        status(threads="-1"),
        status(threads="1_0"),
        status(threads="9" * 19),
        status(tables="x"),
        status(tables="-5"),
        status()[5:],
        status().split("SigQ")[0][:-1],
        b"\x00" * 5000,
    ],
)
def test_what_is_no_status_is_counted_and_adds_nothing(proc, text):
    part, cut = proc({1: status(), 2: text})
    assert cut is None and (part["seen"], part["unread"], part["threads_seen"], part["page_tables_kib"]) == (
        1,
        1,
        1,
        88,
    )


def test_thousands_of_groups_before_the_counters_do_not_hide_them(proc):
    part, _cut = proc({1: status(groups=" ".join(map(str, range(20000))))})
    assert part["page_tables"] == [[1, "bash", 88, None]] and part["seen"] == 1


def test_the_deadline_ends_the_walk_of_5000_processes(proc):
    for pid in range(1, 5001):
        (proc.root / str(pid)).mkdir()
    part, cut = proc({1: status()}, late=True)
    assert cut == "deadline" and part["seen"] == part["unread"] == 0 and part["threads"] == []


def test_the_deadline_is_looked_at_every_64_processes(proc):
    moments = iter([0, 0, 100])
    processes = {pid: status() for pid in range(1, 301)}
    proc(processes)
    part, cut = _processes.walk(str(proc.root), False, 50, lambda: next(moments))
    assert cut == "deadline" and part["seen"] == 128


def test_hidden_processes_are_counted_and_do_not_end_the_walk(proc, monkeypatch):
    """With hidepid=1 a status can't be opened; and a process may end before it is read."""
    real, calls = posix.open, []

    def refuse(path, *flags):
        calls.append(path)
        if "/2/" in path:
            raise OSError(1, "Operation not permitted")
        return real(path, *flags)

    monkeypatch.setattr(posix, "open", refuse)
    (proc.root / "3").mkdir()
    part, cut = proc({1: status(), 2: status(), 4: status()})
    assert cut is None and (part["seen"], part["unread"]) == (2, 2)
    assert not [path for path in calls if path.rsplit("/", 1)[1] not in ("status", "cgroup")], (
        "nothing else is ever opened"
    )


def test_what_is_no_file_neither_hangs_nor_acts(proc):
    for pid in (1, 2, 3, 4):
        (proc.root / str(pid)).mkdir()
    os.mkfifo(str(proc.root / "1" / "status"))
    os.symlink("/dev/zero", str(proc.root / "2" / "status"))
    os.symlink("status", str(proc.root / "3" / "status"))
    (proc.root / "4" / "status").mkdir()
    (proc.root / "5").write_text("a file")
    os.symlink("../7", str(proc.root / "6"))
    for name in ("self", "9x", "meminfo"):
        (proc.root / name).mkdir()
    part, cut = proc({7: status()})
    # The link is followed, as /proc has none under a number.
    assert cut is None and part["seen"] == 1 and part["unread"] == 7


def test_a_root_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError):
        _processes.walk(str(tmp_path / "none"), False, time.time() + 9, time.time)


def test_names_are_bounded_text(proc):
    proc({5: status("\u00fc" * 100)})
    (proc.root / "5" / "cgroup").write_bytes(b"0::/" + b"a" * 300 + b"/\xff\n")
    part, _cut = proc({})
    assert part["threads"] == [[5, "\u00fc" * 64, 1, "a" * 198 + "/\ufffd"]]


@pytest.mark.parametrize(
    "data, path",
    [
        (b"", None),
        (b"garbage\n", None),
        (b"0::/system.slice/ssh.service\n", "/system.slice/ssh.service"),
        (b"0::/v2\n4:memory:/v1\n", "/v1"),
        (b"4:cpu,memory:/v1\n0::/v2\n", "/v1"),
        (b"4:cpu:/v1\n", None),
        (b"0::/docker/a:b\n", "/docker/a:b"),
        (b"1:name=systemd:/x\n0::/\n", "/"),
    ],
)
def test_cgroup_of_a_process(data, path):
    assert _processes.cgroup_of(data) == path
