# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits to be received, and nobody receives it."""

from __future__ import annotations

import socket
import struct

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import (
    HELD,
    LIBRARY,
    Step,
    checked,
)


def messages() -> Step:
    """2 KiB messages in System V queues that nobody reads. The queues go with the process."""
    queues: list[int] = []

    def remove() -> None:
        for queue in queues:
            LIBRARY.msgctl(queue, 0, None)

    HELD.append(remove)
    buffer = struct.pack("l", 1) + bytes(1950)

    def step() -> int:
        if not queues or LIBRARY.msgsnd(queues[-1], buffer, 1950, 0o4000) < 0:
            queues.append(checked("msgget", LIBRARY.msgget(0, 0o1600)))
            LIBRARY.msgsnd(queues[-1], buffer, 1950, 0o4000)
        return 2048

    return step


def unix_datagrams() -> Step:
    """Datagrams in Unix sockets that nobody receives."""
    pairs: list[tuple[socket.socket, socket.socket]] = []

    def step() -> int:
        try:
            if pairs:
                pairs[-1][0].send(bytes(600), socket.MSG_DONTWAIT)
                return 1280
        except BlockingIOError:
            pass
        pairs.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
        HELD.append(pairs[-1])
        return 4096

    return step


def netlink_messages() -> Step:
    """Answers of the kernel in netlink sockets that nobody receives."""
    request = struct.pack("=IHHII", 20, 18, 0x301, 1, 0) + bytes(4)

    def step() -> int:
        one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        one.send(request)
        HELD.append(one)
        return 8192

    return step


def tcp_queues() -> Step:
    """Bytes sent over TCP on this machine that nobody receives."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends: list[tuple[socket.socket, socket.socket]] = []

    def step() -> int:
        try:
            if ends:
                return ends[-1][0].send(bytes(16384), socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
        sender = socket.create_connection(listener.getsockname())
        ends.append((sender, listener.accept()[0]))
        HELD.append(ends[-1])
        return 8192

    return step
