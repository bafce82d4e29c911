# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Importers: the real output of other tools becomes the samples that can be worked out by hand, and nothing is
invented.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import (
    netdata,
    pcp,
    prometheus,
    sysstat,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import (
    DAY,
    Point,
    by_day,
    daily_samples,
    renamed,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import SAMPLED

HISTORY = Path(__file__).parents[4] / "samples" / "history"
KIB, MIB = 1024, 1024**2


def text(name: str) -> str:
    """A saved output."""
    return (HISTORY / name).read_text()


def test_prometheus_has_every_dimension_of_a_saved_answer() -> None:
    """The figures are bytes already, and the port of an instance is no part of a host's name."""
    points = prometheus.points_of(text("prometheus_2.42_query_range_node_memory.json"))
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


def test_prometheus_boot_time_and_kernel_belong_to_their_moment() -> None:
    """An upgrade inside the range must not rewrite the history before it."""
    points = prometheus.points_of(
        answer(
            node_memory_SUnreclaim_bytes=[[1000, "10"], [2000, "20"]],
            node_boot_time_seconds=[[1000, "100"], [2000, "1900"]],
            node_uname_info=[[2000, "1"]],
        )
    )
    assert [(point.boot_time, point.kernel_release) for point in points] == [(100.0, None), (1900.0, "6.12.0")]


def test_prometheus_gaps_are_no_values() -> None:
    """NaN, infinity and negative numbers are gaps."""
    rows = [[1, "NaN"], [2, "+Inf"], [3, "-5"], [4, "7"], ["x", "7"], [5], None]
    assert [point.moment for point in prometheus.points_of(answer(node_memory_Percpu_bytes=rows))] == [4.0]


def test_prometheus_error_is_told() -> None:
    """Too fine a step is the usual mistake, and the server says so."""
    with pytest.raises(ValueError, match="exceeded maximum resolution"):
        prometheus.points_of(
            json.dumps(
                {"status": "error", "errorType": "bad_data", "error": "exceeded maximum resolution of 11,000 points"}
            )
        )


@pytest.mark.parametrize(
    "name", ["netdata_1.37.1_v1_data_mem_kernel.json", "netdata_1.37.1_v1_data_mem_kernel_jsonwrap.json"]
)
def test_netdata_is_in_mib_and_newest_first(name: str) -> None:
    """Both forms of its answer give bytes, oldest first; Slab, the sum of both kinds, is left out."""
    points = netdata.points_of([text(name)], "vm")
    assert [point.moment for point in points] == sorted(point.moment for point in points)
    assert points[-1].counters["percpu"] == int(0.9296875 * MIB)
    assert "slab_unreclaimable" not in points[-1].counters


def test_netdata_charts_of_one_moment_are_one_point() -> None:
    """Slab by kind and the uptime come from other charts."""
    slab = json.dumps(
        {"labels": ["time", "reclaimable", "unreclaimable"], "data": [[1795515123, 100, 50], [1795515122, None, None]]}
    )
    uptime = json.dumps({"labels": ["time", "uptime"], "data": [[1795515123, 3600]]})
    point = netdata.points_of([text("netdata_1.37.1_v1_data_mem_kernel.json"), slab, uptime], "vm")[-1]
    assert (point.counters["slab_unreclaimable"], point.boot_time) == (50 * MIB, 1795515123 - 3600)


def test_netdata_says_what_the_agent_said() -> None:
    """A missing chart is answered in plain text."""
    with pytest.raises(ValueError, match="No metrics where matched"):
        netdata.points_of(["No metrics where matched to query."], "vm")


def test_sysstat_has_three_dimensions_and_the_ram_that_adds_up() -> None:
    """The machine of the sample has 24,683,656 KiB; sadf does not print it."""
    points = sysstat.points_of(text("sadf_12.6.1_r_ALL_restart_comment.json"))
    assert {point.counters["memory_total"] for point in points} == {24683656 * KIB}
    assert points[0].counters["kernel_stack"] == 1840 * KIB
    assert [point.boot_time for point in points] == [point.moment - 1 for point in points], (
        "a restart stands one second before each record"
    )
    assert (points[0].host, points[0].kernel_release, points[0].architecture) == ("vm", "6.18.44-fc-v782", "x86_64")
    sample = daily_samples(points)[0]
    assert sample.amounts["slab_unreclaimable"] is None and sample.amounts["kernel_unreclaimable"] is None


def test_sysstat_from_12_7_8_counts_memused_otherwise() -> None:
    """There memused is MemTotal less MemAvailable; adding the cache would count it twice."""
    memory = {
        "memfree": 1,
        "avail": 600,
        "memused": 400,
        "buffers": 50,
        "cached": 200,
        "slab": 30,
        "shared": 5,
        "kstack": 7,
    }
    stamp = {"date": "2026-11-20", "time": "10:00:00", "utc": 1}
    output = {"sysstat": {"hosts": [{"nodename": "vm", "statistics": [{"timestamp": stamp, "memory": memory}]}]}}
    assert sysstat.points_of(json.dumps(output))[0].counters["memory_total"] == 1000 * KIB


def test_sysstat_in_local_time_is_refused() -> None:
    """An hour's shift would put samples before the boot they belong to."""
    output = {
        "sysstat": {
            "hosts": [
                {
                    "nodename": "vm",
                    "statistics": [{"timestamp": {"date": "2026-11-20", "time": "10:00:00", "utc": 0}, "memory": {}}],
                }
            ]
        }
    }
    with pytest.raises(ValueError, match="without -t"):
        sysstat.points_of(json.dumps(output))


def test_pcp_csv_and_json_are_in_kib_and_utc() -> None:
    """The first row of each saved output, by hand."""
    first = pcp.points_of(text("pcp_pmrep.csv"), "vm")[0]
    assert (first.moment, first.host) == (1795514861.0, "vm")
    assert first.counters["slab_unreclaimable"] == 59240 * KIB
    first = pcp.points_of(text("pcp_pcp2json.json"), "unused")[0]
    assert (first.host, first.counters["kernel_stack"], first.counters["vmalloc_used"]) == (
        "vm",
        4896 * KIB,
        9116 * KIB,
    )


def point(moment: float, boot: float | None = None, **counters: int) -> Point:
    """A point of the host web1."""
    return Point("web1", moment, counters, boot)


def test_a_day_becomes_its_median_and_each_boot_of_it_one_sample() -> None:
    """A spike of a minute must not become a baseline, and boots are never mixed."""
    points = [point(hour * 3600.0, 10.0, percpu=amount) for hour, amount in enumerate([5, 5, 500, 5], 1)] + [
        point(20 * 3600.0, 19 * 3600.0, percpu=9)
    ]
    assert [(sample.amounts["percpu"], sample.uptime_seconds) for sample in daily_samples(points)] == [
        (5, 4 * 3600 - 10),
        (9, 3600),
    ]


def test_boot_times_that_a_clock_corrects_are_one_boot() -> None:
    """Boot times are worked out from clocks, and wander by seconds."""
    assert len(daily_samples([point(3600, 1000.2, percpu=1), point(7200, 1001.0, percpu=1)])) == 1


def test_a_counter_of_zero_is_one_that_is_not_kept() -> None:
    """A baseline of 0 would make every later value a spike."""
    amounts = daily_samples([point(1000, vmalloc_used=0, kernel_stack=0, percpu=0)])[0].amounts
    assert {name: amounts[name] for name in ("vmalloc", "kernel_stack", "percpu")} == {
        "vmalloc": None,
        "kernel_stack": None,
        "percpu": None,
    }
    assert set(amounts) == set(SAMPLED)


def test_vmalloc_is_without_the_stacks_that_are_in_it() -> None:
    """Else the first real audit, which leaves them out, would look like a drop."""
    assert daily_samples([point(1000, vmalloc_used=100, kernel_stack=40)])[0].amounts["vmalloc"] == 60


def test_days_become_runs_and_a_run_has_a_host_once() -> None:
    """The later boot of a day is kept."""
    samples = daily_samples(
        [point(3600, 10.0, percpu=1), point(7200, 7000.0, percpu=2), point(DAY + 60, 7000.0, percpu=3)]
    )
    days = by_day(samples)
    assert {day: [sample.amounts["percpu"] for sample in rows] for day, rows in days.items()} == {
        "1970-01-01": [2],
        "1970-01-02": [3],
    }


def test_names_of_the_inventory_win() -> None:
    """By the full label first, then without its port."""
    found = renamed(
        [Point("10.0.0.1:9100", 1, {}), Point("10.0.0.2:9100", 1, {}), Point("web3", 1, {})],
        {"10.0.0.1:9100": "web1", "10.0.0.2": "web2"},
    )
    assert [each.host for each in found] == ["web1", "web2", "web3"]
