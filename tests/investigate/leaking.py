# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that makes the kernel hold more and more of one kind of memory, in small steps, until its input ends.

Usage: leaking.py KIND BYTES_A_SECOND. It says ``leaking`` once it has begun; when it ends, everything is given back. At
most 384 MiB are taken. Imports the standard library only, as it is started with ``-I -S``.
"""

import ctypes
import fcntl
import mmap
import os
import platform
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable

STEP_SECONDS = 0.05
MOST_BYTES = 384 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
CALLS = {
    "x86_64": {"add_key": 248, "bpf": 321, "perf_event_open": 298, "timer_create": 222, "io_uring_setup": 425},
    "aarch64": {"add_key": 217, "bpf": 280, "perf_event_open": 241, "timer_create": 107, "io_uring_setup": 425},
}
LIBRARY = ctypes.CDLL(None, use_errno=True)
HELD: list[object] = []

Step = Callable[[], int]
"""One step of a leak: takes memory and returns about how many bytes that were."""


def checked(what: str, result: int) -> int:
    """Return the result of a call of the C library, or end with what went wrong."""
    if result < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def call(name: str, *arguments: object) -> int:
    """Make a system call by its name."""
    return checked(name, LIBRARY.syscall(CALLS[platform.machine()][name], *arguments))


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


def keys() -> Step:
    """Keys of 3 KiB in the process's own keyring."""
    number = 0

    def step() -> int:
        nonlocal number
        number += 1
        call("add_key", b"user", f"leak{os.getpid()}-{number}".encode(), bytes(3000), 3000, -2)
        return 4096

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


def event_descriptors() -> Step:
    """Descriptors of eventfd; the first fill the places that others have left free in their caches."""
    HELD.extend(os.eventfd(0) for _descriptor in range(4000))
    return lambda: HELD.append(os.eventfd(0)) or 512


def empty_pipes() -> Step:
    """Pipes that nothing is in."""
    return lambda: HELD.append(os.pipe()) or 2600


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
    return lambda: HELD.append(socket.socketpair()) or 4096


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


def threads() -> Step:
    """Threads that wait."""
    threading.stack_size(65536)
    gate = threading.Lock()
    gate.acquire()

    def step() -> int:
        threading.Thread(target=gate.acquire, daemon=True).start()
        return 24 << 10

    return step


def page_tables() -> Step:
    """One page read in each stretch that a table of page tables covers."""
    stretch = PAGE * (PAGE // 8)
    area = mmap.mmap(-1, stretch * 40000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
    area.madvise(mmap.MADV_NOHUGEPAGE)
    HELD.append(area)
    place = 0

    def step() -> int:
        nonlocal place
        area[place * stretch]
        place += 1
        return PAGE

    return step


def page_tables_of_many() -> Step:
    """More and more processes, each with page tables of its own."""

    def step() -> int:
        child = os.fork()
        if child == 0:
            LIBRARY.prctl(1, signal.SIGKILL)
            one = page_tables()
            for _table in range(100):
                one()
            signal.pause()
        HELD.append(lambda: (os.kill(child, signal.SIGKILL), os.waitpid(child, 0)))
        return 500 << 10

    return step


def bpf_map(kind: int, value_bytes: int, entries: int, size: int) -> Step:
    """BPF maps, which only root may make."""

    def step() -> int:
        attributes = (ctypes.c_uint32 * 32)(kind, 4, value_bytes, entries)
        HELD.append(call("bpf", 0, attributes, ctypes.sizeof(attributes)))
        return size

    return step


def bpf_arrays() -> Step:
    """BPF maps in vmalloc memory."""
    return bpf_map(2, 4096, 32, 33 * PAGE)


def bpf_per_cpu_arrays() -> Step:
    """BPF maps in per-CPU memory."""
    return bpf_map(6, 16384, 4, 4 * 16384 * os.sysconf("SC_NPROCESSORS_CONF"))


def packet_rings() -> Step:
    """Rings of packet sockets."""

    def step() -> int:
        one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        one.setsockopt(263, 5, struct.pack("IIII", 65536, 16, 2048, 512))
        HELD.append(one)
        return 1 << 20

    return step


def perf_buffers() -> Step:
    """Buffers of perf events."""

    def step() -> int:
        # type software, size 128, config dummy; 127 pages are within what is not counted as pinned.
        event = struct.pack("IIQ", 1, 128, 9) + bytes(112)
        descriptor = call("perf_event_open", event, 0, -1, -1, 0)
        HELD.append((descriptor, mmap.mmap(descriptor, 65 * PAGE)))
        return 65 * PAGE

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


def negative_dentries() -> Step:
    """Names of files that are not there."""
    number, folder = 0, os.environ.get("LEAK_FOLDER", "/var/tmp")

    def step() -> int:
        nonlocal number
        number += 1
        os.path.exists(f"{folder}/not-there-{os.getpid()}-{number}")
        return 192

    return step


def zombies() -> Step:
    """Children that have ended and that nobody waits for."""

    def step() -> int:
        if os.fork() == 0:
            os._exit(0)
        return 12 << 10

    return step


def timers() -> Step:
    """POSIX timers."""
    number = ctypes.c_int(0)

    def step() -> int:
        call("timer_create", 1, None, ctypes.byref(number))
        return 640

    return step


def rings_of_io_uring() -> Step:
    """Rings of io_uring."""

    def step() -> int:
        HELD.append(call("io_uring_setup", 1024, (ctypes.c_uint32 * 30)()))
        return 100 << 10

    return step


def network_namespaces() -> Step:
    """Network namespaces, each held by a descriptor."""

    def step() -> int:
        checked("unshare", LIBRARY.unshare(0x40000000))
        HELD.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
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


def mounts() -> Step:
    """Mounts of file systems in memory, in a mount namespace of the process's own."""
    checked("unshare", LIBRARY.unshare(0x20000))
    checked("mount", LIBRARY.mount(b"none", b"/", None, 0x4000 | 0x40000, None))

    def step() -> int:
        checked("mount", LIBRARY.mount(b"leak", b"/mnt", b"tmpfs", 0, b"size=4k"))
        return 6 << 10

    return step


KINDS: dict[str, Callable[[], Step]] = {
    made.__name__: made
    for made in (
        messages,
        keys,
        unix_datagrams,
        netlink_messages,
        event_descriptors,
        empty_pipes,
        full_pipes,
        unix_sockets,
        watches,
        threads,
        page_tables,
        page_tables_of_many,
        bpf_arrays,
        bpf_per_cpu_arrays,
        packet_rings,
        perf_buffers,
        tcp_queues,
        negative_dentries,
        zombies,
        timers,
        rings_of_io_uring,
        network_namespaces,
        epoll_entries,
        record_locks,
        mounts,
    )
}


def main(kind: str, bytes_a_second: str) -> None:
    """Leak until the input ends."""
    LIBRARY.prctl(15, b"leaker", 0, 0, 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    step, rate = KINDS[kind](), float(bytes_a_second)
    taken, began, said = 0.0, time.monotonic(), False
    try:
        while not select.select([sys.stdin], [], [], STEP_SECONDS)[0]:
            # What could not be taken in time, since the machine was busy, is not made up for: that would be a jump.
            due = min(rate * (time.monotonic() - began) - taken, rate * STEP_SECONDS * 4)
            taken = rate * (time.monotonic() - began) - due
            while due > 0 and taken < MOST_BYTES:
                size = step()
                due, taken = due - size, taken + size
            if not said:
                print("leaking", flush=True)
                said = True
    finally:
        for held in HELD:
            if callable(held):
                held()


if __name__ == "__main__":
    if sys.argv[1:] == ["kinds"]:
        print("\n".join(KINDS))
    else:
        main(*sys.argv[1:])
