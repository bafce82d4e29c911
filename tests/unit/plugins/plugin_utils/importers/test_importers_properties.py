# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Importers read what anybody may have written: nothing but ValueError, and never a value that is not there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import (
    netdata,
    pcp,
    prometheus,
    sysstat,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import by_day, daily_samples
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN, row_of

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "node_memory_Percpu_bytes",
            "web1:9100",
            "matrix",
            "success",
            "time",
            "KernelStack",
            "2026-11-24",
            "10:00:00",
            "vm",
            "12",
            "NaN",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "status",
                    "data",
                    "result",
                    "resultType",
                    "metric",
                    "values",
                    "__name__",
                    "instance",
                    "labels",
                    "sysstat",
                    "hosts",
                    "nodename",
                    "statistics",
                    "timestamp",
                    "date",
                    "time",
                    "utc",
                    "memory",
                    "kstack",
                    "vmused",
                    "restarts",
                    "boot",
                    "@pcp",
                    "@hosts",
                    "@host",
                    "@metrics",
                    "@timestamp",
                    "mem",
                    "util",
                    "kernelStack",
                    "value",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)
IMPORTERS = {
    "prometheus": lambda text: prometheus.answer_of(text).points,
    "netdata": lambda text: netdata.points_of([text], "web1"),
    "sysstat": sysstat.points_of,
    "pcp": lambda text: pcp.points_of(text, "web1"),
}


def swallow(importer: str, text: str) -> None:
    """Import, and check that what comes is sound."""
    try:
        points = IMPORTERS[importer](text)
    except ValueError as exc:
        assert str(exc).strip().endswith((".", "'", '"')) or str(exc)
        return
    for rows in by_day(daily_samples(points)).values():
        for sample in rows:
            assert all(amount is None or amount >= 0 for amount in sample.amounts.values())
            assert all(isinstance(column, int) and (column >= 0 or column == UNKNOWN) for column in row_of(sample))


@pytest.mark.parametrize("importer", IMPORTERS)
@given(value=PLAIN)
def test_json_of_nearly_the_right_form(importer: str, value: object) -> None:
    """What is odd is left out or refused with a sentence."""
    swallow(importer, json.dumps(value))


@pytest.mark.parametrize("importer", IMPORTERS)
@given(
    text=st.text(max_size=200)
    | st.text(max_size=60).map(lambda inner: "Time,mem.util.slab,mem.util.kernelStack\n" + inner)
)
def test_any_text(importer: str, text: str) -> None:
    """Plain text is an error message of a tool, or a file of something else."""
    swallow(importer, text)


@given(
    rows=st.lists(
        st.lists(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5), max_size=4), max_size=6
    )
)
def test_rows_of_any_kind(rows: list[list[object]]) -> None:
    """Numbers of any size, gaps, and texts where numbers should be."""
    swallow("netdata", json.dumps({"labels": ["time", "KernelStack", "VmallocUsed", "uptime"], "data": rows}))
    metric = {"__name__": "node_memory_Percpu_bytes", "instance": "web1"}
    swallow(
        "prometheus",
        json.dumps(
            {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": metric, "values": rows}]}}
        ),
    )
