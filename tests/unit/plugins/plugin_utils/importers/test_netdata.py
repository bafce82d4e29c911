# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netdata: what an agent answers becomes points that can be worked out by hand."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import netdata
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import MIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)


@pytest.mark.parametrize(
    "name", ["netdata_1.37.1_v1_data_mem_kernel.json", "netdata_1.37.1_v1_data_mem_kernel_jsonwrap.json"]
)
def test_is_in_mib_and_newest_first(name: str) -> None:
    """Both forms of its answer give bytes, oldest first; Slab, the sum of both kinds, is left out."""
    points = netdata.points_of([saved_output(name)], "vm")
    assert [point.moment for point in points] == sorted(point.moment for point in points)
    assert points[-1].counters["percpu"] == int(0.9296875 * MIB)
    assert "slab_unreclaimable" not in points[-1].counters


def test_charts_of_one_moment_are_one_point() -> None:
    """Slab by kind and the uptime come from other charts."""
    slab = json.dumps(
        {"labels": ["time", "reclaimable", "unreclaimable"], "data": [[1795515123, 100, 50], [1795515122, None, None]]}
    )
    uptime = json.dumps({"labels": ["time", "uptime"], "data": [[1795515123, 3600]]})
    point = netdata.points_of([saved_output("netdata_1.37.1_v1_data_mem_kernel.json"), slab, uptime], "vm")[-1]
    assert (point.counters["slab_unreclaimable"], point.boot_time) == (50 * MIB, 1795515123 - 3600)


def test_says_what_the_agent_said() -> None:
    """A missing chart is answered in plain text."""
    with pytest.raises(ValueError, match="No metrics where matched"):
        netdata.points_of(["No metrics where matched to query."], "vm")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("[]", "no labels that begin with time"),
        ('{"labels": ["when"], "data": []}', "no labels that begin with time"),
        ('{"labels": ["time", "avail"], "data": [["2026-11-20 10:00:00", 5]]}', "ask again with options=seconds"),
    ],
)
def test_another_form_is_refused_in_a_sentence(answer: str, sentence: str) -> None:
    """The options of the request decide the form, and whoever asked can change them."""
    with pytest.raises(ValueError, match=rf"^The.*{sentence}\.$|^This.*{sentence}\.$"):
        netdata.points_of([answer], "vm")


def test_what_is_no_number_is_a_gap() -> None:
    """An agent that started a moment ago answers with null."""
    data = [[1795515123, None], [None, 5], [1795515125, True], [1795515126, 7], [2**41, 7]]
    answer = json.dumps({"labels": ["time", "avail"], "data": data})
    assert [(point.moment, point.counters) for point in netdata.points_of([answer], "vm")] == [
        (1795515126, {"memory_available": 7 * MIB})
    ]
