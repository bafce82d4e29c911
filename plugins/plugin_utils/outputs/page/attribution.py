# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a host's details that says who uses its kernel memory: one small table for each part that has data.

The same rows go to the page as HTML, for its worst hosts, and as data, for all that have findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...model.attribution import COMMON
from .parts import DASH, name, share, size, text

MOST_ALIASES = 3
CONTAINER_ID = 12
LONGEST_REASON = 300

Row = Mapping[str, Any]
Cells = tuple[Any, ...]
"""The cells of a row: first a name and a remark on it, then numbers of the forms that the heads name; None is not
known.
"""


class View(NamedTuple):
    """How a part is shown: its title, the name and the form of each number, and its rows, at most so many."""

    title: str
    heads: tuple[tuple[str, str], ...]
    rows: Callable[[Row], Iterator[Cells]]
    most: int


class Part(NamedTuple):
    """A part of one host: its view, the rows that are shown, and what is missing in it."""

    view: View
    rows: list[Cells]
    reason: str | None


def parts(host: Row, *, in_full: bool = False) -> dict[str, Part]:
    """Return the parts that were gathered on a host, in the order in which people are shown them; without those of
    ``FOR_THE_WORST`` unless *in_full*.
    """
    gathered = host.get("attribution") or {}
    wanted = [key for key in VIEWS if key in gathered and (in_full or key not in FOR_THE_WORST)]
    return {key: _part(VIEWS[key], gathered[key]) for key in wanted}


def _part(view: View, part: Row) -> Part:
    rows = list(_first(view.rows(part), view.most)) if set(part) - set(COMMON) else []
    return Part(view, rows, part["reason"])


def _first(rows: Iterator[Cells], most: int) -> Iterator[Cells]:
    for _unused, row in zip(range(most), rows, strict=False):
        yield row


def attribution(host: Row, *, in_full: bool = True) -> str:
    """Return the tables of a host, all of them or those of ``parts``, with what is missing in each; nothing where
    nothing was gathered.
    """
    shown = [_table(part) for part in parts(host, in_full=in_full).values()]
    return f"<h4>Who uses it</h4>{''.join(shown)}" if shown else ""


def _table(part: Part) -> str:
    reason = text(part.reason, LONGEST_REASON) if part.reason else ""
    if not part.rows:
        return f'<p class="mu">{part.view.title}: {reason or "none were found."}</p>'
    heads = "".join(f'<th scope="col" class="num">{title}</th>' for title, _unused in part.view.heads)
    body = "".join(_row(part.view, row) for row in part.rows)
    note = f'<p class="mu">{reason}</p>' if reason else ""
    return (
        '<table class="owners"><thead><tr><th '
        f'scope="col">{part.view.title}</th>{heads}</tr></thead><tbody>{body}</tbody></table>{note}'
    )


def _row(view: View, row: Cells) -> str:
    remark = f' <span class="mu"><bdi>{text(row[1], LONGEST_REASON)}</bdi></span>' if row[1] else ""
    cells = "".join(
        f'<td class="num">{SHOWN[form](cell)}</td>' for (_unused, form), cell in zip(view.heads, row[2:], strict=True)
    )
    return f'<tr><th scope="row">{name(row[0]) if row[0] else DASH}{remark}</th>{cells}</tr>'


def _number(value: int | None) -> str:
    return DASH if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return share(value, 100)


SHOWN: dict[str, Callable[[Any], str]] = {"size": size, "number": _number, "percent": _percent}
"""The forms of numbers; the script of the page has the same."""


def _caches(part: Row) -> Iterator[Cells]:
    for row in part["caches"]:
        aliases = ", ".join(row["aliases"][:MOST_ALIASES])
        more = f" and {len(row['aliases']) - MOST_ALIASES} more" if len(row["aliases"]) > MOST_ALIASES else ""
        yield row["name"], f"with {aliases}{more}" if aliases else "", row["bytes"], row["use_percent"]


def _callers(part: Row) -> Iterator[Cells]:
    return ((row["caller"], "", row["bytes"], row["areas"]) for row in part["callers"])


def _processes(measure: str) -> Callable[[Row], Iterator[Cells]]:
    return lambda part: ((row["command"], _place(row), row[measure]) for row in part["processes"])


def _place(row: Row) -> str:
    """Return the number of a process and where it runs: its container or, outside of one, its control group."""
    container = row["container_id"]
    place = (
        f" in container {container[:CONTAINER_ID]}" if container else f" in {row['cgroup']}" if row["cgroup"] else ""
    )
    return f"pid {DASH if row['pid'] is None else row['pid']}{place}"


def _commands(part: Row) -> Iterator[Cells]:
    for row in part["commands"]:
        yield row["command"], _processes_of(row), row["page_table_bytes"], row["threads"], row["pinned_bytes"]


def _process_cgroups(part: Row) -> Iterator[Cells]:
    for row in part["cgroups"]:
        yield row["path"], _processes_of(row), row["page_table_bytes"], row["threads"], row["pinned_bytes"]


def _processes_of(row: Row) -> str:
    count = row["processes"]
    return "" if count is None else "1 process" if count == 1 else f"{count:,} processes"


def _descriptors(part: Row) -> Iterator[Cells]:
    return ((row["command"], row["kind"], row["descriptors"]) for row in part["rows"])


def _key_users(part: Row) -> Iterator[Cells]:
    return ((f"User {_number(row['uid'])}", "", row["keys"], row["bytes"]) for row in part["users"])


def _ipc(part: Row) -> Iterator[Cells]:
    for title, count, size_of, owner in KEPT_FOR_PROCESSES:
        whose = part.get(owner)
        yield title, "" if whose is None else f"mostly of user {whose}", part[count], part.get(size_of)


def _cgroups(part: Row) -> Iterator[Cells]:
    return ((row["path"], "", row["kernel_bytes"], _slab(row), row.get("percpu_bytes")) for row in part["cgroups"])


def _nodes(part: Row) -> Iterator[Cells]:
    for row in part["nodes"]:
        yield (
            f"Node {_number(row['node'])}",
            "",
            row["memory_total_bytes"],
            row["memory_free_bytes"],
            _slab(row),
            row["page_tables_bytes"],
        )


def _slab(row: Row) -> int | None:
    kinds = [row[key] for key in ("slab_reclaimable_bytes", "slab_unreclaimable_bytes") if row.get(key) is not None]
    return sum(kinds) if len(kinds) == 2 else None


def _pressure(part: Row) -> Iterator[Cells]:
    kills = part["oom_kills"]
    yield (
        "Some tasks waited for memory",
        f"{kills:,} processes killed since boot" if kills else "",
        *(part[f"some_avg{seconds}"] for seconds in (10, 60, 300)),
    )
    yield "All tasks waited for memory", "", *(part[f"full_avg{seconds}"] for seconds in (10, 60, 300))


def _zones(part: Row) -> Iterator[Cells]:
    for row in part["zones"]:
        yield (
            f"Node {_number(row['node'])}, {row['zone'] or DASH}",
            "",
            row["free_bytes"],
            row["largest_free_order"],
            row["unusable_percent"],
        )


def _objects(part: Row) -> Iterator[Cells]:
    for title, field, limit in OBJECTS:
        yield title, "", part[field], part.get(limit)


def _sites(part: Row) -> Iterator[Cells]:
    return ((row["site"], "", row["bytes"], row["calls"]) for row in part["sites"])


OBJECTS: Sequence[tuple[str, str, str]] = (
    ("Directory entries", "dentries", ""),
    ("Directory entries not in use", "dentries_unused", ""),
    ("Directory entries of missing files", "dentries_negative", ""),
    ("Inodes", "inodes", ""),
    ("Open files", "files", "files_limit"),
    ("Tracked connections", "conntrack", "conntrack_limit"),
    ("Sockets", "sockets", ""),
)
KEPT_FOR_PROCESSES: Sequence[tuple[str, str, str, str]] = (
    ("System V messages", "messages", "message_bytes", "message_owner_uid"),
    ("System V shared memory", "shared_segments", "shared_bytes", "shared_owner_uid"),
    ("System V semaphores", "semaphores", "", ""),
    ("Packet sockets", "packet_sockets", "", "packet_owner_uid"),
)
SIZE, NUMBER, PERCENT = "size", "number", "percent"
_SUMS = (("Page tables", SIZE), ("Threads", NUMBER), ("Pinned", SIZE))

VIEWS = {
    "slab_caches": View("Slab cache", (("Size", SIZE), ("In use", PERCENT)), _caches, 5),
    "vmalloc_callers": View("Caller of vmalloc", (("Size", SIZE), ("Areas", NUMBER)), _callers, 5),
    "page_table_processes": View("Process by page tables", (("Size", SIZE),), _processes("bytes"), 3),
    "thread_processes": View("Process by threads", (("Threads", NUMBER),), _processes("threads"), 3),
    "pinning_processes": View("Process by pinned memory", (("Size", SIZE),), _processes("bytes"), 3),
    "commands": View("All processes of a command", _SUMS, _commands, 5),
    "process_cgroups": View("All processes of a control group", _SUMS, _process_cgroups, 5),
    "cgroups": View("Control group", (("Kernel memory", SIZE), ("Slab", SIZE), ("Per-CPU", SIZE)), _cgroups, 5),
    "ipc": View("Kept for processes", (("Now", NUMBER), ("Size", SIZE)), _ipc, len(KEPT_FOR_PROCESSES)),
    "descriptors": View("Open descriptors", (("Now", NUMBER),), _descriptors, 5),
    "keys": View("Keys of a user", (("Keys", NUMBER), ("Size", SIZE)), _key_users, 3),
    "numa_nodes": View("NUMA node", (("RAM", SIZE), ("Free", SIZE), ("Slab", SIZE), ("Page tables", SIZE)), _nodes, 8),
    "pressure": View("Memory pressure", (("10 s", PERCENT), ("1 min", PERCENT), ("5 min", PERCENT)), _pressure, 2),
    "fragmentation": View(
        "Zone", (("Free", SIZE), ("Largest free order", NUMBER), ("In blocks below order 4", PERCENT)), _zones, 8
    ),
    "objects": View("Kernel objects", (("Now", NUMBER), ("Limit", NUMBER)), _objects, len(OBJECTS)),
    "alloc_sites": View("Allocation site", (("Size", SIZE), ("Calls", NUMBER)), _sites, 5),
}
FOR_THE_WORST = ("pinning_processes", "commands", "process_cgroups", "ipc", "descriptors", "keys")
"""Parts that only the page's worst hosts show, so that the page of a thousand hosts stays small; audit.json has all."""
