# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vmalloc and per-CPU memory that this machine's own kernel takes for BPF maps appears in its dimension, and stays
apart from stacks.

Needs the right to make BPF maps, so root; see conftest.py for what happens without it.
"""

from __future__ import annotations

import os

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.tests.growth.measuring import assert_moved, movement

KIB, MIB = 1024, 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")


def test_an_array_moves_vmalloc() -> None:
    """An array of 64 MiB is one vmalloc area of 64 MiB."""
    moved = movement("vmalloc", 64 * MIB // PAGE)
    assert_moved(moved, {"vmalloc": 64 * MIB})


def test_a_per_cpu_array_moves_per_cpu_memory() -> None:
    """Values of 32 KiB for each possible CPU, 64 MiB in all; the kernel's tables for them are vmalloc memory, not
    counted twice.

    The kernel keeps a reference of 8 bytes for every 4 bytes of one CPU's share, and bits beside: at most three times
    that share. With 2 CPUs this is as much again, which is real memory: what is unaccounted does not move.
    """
    cpus = build_facts(read())["host"]["cpus_possible"]
    entries = 64 * MIB // (32 * KIB * cpus)
    moved = movement("per_cpu", entries)
    share = entries * 32 * KIB
    assert_moved(moved, {"percpu": share * cpus}, beside={"vmalloc": (0, 3 * share)})
