# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's attribution, checked: only the parts and fields of the contract, only of their types, bounded.

Attribution explains and never judges. So a part with a wrong type is emptied and says so, and the host is judged all
the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAXIMUM_TEXT = 300
LARGEST_NUMBER = 2**53
WRONG = "Its form is not that of this version of the collection, so it was left out."

WHOLE, SHARE, TEXT, TEXTS = "whole", "share", "text", "texts"

CGROUP_COUNTERS = (
    "kernel_bytes",
    "slab_reclaimable_bytes",
    "slab_unreclaimable_bytes",
    "percpu_bytes",
    "pagetables_bytes",
    "sec_pagetables_bytes",
    "vmalloc_bytes",
    "kernel_stack_bytes",
    "sock_bytes",
)
NODE_SIZES = (
    "memory_total_bytes",
    "memory_free_bytes",
    "kernel_stack_bytes",
    "page_tables_bytes",
    "secondary_page_tables_bytes",
    "slab_reclaimable_bytes",
    "slab_unreclaimable_bytes",
)
OBJECTS = (
    "dentries",
    "dentries_unused",
    "dentries_negative",
    "inodes",
    "inodes_free",
    "files",
    "files_limit",
    "conntrack",
    "conntrack_limit",
    "sockets",
    "tcp_bytes",
    "tcp_limit_bytes",
    "kernel_tainted",
)
AVERAGES = ("some_avg10", "some_avg60", "some_avg300", "full_avg10", "full_avg60", "full_avg300")


@dataclass(frozen=True)
class Part:
    """The form of a part: its own fields, the name of its list, the fields of a row, and those that a row may lack."""

    fields: Mapping[str, str]
    rows: str = ""
    row: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    most_rows: int = 16


def _process(measure: str) -> dict[str, str]:
    return {"pid": WHOLE, "command": TEXT, measure: WHOLE, "cgroup": TEXT, "container_id": TEXT}


PARTS: dict[str, Part] = {
    "slab_caches": Part(
        {"caches_total": WHOLE, "table_bytes": WHOLE, "outside_table_bytes": WHOLE},
        "caches",
        {
            "name": TEXT,
            "bytes": WHOLE,
            "objects": WHOLE,
            "objects_active": WHOLE,
            "use_percent": SHARE,
            "object_bytes": WHOLE,
            "aliases": TEXTS,
        },
    ),
    "vmalloc_callers": Part(
        {"total_bytes": WHOLE, "ioremap_bytes": WHOLE, "stack_bytes": WHOLE},
        "callers",
        {"caller": TEXT, "bytes": WHOLE, "areas": WHOLE},
    ),
    "page_table_processes": Part({"seen": WHOLE, "total_bytes": WHOLE}, "processes", _process("bytes")),
    "thread_processes": Part({"seen": WHOLE, "total": WHOLE}, "processes", _process("threads")),
    "cgroups": Part(
        {"version": WHOLE, "seen": WHOLE, "dying": WHOLE},
        "cgroups",
        {"path": TEXT, **dict.fromkeys(CGROUP_COUNTERS, WHOLE)},
        frozenset(CGROUP_COUNTERS[1:]),
    ),
    "numa_nodes": Part({}, "nodes", {"node": WHOLE, **dict.fromkeys(NODE_SIZES, WHOLE)}, most_rows=64),
    "pressure": Part({**dict.fromkeys(AVERAGES, SHARE), "oom_kills": WHOLE}),
    "fragmentation": Part(
        {},
        "zones",
        {"node": WHOLE, "zone": TEXT, "free_bytes": WHOLE, "largest_free_order": WHOLE, "unusable_percent": SHARE},
        most_rows=64,
    ),
    "objects": Part(dict.fromkeys(OBJECTS, WHOLE)),
    "alloc_sites": Part(
        {"sites_total": WHOLE, "total_bytes": WHOLE}, "sites", {"site": TEXT, "bytes": WHOLE, "calls": WHOLE}
    ),
}
"""Every part, in the order in which people are shown them."""

OF_HEALTHY_HOSTS = ("pressure", "fragmentation", "objects")
"""What audit.json keeps of a host that is ok: small, and of use for a comparison."""


def checked_attribution(attribution: object) -> dict[str, dict[str, Any]]:
    """Return the known parts of *attribution*; one that has a wrong type anywhere becomes ``complete: false`` with a
    reason.

    A part has ``complete``, ``reason`` and ``duration_ms`` and, where there are any data, all of its fields.
    """
    if not isinstance(attribution, Mapping):
        return {}
    return {name: _checked_part(attribution[name], part) for name, part in PARTS.items() if name in attribution}


def of_verdict(attribution: Mapping[str, Any], verdict: str) -> dict[str, Any]:
    """Return what the audit keeps of a host with that verdict, so that audit.json of 10,000 healthy hosts stays
    small.
    """
    return {name: part for name, part in attribution.items() if verdict != "ok" or name in OF_HEALTHY_HOSTS}


def has_data(name: str, part: Mapping[str, Any]) -> bool:
    """Whether the part *name* holds more than the reason why it holds nothing."""
    return (PARTS[name].rows or next(iter(PARTS[name].fields))) in part


def _checked_part(given: object, part: Part) -> dict[str, Any]:
    try:
        if not isinstance(given, Mapping) or not isinstance(given.get("complete"), bool):
            raise ValueError
        checked: dict[str, Any] = {
            "complete": given["complete"],
            "reason": _value(given.get("reason"), TEXT),
            "duration_ms": _value(given.get("duration_ms"), WHOLE),
        }
        if not checked["complete"] and checked["reason"] is None:
            checked["reason"] = "The host gave no reason."
        names = {*part.fields, part.rows} - {""}
        if not names & set(given):
            return checked if not checked["complete"] else {**checked, "complete": False, "reason": WRONG}
        checked.update({name: _value(given.get(name), kind) for name, kind in part.fields.items()})
        if part.rows:
            checked[part.rows] = _rows(given.get(part.rows), part)
    except ValueError:
        return {"complete": False, "reason": WRONG, "duration_ms": None}
    return checked


def _rows(given: object, part: Part) -> list[dict[str, Any]]:
    if not isinstance(given, list) or len(given) > part.most_rows or not all(isinstance(row, dict) for row in given):
        raise ValueError
    return [
        {
            name: _value(row.get(name), kind)
            for name, kind in part.row.items()
            if name in row or name not in part.optional
        }
        for row in given
    ]


def _value(value: object, kind: str) -> Any:
    # Most values are these, and there are a hundred of them a host.
    if (
        kind == WHOLE
        and isinstance(value, int)
        and value is not True
        and value is not False
        and 0 <= value <= LARGEST_NUMBER
    ):
        return value
    if kind == TEXTS:
        if not isinstance(value, list) or len(value) > 16:
            raise ValueError
        return [_text(entry) for entry in value]
    if value is None:
        return None
    if kind == TEXT:
        return _text(value)
    if isinstance(value, bool) or not isinstance(value, int if kind == WHOLE else (int, float)):
        raise ValueError
    if not 0 <= value <= (LARGEST_NUMBER if kind == WHOLE else 100):
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value if len(value) <= MAXIMUM_TEXT else value[: MAXIMUM_TEXT - 3] + "..."
