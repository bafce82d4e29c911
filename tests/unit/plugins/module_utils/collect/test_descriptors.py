# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open descriptors by command and kind: none is opened, and what is not readable is counted."""

import os
import posix
import socket
import time

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.descriptors import TOP, kind_of, walk


@pytest.fixture
def proc(tmp_path):
    """A saved /proc; called with a pid, a command and targets it adds a process."""

    def add(pid, command, *targets):
        folder = tmp_path / str(pid) / "fd"
        folder.mkdir(parents=True)
        (tmp_path / str(pid) / "comm").write_text(command + "\n")
        for number, target in enumerate(targets):
            (folder / str(number)).symlink_to(target)

    add.root = str(tmp_path)
    return add


def look(root, packets=(), live=False, seconds=60):
    return walk(root, set(packets), live, time.monotonic() + seconds, time.monotonic)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("pipe:[12]", "pipe"),
        ("socket:[4242]", "packet"),
        ("socket:[4243]", "socket"),
        ("anon_inode:[perf_event]", "perf_event"),
        ("anon_inode:inotify", "inotify"),
        ("anon_inode:bpf-map", "bpf-map"),
        ("/memfd:pulse (deleted)", "memfd"),
        ("/dmabuf:", "dmabuf"),
        ("/var/log/messages", "/var/log/messages"),
        ("", ""),
    ],
)
def test_the_kind_is_in_the_name(target, kind):
    assert kind_of(target, {"4242"}) == kind


def test_commands_are_added_up_and_pipes_counted_once(proc):
    proc(1, "nginx", "pipe:[1]", "pipe:[1]", "pipe:[2]", "/dev/null")
    proc(2, "nginx", "pipe:[1]", "socket:[9]")
    proc(3, "tcpdump", "socket:[4242]")
    part, cut = look(proc.root, ["4242"])
    assert part == {"rows": [["nginx", "pipe", 4], ["tcpdump", "packet", 1]], "pipes": 2, "seen": 3, "unread": 0}
    assert cut is None


def test_only_the_most_are_kept(proc):
    for pid in range(1, 30):
        proc(pid, f"c{pid:02}", *["pipe:[1]"] * pid)
    rows = look(proc.root)[0]["rows"]
    assert len(rows) == TOP and rows[0] == ["c29", "pipe", 29]


def test_processes_that_refuse_are_counted_and_those_that_ended_are_not(proc, monkeypatch):
    """A plain user may look at its own processes only."""
    for pid in (1, 2, 3):
        proc(pid, "a", "pipe:[1]")
    listed = posix.listdir

    def refusing(path):
        if path.endswith(("/2/fd", "/3/fd")):
            raise OSError(13 if path.endswith("/2/fd") else 3, "as the kernel says")
        return listed(path)

    monkeypatch.setattr(posix, "listdir", refusing)
    part = look(proc.root)[0]
    assert (part["seen"], part["unread"]) == (1, 1)


@pytest.mark.parametrize(("error", "counted"), [(1, (1, 2)), (13, (1, 2)), (2, (3, 0))])
def test_links_that_are_refused_are_not_an_empty_process(proc, monkeypatch, error, counted):
    """Root without CAP_SYS_PTRACE may list the descriptors of others, and not read what they are; a descriptor that was
    closed meanwhile is another thing.
    """
    for pid in (1, 2, 3):
        proc(pid, "a", "pipe:[1]", "pipe:[2]")
    read = posix.readlink

    def refusing(path):
        if "/2/fd/" in path or "/3/fd/" in path:
            raise OSError(error, "as the kernel says")
        return read(path)

    monkeypatch.setattr(posix, "readlink", refusing)
    part = look(proc.root)[0]
    assert part == {"rows": [["a", "pipe", 2]], "pipes": 2, "seen": counted[0], "unread": counted[1]}


def test_a_copy_without_descriptors_is_an_error_and_no_empty_list(proc):
    """No list of descriptors is no list that is empty."""
    os.makedirs(os.path.join(proc.root, "2"))
    with pytest.raises(OSError, match="no descriptors"):
        look(proc.root)


def test_the_deadline_ends_it(proc):
    proc(1, "a", "pipe:[1]")
    assert look(proc.root, seconds=-1) == ({"rows": [], "pipes": 0, "seen": 0, "unread": 0}, "deadline")


def test_a_fifo_in_place_of_a_name_does_not_hang(proc):
    proc(1, "a", "pipe:[1]")
    os.unlink(os.path.join(proc.root, "1", "comm"))
    os.mkfifo(os.path.join(proc.root, "1", "comm"))
    proc(2, "b", "pipe:[1]")
    assert look(proc.root)[0]["rows"] == [["b", "pipe", 1]]


def test_this_very_process_is_found():
    """Its own pipe and socket stand in the live /proc."""
    ends, end = os.pipe(), socket.socket()
    try:
        part, _cut = look("/proc", live=True)
    finally:
        os.close(ends[0])
        os.close(ends[1])
        end.close()
    assert part["pipes"] >= 1 and part["seen"] >= 1
