# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way the hosts of a run are asked."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.choice import check_at_once, way_of


@pytest.mark.parametrize(
    ("asked", "hosts", "variables", "way"),
    [
        ("auto", 19, {}, "task"),
        ("auto", 20, {}, "fanout"),
        ("auto", 4000, {"awx_job_id": 7}, "task"),
        ("auto", 4000, {"tower_job_id": "7"}, "task"),
        ("fanout", 4000, {"awx_job_id": 7}, "fanout"),
        ("fanout", 1, {}, "fanout"),
        ("task", 4000, {}, "task"),
    ],
)
def test_the_way(asked: str, hosts: int, variables: dict[str, object], way: str) -> None:
    """AWX counts hosts by the results of tasks; a word of the user decides everywhere."""
    assert way_of(asked, hosts, variables) == way


@pytest.mark.parametrize("wrong", [0, -1, 1001])
def test_a_number_of_hosts_at_a_time_has_bounds(wrong: int) -> None:
    """None would wait for ever; tens of thousands would take the controller down."""
    with pytest.raises(ValueError, match="kernel_mem_audit_at_once"):
        check_at_once(wrong)
    assert check_at_once(50) == 50
