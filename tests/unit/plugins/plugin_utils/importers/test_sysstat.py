# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sysstat: what `sadf -j` prints becomes points that can be worked out by hand."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import sysstat
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import daily_samples
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import KIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


def test_has_three_dimensions_and_the_ram_that_adds_up() -> None:
    """The machine of the sample has 24,683,656 KiB; sadf does not print it."""
    points = sysstat.points_of(saved_output("sadf_12.6.1_r_ALL_restart_comment.json"))
    assert {point.counters["memory_total"] for point in points} == {24683656 * KIB}
    assert points[0].counters["kernel_stack"] == 1840 * KIB
    assert [point.boot_time for point in points] == [point.moment - 1 for point in points], (
        "a restart stands one second before each record"
    )
    assert (points[0].host, points[0].kernel_release, points[0].architecture) == ("vm", "6.18.44-fc-v782", "x86_64")
    sample = daily_samples(points)[0]
    assert sample.amounts["slab_unreclaimable"] is None and sample.amounts["kernel_unreclaimable"] is None


def test_from_12_7_8_counts_memused_otherwise() -> None:
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


def test_in_local_time_is_refused() -> None:
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


def of_memory(memory: dict[str, int]) -> str:
    """What sadf prints of one record of one host."""
    stamp = {"date": "2026-11-20", "time": "10:00:00", "utc": 1}
    return json.dumps(
        {"sysstat": {"hosts": [{"nodename": "vm", "statistics": [{"timestamp": stamp, "memory": memory}]}]}}
    )


def test_ram_is_not_known_where_a_part_of_it_is_not() -> None:
    """A sum without the buffers would be a machine that shrank."""
    (point,) = sysstat.points_of(of_memory({"memfree": 1, "memused": 2, "buffers": 3, "cached": 4, "kstack": 7}))
    assert point.counters == {"kernel_stack": 7 * KIB}
    (point,) = sysstat.points_of(of_memory({"memfree": 1, "memused": 2, "buffers": 3, "cached": 4, "slab": 5}))
    assert point.counters == {"memory_total": 15 * KIB}


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "sadf: command not found",
            "Line 1 of this, which begins with 'sadf: command not found', is not what sadf -j prints; "
            "save it again, whole, and import that.",
        ),
        ('{"sysstat": {}}', "This is not the output of sadf -j: it has no sysstat.hosts."),
        ('{"sysstat": {"hosts": [{}]}}', "A host in the output of sadf has no nodename."),
    ],
)
def test_what_is_no_output_of_sadf_is_refused_in_a_sentence(output: str, sentence: str) -> None:
    """What the shell said instead is what the user must see."""
    with pytest.raises(ValueError) as caught:
        sysstat.points_of(output)
    assert str(caught.value) == sentence
