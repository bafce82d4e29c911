# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What per-CPU memory is to be expected, worked by hand."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.percpu import expected_percpu

MIB = 1024**2


def test_percpu_grows_with_possible_cpus_and_cgroups():
    """128 CPUs x (1 MiB + 8 KiB x 256 cgroups) = 128 x 3 MiB."""
    assert expected_percpu(128, 256) == 384 * MIB
    assert expected_percpu(8, 0) == 8 * MIB


def test_control_groups_that_nobody_counts_are_taken_to_be_many():
    """4 MiB for each possible CPU: a host must not be blamed for what could not be read."""
    assert expected_percpu(8, None) == 32 * MIB
