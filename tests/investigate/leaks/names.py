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

MOST_FREE = 3_000_000
"""As many names at most are looked for to fill a cache."""


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
    """Names of files that are not there. Free places of their cache are filled first: until then no memory grows."""
    number, folder = 0, os.environ.get("LEAK_FOLDER", "/var/tmp")

    def step() -> int:
        nonlocal number
        number += 1
        os.path.exists(f"{folder}/not-there-{os.getpid()}-{number}")
        return 192

    begun = places("dentry")
    while begun and number < MOST_FREE and places("dentry") < begun + 5000:
        for _each in range(5000):
            step()
    return step


def places(cache: str) -> int:
    """How many objects the slabs of a cache have place for; 0 where that is not known."""
    try:
        with open("/proc/slabinfo", encoding="ascii") as lines:
            return next((int(line.split()[2]) for line in lines if line.startswith(f"{cache} ")), 0)
    except OSError:
        return 0


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
