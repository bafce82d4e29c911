# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that takes one kind of memory and gives it back, as told on standard input; it holds nothing once it has
ended.

Usage: growing.py KIND AMOUNT [FOLDER]. Lines ``grow`` and ``shrink`` on standard input are each answered by ``done``.
The end of standard input ends it, so that a test that dies leaves nothing behind. What AMOUNT counts is said at each
kind. Imports the standard library only, as it is started with ``-I -S``.
"""

import _thread
import ctypes
import fcntl
import mmap
import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress

PAGE = os.sysconf("SC_PAGE_SIZE")
SET_PIPE_SIZE, GET_PIPE_SIZE = 1031, 1032
ARRAY, PER_CPU_ARRAY = 2, 6
BPF_CALLS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351, "ppc64le": 361}
DENTRIES_IN_BATCH = 20000


@contextmanager
def threads(amount: int, _folder: str) -> Iterator[None]:
    """AMOUNT threads that sleep on one lock, with the smallest user stacks."""
    _thread.stack_size(max(65536, 4 * PAGE))
    gate = _thread.allocate_lock()
    gate.acquire()

    def wait() -> None:
        with gate:
            pass

    try:
        for _number in range(amount):
            _thread.start_new_thread(wait, ())
        yield
    finally:
        gate.release()
        while len(os.listdir("/proc/self/task")) > 1:
            time.sleep(0.01)


@contextmanager
def page_tables(amount: int, _folder: str) -> Iterator[None]:
    """AMOUNT tables of the lowest level: one page read in each stretch that a table covers. Reading maps the zero
    page, so there is no data.
    """
    stretch = PAGE * (PAGE // 8)
    with mmap.mmap(-1, amount * stretch, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ) as area:
        area.madvise(mmap.MADV_NOHUGEPAGE)
        for start in range(0, amount * stretch, stretch):
            area[start]
        yield


@contextmanager
def pipes(amount: int, _folder: str) -> Iterator[None]:
    """AMOUNT full pipes of 1 MiB each, which any user may have up to 64 of."""
    with ExitStack() as stack:
        for _number in range(amount):
            ends = os.pipe()
            for end in ends:
                stack.callback(os.close, end)
            fcntl.fcntl(ends[1], SET_PIPE_SIZE, 1 << 20)
            if fcntl.fcntl(ends[1], GET_PIPE_SIZE) != 1 << 20:
                sys.exit("a pipe can't be made 1 MiB large here")
            os.set_blocking(ends[1], False)
            if os.write(ends[1], bytes(1 << 20)) != 1 << 20:
                sys.exit("a pipe did not take 1 MiB")
        yield


@contextmanager
def tcp_queues(amount: int, _folder: str) -> Iterator[None]:
    """AMOUNT bytes, and at most 64 KiB more, that were sent over TCP on this machine and that nobody has received."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        sent = 0
        for _number in range(400):
            sender = stack.enter_context(socket.create_connection(listener.getsockname()))
            stack.enter_context(listener.accept()[0])
            sender.setblocking(False)
            with suppress(BlockingIOError):
                while sent < amount:
                    sent += sender.send(bytes(65536))
            if sent >= amount:
                break
        else:
            sys.exit("400 connections did not take so much")
        yield


def look_for(folder: str, amount: int) -> None:
    """Ask for AMOUNT names that are not in *folder*; the names are short enough to be inside the dentry."""
    for number in range(amount):
        with suppress(FileNotFoundError):
            os.stat(f"{folder}/{number}")


@contextmanager
def folder_in(parent: str, name: str) -> Iterator[str]:
    """An empty folder; what the kernel remembers of it goes with it."""
    path = f"{parent}/{name}"
    os.mkdir(path)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def reclaimable_slab() -> int:
    """SReclaimable in bytes."""
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("SReclaimable:"))


@contextmanager
def filled_dentry_slabs(parent: str) -> Iterator[None]:
    """Use up the free places in dentry slabs, so that each further dentry needs new memory; at most 600,000 of them."""
    with ExitStack() as stack:
        for number in range(30):
            before = reclaimable_slab()
            look_for(stack.enter_context(folder_in(parent, f"filler{number}")), DENTRIES_IN_BATCH)
            if reclaimable_slab() - before > 0.95 * DENTRIES_IN_BATCH * 192:
                break
        yield


@contextmanager
def negative_dentries(amount: int, folder: str) -> Iterator[None]:
    """AMOUNT names that were looked for in vain."""
    with folder_in(folder, "looked-for") as path:
        look_for(path, amount)
        yield


@contextmanager
def bpf_map(kind: int, value_size: int, entries: int) -> Iterator[None]:
    """A BPF map, which only root may make."""
    call = BPF_CALLS.get(platform.machine())
    if call is None:
        sys.exit("the number of the call bpf is not known on this architecture")
    attributes = (ctypes.c_uint32 * 32)(kind, 4, value_size, entries)
    number = ctypes.CDLL(None, use_errno=True).syscall(call, 0, attributes, ctypes.sizeof(attributes))
    if number < 0:
        sys.exit("no BPF map: " + os.strerror(ctypes.get_errno()))
    try:
        yield
    finally:
        os.close(number)


def vmalloc(amount: int, _folder: str) -> AbstractContextManager[None]:
    """AMOUNT pages in one vmalloc area."""
    return bpf_map(ARRAY, PAGE, amount)


def per_cpu(amount: int, _folder: str) -> AbstractContextManager[None]:
    """AMOUNT values of 32 KiB for each possible CPU."""
    return bpf_map(PER_CPU_ARRAY, 32768, amount)


@contextmanager
def user_memory(amount: int, _folder: str) -> Iterator[None]:
    """AMOUNT pages of a process and as many in a file in memory; no kernel memory but the tables for them."""
    size = amount * PAGE
    number = os.memfd_create("growth")
    try:
        with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
            area.madvise(mmap.MADV_NOHUGEPAGE)
            for start in range(0, size, PAGE):
                area[start] = 1
            for _page in range(amount):
                os.write(number, bytes(PAGE))
            yield
    finally:
        os.close(number)


KINDS: dict[str, Callable[[int, str], AbstractContextManager[None]]] = {
    "threads": threads,
    "page_tables": page_tables,
    "pipes": pipes,
    "tcp_queues": tcp_queues,
    "negative_dentries": negative_dentries,
    "vmalloc": vmalloc,
    "per_cpu": per_cpu,
    "user_memory": user_memory,
}


def main(kind: str, amount: str, folder: str = "") -> None:
    """Grow and shrink as told."""
    with filled_dentry_slabs(folder) if kind == "negative_dentries" else nullcontext():
        print("ready", flush=True)
        while sys.stdin.readline() == "grow\n":
            with KINDS[kind](int(amount), folder):
                print("done", flush=True)
                sys.stdin.readline()
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
