# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a healthy host of a shape has: per-CPU memory of so many CPUs and control groups, the stack of a thread."""

from __future__ import annotations

KIB = 1024
MIB = 1024**2

PERCPU_BASE_BYTES = MIB
PERCPU_CGROUP_BYTES = 8 * KIB
"""What a healthy kernel keeps for each possible CPU, and for each possible CPU and cgroup (judgement)."""

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


def expected_percpu(cpus_possible: int, cgroups: int) -> int:
    """Return the bytes of per-CPU memory that a healthy host of this shape has at most, as a rule of thumb."""
    return cpus_possible * (PERCPU_BASE_BYTES + PERCPU_CGROUP_BYTES * cgroups)


def stack_per_thread(architecture: str | None, page_size_bytes: int | None) -> int | None:
    """Return the bytes of one kernel stack on an architecture; None where it is not known."""
    size = _STACK_BYTES.get((architecture or "").lower())
    if size is not None and architecture in ("aarch64", "arm64") and page_size_bytes == 64 * KIB:
        return 64 * KIB  # with VMAP_STACK a stack is at least one page
    return size
