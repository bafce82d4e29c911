# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack of a thread, worked by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.kernel_stack import stack_per_thread

KIB = 1024


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
