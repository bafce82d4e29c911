# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: what `query_range` answers becomes points that can be worked out by hand."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import prometheus
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import daily_samples, renamed
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


def test_has_every_dimension_of_a_saved_answer() -> None:
    """The figures are bytes already, and the port of an instance is no part of a host's name."""
    points = prometheus.points_of(saved_output("prometheus_2.42_query_range_node_memory.json"))
    assert [point.moment for point in points] == [1795514983 + 2 * step for step in range(6)]
    assert points[0].counters == {
        "kernel_stack": 2801664,
        "page_tables": 10117120,
        "percpu": 974848,
        "slab_reclaimable": 587743232,
        "slab_unreclaimable": 59314176,
        "secondary_page_tables": 0,
        "vmalloc_used": 7163904,
    }
    sample = daily_samples(renamed(points, {}))[0]
    assert sample.host == "127.0.0.1"
    assert sample.amounts["percpu"] == 974848
    # Five known parts and secondary page tables of 0 make the total; what Prometheus does not have stays unknown.
    parts = ("slab_unreclaimable", "kernel_stack", "page_tables", "percpu", "vmalloc")
    assert sample.amounts["kernel_unreclaimable"] == sum(sample.amounts[part] or 0 for part in parts)
    assert sample.amounts["unaccounted"] is None and sample.amounts["misc"] is None


def answer(**metrics: list[list[object]]) -> str:
    """A Prometheus answer about one instance."""
    labels = {"instance": "web1:9100", "release": "6.12.0", "machine": "x86_64"}
    result = [{"metric": {**labels, "__name__": name}, "values": rows} for name, rows in metrics.items()]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


def test_boot_time_and_kernel_belong_to_their_moment() -> None:
    """An upgrade inside the range must not rewrite the history before it."""
    points = prometheus.points_of(
        answer(
            node_memory_SUnreclaim_bytes=[[1000, "10"], [2000, "20"]],
            node_boot_time_seconds=[[1000, "100"], [2000, "1900"]],
            node_uname_info=[[2000, "1"]],
        )
    )
    assert [(point.boot_time, point.kernel_release) for point in points] == [(100.0, None), (1900.0, "6.12.0")]


def test_gaps_are_no_values() -> None:
    """NaN, infinity and negative numbers are gaps."""
    rows = [[1, "NaN"], [2, "+Inf"], [3, "-5"], [4, "7"], ["x", "7"], [5], None]
    assert [point.moment for point in prometheus.points_of(answer(node_memory_Percpu_bytes=rows))] == [4.0]


def test_error_is_told() -> None:
    """Too fine a step is the usual mistake, and the server says so."""
    with pytest.raises(ValueError, match="exceeded maximum resolution"):
        prometheus.points_of(
            json.dumps(
                {"status": "error", "errorType": "bad_data", "error": "exceeded maximum resolution of 11,000 points"}
            )
        )
