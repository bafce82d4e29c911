# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: what `query_range` answers becomes points that can be worked out by hand."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import prometheus
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import daily_samples
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


def test_has_every_dimension_of_a_saved_answer() -> None:
    """The figures are bytes already."""
    points = prometheus.answer_of(saved_output("prometheus_2.42_query_range_node_memory.json")).points
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
    sample = daily_samples(points)[0]
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
    points = prometheus.answer_of(
        answer(
            node_memory_SUnreclaim_bytes=[[1000, "10"], [2000, "20"]],
            node_boot_time_seconds=[[1000, "100"], [2000, "1900"]],
            node_uname_info=[[2000, "1"]],
        )
    ).points
    assert [(point.boot_time, point.kernel_release) for point in points] == [(100.0, None), (1900.0, "6.12.0")]


def test_gaps_are_no_values() -> None:
    """NaN, infinity and negative numbers are gaps."""
    rows = [[1, "NaN"], [2, "+Inf"], [3, "-5"], [4, "7"], ["x", "7"], [5], None]
    assert [point.moment for point in prometheus.answer_of(answer(node_memory_Percpu_bytes=rows)).points] == [4.0]


def test_error_is_told() -> None:
    """Too fine a step is the usual mistake, and the server says so."""
    with pytest.raises(ValueError, match="exceeded maximum resolution"):
        prometheus.answer_of(
            json.dumps(
                {"status": "error", "errorType": "bad_data", "error": "exceeded maximum resolution of 11,000 points"}
            )
        )


def series(*labels: dict[str, str]) -> str:
    """An answer with a series of one moment for each set of labels."""
    named = [{"__name__": "node_memory_Percpu_bytes", "instance": "web1:9100", **one} for one in labels]
    result = [{"metric": one, "values": [[1000, "5"]]} for one in named]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


def test_two_series_of_one_instance_at_one_moment_are_not_mixed() -> None:
    """Two clusters may both have a node1:9100; taken together their pasts would be one host's."""
    found = prometheus.answer_of(series({"cluster": "a"}, {"cluster": "b"}, {"instance": "web2:9100"}))
    assert ([point.host for point in found.points], found.mixed) == (["web2:9100"], {"web1:9100"})


def test_names_of_instances_are_a_list_of_texts() -> None:
    """What is none is another address' answer."""
    assert prometheus.names_of('{"status": "success", "data": ["b", "a", "b"]}') == ["a", "b"]
    with pytest.raises(ValueError, match="its data is no list of names"):
        prometheus.names_of('{"status": "success", "data": {}}')
