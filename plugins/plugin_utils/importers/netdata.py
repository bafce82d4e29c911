# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netdata: what `/api/v1/data` answers for the charts mem.kernel, mem.slab, system.ram and system.uptime, as points.

Values are MiB (uptime: seconds), the newest row first, gaps are null. One answer is of one chart and one host; which
chart it is follows from its dimensions. Slab of mem.kernel is the sum of both kinds and is left out: mem.slab has them
apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ..model.times import DAY
from ..text.units import MIB
from .broken_json import json_of
from .points import STEP_SECONDS, Point

CHARTS = ("mem.kernel", "mem.slab", "mem.available", "system.uptime")
"""The charts to ask for, each with ``format=json&options=seconds`` and ``group=median``."""

DIMENSIONS = {
    "KernelStack": "kernel_stack",
    "PageTables": "page_tables",
    "VmallocUsed": "vmalloc_used",
    "Percpu": "percpu",
    "reclaimable": "slab_reclaimable",
    "unreclaimable": "slab_unreclaimable",
    "avail": "memory_available",
    "MemAvailable": "memory_available",
}
UPTIME = "uptime"


def addresses(url: str, days: int, now: int) -> Iterator[str]:
    """Yield what to ask of a host's Netdata for the last *days* days: each chart, at an hour a point."""
    for chart in CHARTS:
        asked = {"chart": chart, "after": now - days * DAY, "before": now, "points": days * DAY // STEP_SECONDS}
        query = {**asked, "group": "median", "format": "json", "options": "seconds"}
        yield f"{url.rstrip('/')}/api/v1/data?{urlencode(query)}"


def points_of(texts: Iterable[str], host: str) -> list[Point]:
    """Return the points in the answers for the charts of *host*. Raises ValueError where one is no such answer."""
    counters: dict[float, dict[str, int]] = {}
    boots: dict[float, float] = {}
    for text in texts:
        labels, rows = _table(text)
        for row in rows:
            moment = row[0] if isinstance(row, list) and row and _is_number(row[0]) else None
            if moment is None or not 0 <= moment < 2**40:
                continue
            for label, amount in zip(labels[1:], row[1:], strict=False):
                if not _is_number(amount) or not 0 <= amount < 2**43:
                    continue
                if label == UPTIME:
                    boots[moment] = moment - amount
                elif label in DIMENSIONS:
                    counters.setdefault(moment, {})[DIMENSIONS[label]] = int(amount * MIB)
    return [Point(host, moment, counters[moment], boots.get(moment)) for moment in sorted(counters)]


def _table(text: str) -> tuple[list[str], list[Any]]:
    # An agent says in plain text that a chart, or its time, is not there.
    answer = json_of(text, "the answer of Netdata's /api/v1/data in the format json")
    if isinstance(answer, Mapping) and isinstance(answer.get("result"), Mapping):
        answer = answer["result"]
    labels = answer.get("labels") if isinstance(answer, Mapping) else None
    rows = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(labels, list) or not labels or labels[0] != "time" or not isinstance(rows, list):
        raise ValueError(
            "This is not the answer of Netdata's /api/v1/data in the format json: it has no labels that begin with "
            "time."
        )
    if rows and isinstance(rows[0], list) and rows[0] and isinstance(rows[0][0], str):
        raise ValueError("The Netdata answer has its times as local text; ask again with options=seconds.")
    return [str(label) for label in labels], rows


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
