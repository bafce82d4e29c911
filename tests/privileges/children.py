# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read this machine's kernel memory in a child process that first gives up privileges or moves into namespaces."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import (
    LIBC,
    NotAllowed,
    be_nobody,
    result_after,
)

CAP_SET_DROP, CAP_SYS_PTRACE, CAPABILITIES_VERSION = 24, 19, 0x20080522
NEW_MOUNTS, NEW_USERS, NEW_PIDS = 0x20000, 0x10000000, 0x20000000
PRIVATE_BELOW = 0x4000 | 0x40000
EVERYTHING = resolve_subsets(["all"])


def checked(what: str, result: int) -> None:
    """Raise :class:`NotAllowed` where a call of the C library failed."""
    if result != 0:
        raise NotAllowed(f"{what}: {os.strerror(ctypes.get_errno())}")


def drop_capabilities() -> None:
    """Stay who you are, without any capability, now and for programs that are started."""
    for number in range(64):
        if LIBC.prctl(CAP_SET_DROP, number, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    checked("capset", LIBC.capset(header, (ctypes.c_uint32 * 6)()))


def drop_tracing() -> None:
    """Stay who you are, with every capability but the one to trace others, as root of many containers and sandboxes is:
    it may list the descriptors of others, and not read what they are.
    """
    LIBC.prctl(CAP_SET_DROP, CAP_SYS_PTRACE, 0, 0, 0)
    header, sets = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)()
    checked("capget", LIBC.capget(header, sets))
    for place in (0, 1, 2):
        sets[place] &= ~(1 << CAP_SYS_PTRACE)
    checked("capset", LIBC.capset(header, sets))


def effective_capabilities() -> int:
    """The capabilities that this process has."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))


def mount_proc(options: str = "") -> None:
    """Put a new /proc over the old one, seen by this process only."""
    checked("unshare", LIBC.unshare(NEW_MOUNTS))
    checked("mount / private", LIBC.mount(b"none", b"/", None, PRIVATE_BELOW, None))
    checked("mount proc", LIBC.mount(b"proc", b"/proc", b"proc", 0, options.encode()))


def be_nobody_who_sees_only_own_processes() -> None:
    """Become that user under a /proc with hidepid=2."""
    mount_proc("hidepid=2")
    be_nobody()
    if os.path.exists("/proc/1"):
        raise NotAllowed("hidepid=2 has no effect")


def enter_process_namespace(*, own_users: bool, own_proc: bool) -> None:
    """Go on as the first process of a new process namespace, as a container's does; own_users is what a plain user
    needs for it.
    """
    if own_users:
        user, group = os.getuid(), os.getgid()
        checked("unshare users", LIBC.unshare(NEW_USERS))
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            try:
                with open(f"/proc/self/{name}", "w") as handle:
                    handle.write(text)
            except OSError as error:
                raise NotAllowed(f"{name}: {error.strerror}") from None
    checked("unshare processes", LIBC.unshare(NEW_PIDS))
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        os._exit(0)
    if own_proc:
        mount_proc()


def full_reading() -> dict[str, Any]:
    """A reading with everything that can be attributed to somebody."""
    reading: dict[str, Any] = read(subsets=EVERYTHING, load=load)
    return reading


def reading_after(prepare: Callable[[], object]) -> dict[str, Any]:
    """The reading of a child that has prepared itself."""
    reading: dict[str, Any] = result_after(prepare, read)
    return reading
