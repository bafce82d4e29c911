# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that a program really takes on this machine's own kernel appears in the right dimension, once, and nowhere
else.

No privilege is needed. Each test takes less than 256 MiB and gives it back. What is expected is worked out by hand from
counts and page size; what a growth brings with it beside that is named with its bounds.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.growth.measuring import assert_moved, movement

KIB, MIB = 1024, 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
# Kernel sources, THREAD_SIZE: arm64 has at least a page since stacks are in vmalloc memory.
THREAD_STACK = {
    "x86_64": 16 * KIB,
    "aarch64": max(16 * KIB, PAGE),
    "s390x": 16 * KIB,
    "riscv64": 16 * KIB,
    "ppc64le": 32 * KIB,
}
OUTPUT = Path(__file__).resolve().parents[1] / "output"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder on a file system that remembers names that are not there; one in memory (often /tmp) does not."""
    with tempfile.TemporaryDirectory(dir=OUTPUT if os.access(OUTPUT, os.W_OK) else None, prefix="growth-") as name:
        yield Path(name)


def test_threads_move_kernel_stacks_and_are_not_counted_twice() -> None:
    """4,096 threads have 4,096 kernel stacks: 64 MiB with 16 KiB each. They are in VmallocUsed, too, and must be
    added once only.
    """
    stacks = 4096 * THREAD_STACK[os.uname().machine]
    moved = movement("threads", 4096)
    # What else the kernel keeps of a thread: task_struct (up to 10 KiB) and small things; 6.8 KiB on 6.18.
    assert_moved(moved, {"kernel_stack": stacks}, beside={"slab_unreclaimable": (0, 4096 * 12 * KIB)})
    assert_total(moved, stacks, beside=["slab_unreclaimable"])


def test_page_tables_move_page_tables() -> None:
    """One page read in each stretch that a table covers (2 MiB with 4 KiB pages): a table of one page for each, and
    no data.
    """
    tables = 128 * MIB // PAGE
    # On s390x two tables of the lowest level share a page.
    size = tables * PAGE // (2 if os.uname().machine == "s390x" else 1)
    moved = movement("page_tables", tables)
    assert_moved(moved, {"page_tables": size})
    assert_total(moved, size)


def test_full_pipes_move_only_what_is_unaccounted() -> None:
    """60 full pipes of 1 MiB hold 60 MiB in pages that no counter names."""
    moved = movement("pipes", 60)
    # A pipe's own table has an entry of 40 bytes a page, rounded up to 16 KiB.
    assert_moved(moved, {"unaccounted": 60 * MIB}, beside={"slab_unreclaimable": (0, 60 * 32 * KIB)})
    assert_total(moved, 0)


def test_tcp_queues_are_named() -> None:
    """64 MiB in the queues of TCP are in no counter of memory; the kernel's own count of them, where its unit is
    known, makes them socket buffers.
    """
    moved = movement("tcp_queues", 64 * MIB)
    expected = {"socket_buffers" if PAGE == 4 * KIB else "unaccounted": 64 * MIB}
    # The heads of packets are in slabs: 2.5 MiB of these 64 MiB on 6.18.
    assert_moved(moved, expected, beside={"slab_unreclaimable": (0, 8 * MIB)})
    assert_total(moved, 64 * MIB if PAGE == 4 * KIB else 0, beside=["slab_unreclaimable"])


def test_names_that_are_not_there_move_reclaimable_slab(folder: Path) -> None:
    """A dentry has 192 bytes on 64-bit kernels and 21 are in 4 KiB: 16,384 × 21 of them need 64 MiB."""
    moved = movement("negative_dentries", 16384 * 21, folder)
    # Where memory cgroups are on, each object has a reference of 8 bytes in an unreclaimable slab: 168 bytes for 21,
    # rounded up to 192, is 3 MiB.
    assert_moved(moved, {"slab_reclaimable": 64 * MIB}, beside={"slab_unreclaimable": (0, 16384 * 256)})
    assert_total(moved, 64 * MIB, beside=["slab_unreclaimable"])


def test_memory_of_programs_moves_nothing() -> None:
    """64 MiB of a process and 64 MiB of a file in memory are named by the kernel and are not its own: no dimension
    moves, none is unaccounted.
    """
    moved = movement("user_memory", 64 * MIB // PAGE)
    assert_moved(moved, {})
    assert_total(moved, 0)


def assert_total(moved: dict[str, float], expected: int, beside: list[str] | None = None) -> None:
    """The total moves by what is expected and what came with it, once."""
    by_hand = expected + sum(moved[f"{name}_bytes"] for name in beside or [])
    assert abs(moved["kernel_total_bytes"] - by_hand) <= max(expected / 10, 6 * MIB), moved
