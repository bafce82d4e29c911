# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PCP: what `pmrep -o csv` and `pcp2json` print of an archive's mem.util.* metrics, as points.

Amounts are KiB, times are UTC (run them with ``-Z UTC``). PCP has no per-CPU memory and no boot id.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from ..text.units import KIB
from .broken_json import json_of
from .points import Point

METRICS = {
    "mem.util.slabReclaimable": "slab_reclaimable",
    "mem.util.slabUnreclaimable": "slab_unreclaimable",
    "mem.util.kernelStack": "kernel_stack",
    "mem.util.pageTables": "page_tables",
    "mem.util.vmallocUsed": "vmalloc_used",
    "mem.util.available": "memory_available",
    "mem.physmem": "memory_total",
}
UPTIME = "kernel.all.uptime"


def points_of(text: str, host: str | None) -> list[Point]:
    """Return the points in the output of pmrep (CSV, which does not say of which host it is) or pcp2json (which does;
    a *host* that is given wins).

    Raises ValueError where it is neither.
    """
    # Comments of pcp2json are lines of their own; an empty line in their place leaves the number of each line.
    body = "\n".join("" if line.lstrip().startswith('{ "//"') else line for line in text.splitlines())
    if body.lstrip().startswith("{"):
        return _from_json(body, host)
    if not host:
        raise ValueError("The CSV of pmrep does not say of which host it is; give host, too.")
    return _from_csv(body.lstrip(), host)


def _from_csv(text: str, host: str) -> list[Point]:
    rows = csv.reader(io.StringIO(text))
    try:
        head = next(rows, [])
        if not head or head[0] != "Time":
            raise ValueError(
                "This is neither the CSV of pmrep nor the output of pcp2json: its first line does not begin with Time."
            )
        return [
            point
            for row in rows
            if (point := _point(host, row[0] if row else "", dict(zip(head[1:], row[1:], strict=False)))) is not None
        ]
    except csv.Error as exc:
        raise ValueError(f"This is not the CSV of pmrep: {exc}.") from None


def _from_json(text: str, host: str | None) -> list[Point]:
    output = json_of(text, "what pcp2json prints")
    inner = output.get("@pcp") if isinstance(output, Mapping) else None
    hosts = inner.get("@hosts") if isinstance(inner, Mapping) else None
    if not isinstance(hosts, list):
        raise ValueError("This is not the output of pcp2json: it has no @pcp with @hosts.")
    points = []
    for entry in hosts:
        name, records = (entry.get("@host"), entry.get("@metrics")) if isinstance(entry, Mapping) else (None, None)
        if not isinstance(name, str) or not isinstance(records, list):
            raise ValueError("A host in the output of pcp2json has no @host or no @metrics.")
        for record in records:
            if isinstance(record, Mapping):
                point = _point(host or name, str(record.get("@timestamp") or ""), dict(_leaves(record)))
                points += [] if point is None else [point]
    return points


def _leaves(node: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The metrics of a record, whose names are nested by their dots."""
    for key, inner in node.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(inner, Mapping) and "value" in inner:
            yield name, inner["value"]
        elif isinstance(inner, Mapping) and depth < 8:
            yield from _leaves(inner, name, depth + 1)


def _point(host: str, stamp: str, found: Mapping[str, Any]) -> Point | None:
    moment = _moment(stamp)
    counters = {METRICS[name]: amount * KIB for name in METRICS if (amount := _amount(found.get(name))) is not None}
    if moment is None or not counters:
        return None
    uptime = _amount(found.get(UPTIME))
    return Point(host, moment, counters, None if uptime is None else moment - uptime)


def _moment(stamp: str) -> float | None:
    try:
        moment = datetime.fromisoformat(stamp.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _amount(value: object) -> int | None:
    try:
        amount = float(str(value))
    except ValueError:
        return None
    return int(amount) if 0 <= amount < 2**53 else None
