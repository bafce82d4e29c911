# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a host's details that says who uses its kernel memory: one small table for each part that has data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._checked_attribution import has_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.html_parts import DASH, name, share, size, text

MOST_ALIASES = 3
CONTAINER_ID = 12

Row = Mapping[str, Any]


class View(NamedTuple):
    """How a part is shown: its title, its list, the most rows, the heads after the first, and the cells of a row."""

    title: str
    rows: str
    most: int
    heads: tuple[str, ...]
    cells: Callable[[Row], tuple[str, ...]]


def attribution(host: Mapping[str, Any]) -> str:
    """Return the tables of a host, and for each part what is missing in it; nothing where nothing was gathered."""
    parts = host["attribution"] or {}
    shown = [_part(key, view, parts[key]) for key, view in VIEWS.items() if key in parts]
    return f'<h4>Who uses it</h4>{"".join(shown)}' if shown else ""


def _part(key: str, view: View, part: Mapping[str, Any]) -> str:
    reason = text(part["reason"], 300) if part["reason"] else ""
    rows = part[view.rows] if has_data(key, part) else []
    if not rows:
        return f'<p class="mu">{view.title}: {reason or "none were found."}</p>'
    heads = "".join(f'<th scope="col" class="num">{head}</th>' for head in view.heads)
    body = "".join(_row(view.cells(row)) for row in rows[: view.most])
    note = f'<p class="mu">{reason}</p>' if reason else ""
    return f'<table class="owners"><thead><tr><th scope="col">{view.title}</th>{heads}</tr></thead><tbody>{body}</tbody></table>{note}'


def _row(cells: tuple[str, ...]) -> str:
    return f'<tr><th scope="row">{cells[0]}</th>' + "".join(f'<td class="num">{cell}</td>' for cell in cells[1:]) + "</tr>"


def _number(value: int | None) -> str:
    return DASH if value is None else f"{value:,}"


def _said(value: str | None) -> str:
    return name(value) if value else DASH


def _cache(row: Row) -> tuple[str, ...]:
    aliases = ", ".join(name(alias) for alias in row["aliases"][:MOST_ALIASES])
    more = f" and {len(row['aliases']) - MOST_ALIASES} more" if len(row["aliases"]) > MOST_ALIASES else ""
    shared = f' <span class="mu">with {aliases}{more}</span>' if aliases else ""
    used = DASH if row["use_percent"] is None else share(row["use_percent"], 100)
    return _said(row["name"]) + shared, size(row["bytes"]), used


def _caller(row: Row) -> tuple[str, ...]:
    return _said(row["caller"]), size(row["bytes"]), _number(row["areas"])


def _process(row: Row) -> str:
    """Return a process with where it runs: its container or, outside of one, its control group."""
    container = row["container_id"]
    place = f" in container {name(container[:CONTAINER_ID])}" if container else f" in {name(row['cgroup'])}" if row["cgroup"] else ""
    return f'{_said(row["command"])} <span class="mu">pid {DASH if row["pid"] is None else row["pid"]}{place}</span>'


def _tables(row: Row) -> tuple[str, ...]:
    return _process(row), size(row["bytes"])


def _threads(row: Row) -> tuple[str, ...]:
    return _process(row), _number(row["threads"])


def _cgroup(row: Row) -> tuple[str, ...]:
    return _said(row["path"]), size(row["kernel_bytes"]), size(_slab(row)), size(row.get("percpu_bytes"))


def _node(row: Row) -> tuple[str, ...]:
    return (
        f"Node {_number(row['node'])}", size(row["memory_total_bytes"]), size(row["memory_free_bytes"]), size(_slab(row)),
        size(row["page_tables_bytes"]),
    )


def _slab(row: Row) -> int | None:
    kinds = [row[key] for key in ("slab_reclaimable_bytes", "slab_unreclaimable_bytes") if row.get(key) is not None]
    return sum(kinds) if len(kinds) == 2 else None


def _site(row: Row) -> tuple[str, ...]:
    return _said(row["site"]), size(row["bytes"]), _number(row["calls"])


VIEWS = {
    "slab_caches": View("Slab cache", "caches", 5, ("Size", "In use"), _cache),
    "vmalloc_callers": View("Caller of vmalloc", "callers", 5, ("Size", "Areas"), _caller),
    "page_table_processes": View("Process by page tables", "processes", 3, ("Size",), _tables),
    "thread_processes": View("Process by threads", "processes", 3, ("Threads",), _threads),
    "cgroups": View("Control group", "cgroups", 5, ("Kernel memory", "Slab", "Per-CPU"), _cgroup),
    "numa_nodes": View("NUMA node", "nodes", 8, ("RAM", "Free", "Slab", "Page tables"), _node),
    "alloc_sites": View("Allocation site", "sites", 5, ("Size", "Calls"), _site),
}
