# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all kinds of leaks are made with: calls of the C library and of the kernel, and what is held until the end."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Callable

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


def held(what: object, size: int) -> int:
    """Hold something until the end, and return its size."""
    HELD.append(what)
    return size
