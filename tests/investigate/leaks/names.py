# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that the kernel keeps: keys, files that are not there, mounts, namespaces."""

from __future__ import annotations

import os

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import (
    HELD,
    LIBRARY,
    Step,
    call,
    checked,
)


def keys() -> Step:
    """Keys of 3 KiB in the process's own keyring."""
    number = 0

    def step() -> int:
        nonlocal number
        number += 1
        call("add_key", b"user", f"leak{os.getpid()}-{number}".encode(), bytes(3000), 3000, -2)
        return 4096

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


def network_namespaces() -> Step:
    """Network namespaces, each held by a descriptor."""

    def step() -> int:
        checked("unshare", LIBRARY.unshare(0x40000000))
        HELD.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        return 100 << 10

    return step


def mounts() -> Step:
    """Mounts of file systems in memory, in a mount namespace of the process's own."""
    checked("unshare", LIBRARY.unshare(0x20000))
    checked("mount", LIBRARY.mount(b"none", b"/", None, 0x4000 | 0x40000, None))

    def step() -> int:
        checked("mount", LIBRARY.mount(b"leak", b"/mnt", b"tmpfs", 0, b"size=4k"))
        return 6 << 10

    return step
