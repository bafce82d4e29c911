# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads, processes and what they have each."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import threading

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import (
    HELD,
    LIBRARY,
    PAGE,
    Step,
    call,
)


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


def end(child: int) -> None:
    """End a child, and wait for it."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


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
        HELD.append(lambda: end(child))
        return 500 << 10

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
