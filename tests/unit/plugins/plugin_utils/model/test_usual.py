# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What healthy hosts of a shape have, worked by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.usual import (
    expected_percpu,
    stack_per_thread,
)

KIB, MIB = 1024, 1024**2


def test_percpu_grows_with_possible_cpus_and_cgroups():
    """128 CPUs x (1 MiB + 8 KiB x 256 cgroups) = 128 x 3 MiB."""
    assert expected_percpu(128, 256) == 384 * MIB
    assert expected_percpu(8, 0) == 8 * MIB


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
    """What is not known is no size at all."""
    assert stack_per_thread(architecture, page) == stack
