# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a limit of a policy amounts to on one host: bytes, threads, or bytes a thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words.units import human_bytes, number_text

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


def memory_base(host: Mapping[str, Any], dimension: str) -> tuple[int | None, str]:
    """Return the memory that shares of a dimension refer to, and its name.

    That is RAM, except on 32-bit hosts with high memory: there the kernel's own memory has to fit in low memory.
    ``unaccounted`` is a remainder of all RAM everywhere.
    """
    total, low = host["memory_total_bytes"], host["memory_low_total_bytes"]
    if total and low and low < total and dimension != "unaccounted":
        return int(low), "low memory"
    return (int(total) if total else None), "RAM"


def size_limit(level: Mapping[str, Any], memory_bytes: int) -> int:
    """Return the bytes of a share of memory that is never less than ``at_least`` nor more than ``at_most``."""
    amount = int(memory_bytes * level["percent_of_ram"] / 100)
    if level["at_most"] is not None:
        amount = min(amount, level["at_most"])
    if level["at_least"] is not None:
        amount = max(amount, level["at_least"])
    return amount


def size_rule(level: Mapping[str, Any], base_name: str = "RAM") -> str:
    """Return a size limit in words: ``8 % of RAM, at least 512 MiB, at most 32 GiB``."""
    words = f"{number_text(level['percent_of_ram'])} % of {base_name}"
    for key, text in (("at_least", "at least"), ("at_most", "at most")):
        if level[key] is not None:
            words += f", {text} {human_bytes(level[key])}"
    return words


def expected_percpu(cpus_possible: int, cgroups: int) -> int:
    """Return the bytes of per-CPU memory that a healthy host of this shape has at most, as a rule of thumb."""
    return cpus_possible * (PERCPU_BASE_BYTES + PERCPU_CGROUP_BYTES * cgroups)


def stack_per_thread(architecture: str | None, page_size_bytes: int | None) -> int | None:
    """Return the bytes of one kernel stack on an architecture; None where it is not known."""
    size = _STACK_BYTES.get((architecture or "").lower())
    if size is not None and architecture in ("aarch64", "arm64") and page_size_bytes == 64 * KIB:
        return 64 * KIB  # with VMAP_STACK a stack is at least one page
    return size
