# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks of threads (``KernelStack``), and how large one should be."""

from __future__ import annotations

from ..text.units import KIB
from .dimension import Comparison, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

_MOST_THREADS = "ps -eo nlwp,pid,comm --sort=-nlwp | head -20"

KERNEL_STACK = Dimension(
    name="kernel_stack",
    label="Kernel stacks",
    sentence="One stack for each thread on the host, so it grows with the number of threads.",
    counter="KernelStack",
    rules=Rules(
        words={
            "bytes": Words("Memory of kernel stacks", "List the programs with the most threads.", _MOST_THREADS),
            "bytes_per_thread": Words(
                "Kernel stack per thread",
                (
                    "Check whether this is a debugging kernel (KASAN doubles the stacks); otherwise stacks of ended "
                    "threads stay."
                ),
                "grep -E 'CONFIG_(KASAN|VMAP_STACK|THREAD_SHIFT)' /boot/config-$(uname -r)",
            ),
            "threads": Words(
                "The number of threads",
                "List the programs with the most threads; at the limit no program can start another one.",
                _MOST_THREADS,
            ),
        },
        next_steps=NextSteps(
            growth="List the programs with the most threads today and tomorrow; one that never ends its threads grows.",
            spike="List the programs with the most threads.",
            drop="Check which program with many threads ended at that time.",
            disproportion="List the programs with the most threads here and on one of the similar hosts.",
            uptime_growth=(
                "List the programs with the most threads on the host that is up longest; one that never ends its "
                "threads is likely."
            ),
        ),
        meanings=Meanings(
            limit=(
                "At its limit of threads the kernel refuses new ones; a stack that is too large for its "
                "architecture shows a debugging kernel or a fault in counting."
            ),
            growth="A program starts threads and does not end them; slab grows beside it, at 0.4 times the rate.",
            spike=(
                "Very many threads were started, mostly by one program under load or waiting for something that hangs."
            ),
            drop="A program with many threads ended.",
            disproportion=(
                "More for each thread than on similar hosts means another kernel build; more threads, another workload."
            ),
        ),
        usual=Usual(
            physical="500 to 3,000 threads, 8 to 50 MiB; the kernel itself has several threads for each CPU.",
            vm="200 to 1,000 threads, 3 to 16 MiB.",
            container_host="1,000 to 10,000 threads, 16 to 160 MiB.",
            kubernetes_node="3,000 to 20,000 threads, 50 to 320 MiB; Java and Go services have the most.",
        ),
        defaults=Defaults(
            warning={"percent_of_thread_limit": 50, "times_stack_per_thread": 1.5},
            critical={"percent_of_thread_limit": 80},
            growth=(0.2, 0.4, 1),
            level=0.5,
        ),
        comparisons=(Comparison("bytes_per_thread"), Comparison()),
    ),
)

MINIMUM_THREADS = 500
"""Below this many threads the stack of one thread says nothing: other stacks of the kernel weigh too much in it."""

# THREAD_SIZE of ordinary kernels (Linux 6.12 sources). A KASAN kernel has twice as much.
_STACK_BYTES = {
    "x86_64": 16 * KIB,
    "amd64": 16 * KIB,
    "aarch64": 16 * KIB,
    "arm64": 16 * KIB,
    "s390x": 16 * KIB,
    "riscv64": 16 * KIB,
    "loongarch64": 16 * KIB,
    "mips64": 16 * KIB,
    "ppc64": 32 * KIB,
    "ppc64le": 32 * KIB,
    "i386": 8 * KIB,
    "i486": 8 * KIB,
    "i586": 8 * KIB,
    "i686": 8 * KIB,
    "arm": 8 * KIB,
    "armv5tel": 8 * KIB,
    "armv6l": 8 * KIB,
    "armv7l": 8 * KIB,
    "mips": 8 * KIB,
}


def stack_per_thread(architecture: str | None, page_size_bytes: int | None) -> int | None:
    """Return the bytes of one kernel stack on an architecture; None where it is not known."""
    size = _STACK_BYTES.get((architecture or "").lower())
    if size is not None and architecture in ("aarch64", "arm64") and page_size_bytes == 64 * KIB:
        return 64 * KIB  # with VMAP_STACK a stack is at least one page
    return size
