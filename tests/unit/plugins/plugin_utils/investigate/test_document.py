# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's investigation as plain data."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.document import (
    failed_document,
    is_investigation,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    asked,
    document,
    packet_rings,
    ramp,
    traced,
    watch,
)


def test_it_holds_the_answer_with_its_evidence_and_its_readings() -> None:
    """Whoever doubts the sentence finds the figures, and what they were worked out from."""
    told = asked(*packet_rings())
    found = document("web1", told)
    assert found["sentence"].startswith("`packet_set_ring`") and found["confidence"] == "high"
    assert found["dimensions"] == {"unaccounted": {"bytes_per_second": round(3.1 * MIB), "follows": None}}
    assert found["readings"] == told.readings
    first = found["culprits"][0]
    assert (first["functions"][0], first["process"]["pid"], first["share"], first["events_lost"]) == (
        "packet_set_ring",
        4242,
        0.981,
        0,
    )
    [trace] = found["traces"]
    assert trace["sites"][0]["by"] == [("`tcpdump` (pid 4242, `capture.service`)", 1.0)]
    assert json.loads(json.dumps(found, allow_nan=False))["culprits"] == found["culprits"]


def test_a_dimension_that_only_follows_says_which() -> None:
    """It is no second finding."""
    found = document("web1", asked(watch({}, Percpu=ramp(MIB), VmallocUsed=ramp(1.1 * MIB))))
    assert found["dimensions"]["vmalloc"]["follows"] == "percpu"


def test_what_grows_has_the_noise_that_it_was_measured_against() -> None:
    """And each of its windows."""
    found = document("web1", asked(watch({"threads": {"7 db": 64.0}}, KernelStack=ramp(MIB, 8 * MIB))))
    rows = {row["kind"]: row for row in found["growing"]}
    assert rows["threads"] == {
        "kind": "threads",
        "name": "7 db",
        "unit": "objects",
        "per_second": 64.0,
        "noise": 0.0,
        "windows": [64.0] * 4,
    }
    assert rows["dimension"]["unit"] == "bytes"


def test_a_trace_without_a_result_has_no_sites() -> None:
    """Its text was too long to be read in time."""
    watched, looked, told = packet_rings()
    trace = {**told["traces"][0], "result": None, "late": True}
    [found] = document("web1", asked(watched, looked, traced(trace)))["traces"]
    assert (found["sites"], found["late"]) == ([], True)


@pytest.mark.parametrize(("outcome", "expected"), [("unreachable", "unreachable"), ("nonsense", "failed")])
def test_a_host_without_an_answer_is_no_investigation(outcome: str, expected: str) -> None:
    """It has a reason of a known kind, and no figures."""
    found = failed_document("web1", outcome, "No route.")
    assert found == {"name": "web1", "role": "asked", "outcome": expected, "message": "No route."}
    assert not is_investigation(found)
    assert is_investigation(document("web1", asked(watch())))
