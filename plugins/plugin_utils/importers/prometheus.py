# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: what `/api/v1/query_range` answers for the metrics of node_exporter, as points.

Values are bytes as text, moments are seconds. A label `instance` names the host. The boot time comes from
`node_boot_time_seconds`, the kernel from the labels of `node_uname_info`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from ..text.safe import one_line
from .broken_json import json_of
from .points import Part, Point

METRICS = {
    "node_memory_SReclaimable_bytes": "slab_reclaimable",
    "node_memory_SUnreclaim_bytes": "slab_unreclaimable",
    "node_memory_KernelStack_bytes": "kernel_stack",
    "node_memory_PageTables_bytes": "page_tables",
    "node_memory_SecPageTables_bytes": "secondary_page_tables",
    "node_memory_Percpu_bytes": "percpu",
    "node_memory_VmallocUsed_bytes": "vmalloc_used",
    "node_memory_MemTotal_bytes": "memory_total",
    "node_memory_MemAvailable_bytes": "memory_available",
}
BOOT_TIME = "node_boot_time_seconds"
UNAME = "node_uname_info"
EVERYTHING = '__name__=~"' + "|".join((*METRICS, BOOT_TIME, UNAME)) + '"'
"""The selector that brings everything in one query. Arithmetic in a query would drop the names."""


def answer_of(text: str) -> Part:
    """Return what is in an answer. Raises ValueError where it is none, or is the server's own error."""
    result = _result(text)
    mixed: set[str] = set()
    counters: dict[str, dict[float, dict[str, int]]] = {}
    boots: dict[str, dict[float, float]] = {}
    kernels: dict[str, list[tuple[float, str, str]]] = {}
    for series in result:
        labels = series.get("metric") if isinstance(series, Mapping) else None
        rows = series.get("values") if isinstance(series, Mapping) else None
        if not isinstance(labels, Mapping) or not isinstance(rows, list):
            raise ValueError(
                "A series of the Prometheus answer has no metric or no values; give the answer of query_range as it is."
            )
        host, name = labels.get("instance"), labels.get("__name__")
        if not isinstance(host, str) or not isinstance(name, str):
            continue
        for moment, amount in _rows(rows):
            if name in METRICS:
                there = counters.setdefault(host, {}).setdefault(moment, {})
                if METRICS[name] in there:
                    mixed.add(host)
                there[METRICS[name]] = int(amount)
            elif name == BOOT_TIME:
                boots.setdefault(host, {})[moment] = amount
            elif name == UNAME:
                kernels.setdefault(host, []).append(
                    (moment, str(labels.get("release") or ""), str(labels.get("machine") or ""))
                )
    points = [
        point
        for host in sorted(counters.keys() - mixed)
        for point in _points(host, counters[host], boots.get(host, {}), sorted(kernels.get(host, [])))
    ]
    return Part(points, frozenset(mixed))


def names_of(text: str) -> list[str]:
    """Return the values in an answer of /api/v1/label/instance/values. Raises ValueError where it is none."""
    data = _data(text)
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise ValueError("This is not the answer of /api/v1/label/instance/values: its data is no list of names.")
    return sorted(set(data))


def _result(text: str) -> list[Any]:
    data = _data(text)
    if not isinstance(data, Mapping) or data.get("resultType") != "matrix" or not isinstance(data.get("result"), list):
        raise ValueError("This is not the answer of /api/v1/query_range: it has no result of the type matrix.")
    return list(data["result"])


def _data(text: str) -> object:
    answer = json_of(text, "the answer of a Prometheus server, as it came from /api/v1/query_range")
    if not isinstance(answer, Mapping):
        raise ValueError("This is not a Prometheus answer: it is not a mapping with a status.")
    if answer.get("status") == "error":
        raise ValueError(f"Prometheus answered with an error: {one_line(str(answer.get('error')))}")
    return answer.get("data")


def _rows(rows: list[Any]) -> list[tuple[float, float]]:
    found = []
    for row in rows:
        try:
            moment, amount = float(row[0]), float(row[1])
        except (TypeError, ValueError, IndexError, KeyError, OverflowError):
            continue
        # A gap is written as NaN.
        if math.isfinite(moment) and math.isfinite(amount) and 0 <= amount < 2**63 and 0 <= moment < 2**40:
            found.append((moment, amount))
    return found


def _points(
    host: str,
    counters: Mapping[float, dict[str, int]],
    boots: Mapping[float, float],
    kernels: list[tuple[float, str, str]],
) -> list[Point]:
    moments = [moment for moment, _release, _machine in kernels]
    points = []
    for moment in sorted(counters):
        place = bisect_right(moments, moment) - 1
        release, machine = kernels[place][1:] if place >= 0 else ("", "")
        points.append(Point(host, moment, counters[moment], boots.get(moment), release or None, machine or None))
    return points
