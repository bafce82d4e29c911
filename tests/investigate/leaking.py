# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that makes the kernel hold more and more of one kind of memory, in small steps, until its input ends.

Usage: python -S -m ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaking KIND BYTES_A_SECOND

It says ``leaking`` once it has begun; when it ends, everything is given back. At most 384 MiB are taken. It and what it
imports need the standard library only.
"""

from __future__ import annotations

import resource
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks import (
    buffers,
    descriptors,
    names,
    processes,
    queues,
)
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaks.kernel_calls import HELD, LIBRARY, Step

STEP_SECONDS = 0.05
MOST_BYTES = 384 << 20

KINDS: dict[str, Callable[[], Step]] = {
    made.__name__: made
    for made in (
        queues.messages,
        queues.unix_datagrams,
        queues.netlink_messages,
        queues.tcp_queues,
        descriptors.event_descriptors,
        descriptors.empty_pipes,
        descriptors.full_pipes,
        descriptors.unix_sockets,
        descriptors.watches,
        descriptors.rings_of_io_uring,
        descriptors.epoll_entries,
        descriptors.record_locks,
        processes.threads,
        processes.page_tables,
        processes.page_tables_of_many,
        processes.zombies,
        processes.timers,
        buffers.bpf_arrays,
        buffers.bpf_per_cpu_arrays,
        buffers.packet_rings,
        buffers.perf_buffers,
        names.keys,
        names.negative_dentries,
        names.network_namespaces,
        names.mounts,
    )
}


def allow_descriptors() -> None:
    """Let this process have as many descriptors as it may, so that no leak ends while a busy machine is being asked."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = int(Path("/proc/sys/fs/nr_open").read_text(encoding="ascii"))
    for number in (most, hard):
        # Only root may have more than the limit that it was started with.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))
            return


def main(kind: str, bytes_a_second: str) -> None:
    """Leak until the input ends."""
    LIBRARY.prctl(15, b"leaker", 0, 0, 0)
    allow_descriptors()
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
        for one in HELD:
            if callable(one):
                one()


if __name__ == "__main__":
    if sys.argv[1:] == ["kinds"]:
        print("\n".join(KINDS))
    else:
        main(*sys.argv[1:])
