# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What limits amount to on one host, worked by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules import amounts as _limits

KIB, MIB, GIB = 1024, 1024**2, 1024**3
LEVEL = {"percent_of_ram": 8, "at_least": 512 * MIB, "at_most": 32 * GIB}


@pytest.mark.parametrize(
    ("ram", "limit"),
    [
        (1 * GIB, 512 * MIB),
        (6400 * MIB, 512 * MIB),
        (64 * GIB, 5497558138),
        (400 * GIB, 32 * GIB),
        (2048 * GIB, 32 * GIB),
    ],
)
def test_a_share_is_clamped_between_its_floor_and_its_cap(ram, limit):
    """8 % of 6400 MiB is 512 MiB, of 64 GiB 5.12 GiB, of 400 GiB 32 GiB."""
    assert _limits.size_limit(LEVEL, ram) == limit


def test_a_limit_in_words():
    assert _limits.size_rule(LEVEL) == "8 % of RAM, at least 512 MiB, at most 32 GiB"
    bare = {"percent_of_ram": 2.5, "at_least": None, "at_most": None}
    assert _limits.size_rule(bare, "low memory") == "2.5 % of low memory"


def test_percpu_grows_with_possible_cpus_and_cgroups():
    """128 CPUs x (1 MiB + 8 KiB x 256 cgroups) = 128 x 3 MiB."""
    assert _limits.expected_percpu(128, 256) == 384 * MIB
    assert _limits.expected_percpu(8, 0) == 8 * MIB


@pytest.mark.parametrize(
    ("architecture", "page", "stack"),
    [
        ("x86_64", 4096, 16 * KIB),
        ("aarch64", 4096, 16 * KIB),
        ("aarch64", 65536, 64 * KIB),
        ("ppc64le", 65536, 32 * KIB),
        ("i686", 4096, 8 * KIB),
        ("vax", 4096, None),
        (None, None, None),
    ],
)
def test_the_stack_of_a_thread_depends_on_architecture_and_page_size(architecture, page, stack):
    assert _limits.stack_per_thread(architecture, page) == stack


def test_32_bit_hosts_with_high_memory_are_measured_by_low_memory():
    host = {"memory_total_bytes": 8 * GIB, "memory_low_total_bytes": 860 * MIB}
    assert _limits.memory_base(host, "slab_unreclaimable") == (860 * MIB, "low memory")
    assert _limits.memory_base(host, "unaccounted") == (8 * GIB, "RAM")
    assert _limits.memory_base({**host, "memory_low_total_bytes": None}, "percpu") == (8 * GIB, "RAM")
    assert _limits.memory_base({**host, "memory_low_total_bytes": 8 * GIB}, "percpu") == (8 * GIB, "RAM")
    assert _limits.memory_base({"memory_total_bytes": None, "memory_low_total_bytes": 1}, "percpu") == (None, "RAM")
