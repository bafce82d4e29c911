# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part without data has its reason; a row leaves out what its kernel has not."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution_parts import Cgroup, NumaNodes


def test_a_part_without_data_has_its_reason_and_nothing_else() -> None:
    """An empty list would say that there is nothing."""
    refused = NumaNodes(False, "It may not be read.", 3, False)
    assert refused.as_plain() == {"complete": False, "reason": "It may not be read.", "duration_ms": 3}
    assert NumaNodes(True, None, None, True).as_plain()["nodes"] == []


def test_a_control_group_leaves_out_what_its_kernel_has_not() -> None:
    """But never its name and its sum."""
    assert Cgroup("/a", None).as_plain() == {"path": "/a", "kernel_bytes": None}
    assert Cgroup("/a", 5, percpu_bytes=0).as_plain() == {"path": "/a", "kernel_bytes": 5, "percpu_bytes": 0}
