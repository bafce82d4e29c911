# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the newest descriptors of a process are, asked of a process of this machine's kernel."""

from __future__ import annotations

import ctypes
import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import descriptors
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.descriptors import (
    Descriptors,
    owners_of_sockets,
    socket_kinds,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import Host
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """Descriptors that are closed after the test."""
    with ExitStack() as stack:
        yield stack


def pipe_with(held: ExitStack, size: int) -> tuple[int, int]:
    """A pipe in which some bytes wait."""
    ends = os.pipe()
    for end in ends:
        held.callback(os.close, end)
    os.write(ends[1], bytes(size))
    return ends


def can_copy_descriptors() -> bool:
    """Whether this kernel and what it runs in let a process copy a descriptor of its own, as Linux 5.6 does."""
    library = ctypes.CDLL(None, use_errno=True)
    process = library.syscall(descriptors.PIDFD_OPEN, os.getpid(), 0)
    if process < 0:
        return False
    copy = library.syscall(descriptors.PIDFD_GETFD, process, 1, 0)
    os.close(process)
    if copy >= 0:
        os.close(copy)
    return bool(copy >= 0)


def test_the_kinds_of_a_process_are_told_with_their_numbers(held: ExitStack) -> None:
    """What a hundred descriptors are is what names a leak of them."""
    for _pair in range(30):
        for one in socket.socketpair():
            held.callback(one.close)
    kinds, reason = Descriptors(Host(), os.getpid()).look()
    assert reason is None and kinds["socket (unix)"]["count"] >= 60


def test_bytes_that_wait_in_a_pipe_are_told_and_left_there(held: ExitStack) -> None:
    """A full pipe is memory that no counter names. Nothing is read of it, and it has as many readers as before."""
    reader, writer = pipe_with(held, 5000)
    kinds, _reason = Descriptors(Host(), os.getpid()).look()
    assert kinds["pipe"]["count"] >= 2
    if can_copy_descriptors():
        assert kinds["pipe"]["waiting_bytes"] >= 5000
    assert len(os.read(reader, 8192)) == 5000
    os.close(os.dup(writer))
    assert select.select([reader], [], [], 0)[0] == []


def test_what_waits_on_an_epoll_is_counted(held: ExitStack) -> None:
    """Each entry is an object of the kernel, and no descriptor."""
    poll = select.epoll()
    held.callback(poll.close)
    for end in (end for _pipe in range(3) for end in pipe_with(held, 1)):
        poll.register(end)
    kinds, _reason = Descriptors(Host(), os.getpid()).look()
    assert kinds["eventpoll"]["watches"] >= 6


def test_a_process_that_is_gone_or_not_ones_own_is_not_readable(tmp_path) -> None:
    """No descriptors is not the same as none that may be seen."""
    assert Descriptors(Tree(tmp_path).host(), 77).look() == ({}, "not_readable")


def test_links_that_are_refused_are_not_descriptors_that_are_gone(tmp_path, monkeypatch) -> None:
    """Root without CAP_SYS_PTRACE may list the descriptors of others, and not read what they are."""
    tree = Tree(tmp_path)
    (tmp_path / "proc/77/fd").mkdir()
    (tmp_path / "proc/77/fd/3").symlink_to("pipe:[1]")

    def refused(path: str) -> str:
        raise PermissionError(13, "as the kernel says", path)

    monkeypatch.setattr(os, "readlink", refused)
    assert Descriptors(tree.host(), 77).look() == ({}, "not_readable")


def test_only_the_newest_are_looked_at(tmp_path) -> None:
    """A process of a million descriptors is asked for its last 400; those of a leak are the newest."""
    tree = Tree(tmp_path)
    folder = tmp_path / "proc/77/fd"
    folder.mkdir()
    for number in range(450):
        (folder / str(number)).symlink_to("/var/log/x" if number < 50 else "anon_inode:[eventfd]")
    kinds, reason = Descriptors(tree.host(), 77).look()
    assert (kinds, reason) == ({"eventfd": {"count": 400}}, None)


def test_maps_and_watches_tell_what_they_hold(tmp_path) -> None:
    """From their own text: the memory of a BPF map, the watches of an inotify."""
    tree = Tree(tmp_path)
    folder = tmp_path / "proc/77/fd"
    folder.mkdir()
    (folder / "3").symlink_to("anon_inode:bpf-map")
    (folder / "4").symlink_to("anon_inode:inotify")
    (folder / "5").symlink_to("/dev/kvm")
    (folder / "6").symlink_to("socket:[1]")
    tree.write("proc/77/fdinfo/3", "pos:\t0\nmap_type:\t2\nmemlock:\t135168\n")
    tree.write("proc/77/fdinfo/4", "pos:\t0\ninotify wd:1 ino:2\ninotify wd:2 ino:3\n")
    assert Descriptors(tree.host(), 77).look()[0] == {
        "bpf-map of type 2": {"count": 1, "memlock_bytes": 135168},
        "inotify": {"count": 1, "watches": 2},
        "device /dev/kvm": {"count": 1},
        "socket (of another kind or network namespace)": {"count": 1},
    }


def test_a_socket_is_its_owners(held: ExitStack) -> None:
    """Queues are told by the number of their socket; somebody must be asked to read it."""
    one = socket.socket()
    held.callback(one.close)
    inode = str(os.fstat(one.fileno()).st_ino)
    assert owners_of_sockets(Host(), [inode]) == {inode: os.getpid()}
    assert owners_of_sockets(Host(), []) == {}


def test_sockets_are_told_by_their_protocol(held: ExitStack) -> None:
    """By the lists of this network namespace."""
    one = socket.create_server(("127.0.0.1", 0))
    held.callback(one.close)
    assert socket_kinds(Host())[str(os.fstat(one.fileno()).st_ino)] == "tcp"
