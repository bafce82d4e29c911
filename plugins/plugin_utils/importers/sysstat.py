# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sysstat: what `sadf -j -- -r ALL` prints of a daily file, as points.

Amounts are KiB. sysstat never has the two kinds of slab apart, nor per-CPU memory: what is imported are kernel stacks,
page tables and vmalloc. The file has no MemTotal; it is the sum of its parts, whose meaning changed in sysstat 12.7.8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..text.units import KIB
from .broken_json import json_of
from .points import Point

FIELDS = {"kstack": "kernel_stack", "pgtbl": "page_tables", "vmused": "vmalloc_used", "avail": "memory_available"}
_PARTS_OF_RAM = ("memfree", "memused", "buffers", "cached", "slab")


def points_of(text: str) -> list[Point]:
    """Return the points in the output of sadf. Raises ValueError where it is none, or in local time."""
    return [point for host in _hosts(text) for point in _points(host)]


def _hosts(text: str) -> list[Mapping[str, Any]]:
    output = json_of(text, "what sadf -j prints")
    sysstat = output.get("sysstat") if isinstance(output, Mapping) else None
    hosts = sysstat.get("hosts") if isinstance(sysstat, Mapping) else None
    if not isinstance(hosts, list) or not all(isinstance(host, Mapping) for host in hosts):
        raise ValueError("This is not the output of sadf -j: it has no sysstat.hosts.")
    return list(hosts)


def _points(host: Mapping[str, Any]) -> list[Point]:
    name, release, machine = (_text(host.get(key)) for key in ("nodename", "release", "machine"))
    if name is None:
        raise ValueError("A host in the output of sadf has no nodename.")
    boots = sorted(filter(None, (_moment(entry.get("boot")) for entry in _mappings(host.get("restarts")))))
    points = []
    for record in _mappings(host.get("statistics")):
        stamp, memory = record.get("timestamp"), record.get("memory")
        if not isinstance(stamp, Mapping) or not isinstance(memory, Mapping):
            continue
        if stamp.get("utc") in (0, False):
            raise ValueError("The output of sadf is in local time; run it again without -t.")
        moment = _moment(stamp)
        if moment is None:
            continue
        counters = {FIELDS[field]: memory[field] * KIB for field in FIELDS if _is_amount(memory.get(field))}
        total = _memory_total(memory)
        if total is not None:
            counters["memory_total"] = total
        place = bisect_right(boots, moment) - 1
        points.append(Point(name, moment, counters, boots[place] if place >= 0 else None, release, machine))
    return points


def _memory_total(memory: Mapping[str, Any]) -> int | None:
    """From 12.7.8 (told by its field `shared`) memused is MemTotal less MemAvailable; before, it left out buffers,
    cache and slab.
    """
    parts = ("memused", "avail") if "shared" in memory else _PARTS_OF_RAM
    amounts = [memory.get(part) for part in parts]
    if not all(_is_amount(amount) for amount in amounts):
        return None
    return sum(int(amount) for amount in amounts if amount is not None) * KIB


def _moment(stamp: object) -> float | None:
    if not isinstance(stamp, Mapping):
        return None
    try:
        moment = datetime.strptime(f"{stamp['date']} {stamp['time']}", "%Y-%m-%d %H:%M:%S")
    except (KeyError, ValueError):
        return None
    return moment.replace(tzinfo=timezone.utc).timestamp()


def _mappings(rows: object) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _is_amount(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _text(value: object) -> str | None:
    return value[:200] if isinstance(value, str) and value else None
