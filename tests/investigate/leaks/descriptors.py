# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptors that are opened and not closed, and what hangs on one."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import socket
import tempfile

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import (
    HELD,
    LIBRARY,
    Step,
    call,
    checked,
    held,
)


def event_descriptors() -> Step:
    """Descriptors of eventfd; the first fill the places that others have left free in their caches."""
    HELD.extend(os.eventfd(0) for _descriptor in range(4000))
    return lambda: held(os.eventfd(0), 512)


def empty_pipes() -> Step:
    """Pipes that nothing is in."""
    return lambda: held(os.pipe(), 2600)


def full_pipes() -> Step:
    """Pipes with 64 KiB that nobody reads."""

    def step() -> int:
        ends = os.pipe()
        os.set_blocking(ends[1], False)
        HELD.append(ends)
        return os.write(ends[1], bytes(1 << 16))

    return step


def unix_sockets() -> Step:
    """Unix sockets."""
    return lambda: held(socket.socketpair(), 4096)


def watches() -> Step:
    """Folders that inotify watches; they are made before, since a new folder takes more memory than its watch."""
    top = tempfile.TemporaryDirectory(dir="/dev/shm")
    HELD.append(top.cleanup)
    names = [f"{top.name}/{number}".encode() for number in range(80000)]
    for name in names:
        os.mkdir(name)
    queue, number = checked("inotify_init", LIBRARY.inotify_init()), 0

    def step() -> int:
        nonlocal number
        checked("inotify_add_watch", LIBRARY.inotify_add_watch(queue, names[number], 0x2))
        number += 1
        return 128

    return step


def rings_of_io_uring() -> Step:
    """Rings of io_uring."""

    def step() -> int:
        HELD.append(call("io_uring_setup", 1024, (ctypes.c_uint32 * 30)()))
        return 100 << 10

    return step


def epoll_entries() -> Step:
    """Descriptors that an epoll waits for, made by dup."""
    poll, base = select.epoll(), os.eventfd(0)
    HELD.append(poll)

    def step() -> int:
        poll.register(os.dup(base), select.EPOLLIN)
        return 160

    return step


def record_locks() -> Step:
    """Locks on stretches of one file."""
    handle = os.memfd_create("locked")
    number = 0

    def step() -> int:
        nonlocal number
        number += 2
        fcntl.lockf(handle, fcntl.LOCK_EX, 1, number)
        return 256

    return step
