# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a host's details that says who uses its kernel memory: one small table for each part that has data.

The same rows go to the page as HTML, for its worst hosts, and as data, for all that have findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ...model.attribution import Attribution
from ...model.attribution_parts import (
    AllocSites,
    Cgroup,
    Cgroups,
    CgroupSum,
    Commands,
    CommandSum,
    Descriptors,
    Fragmentation,
    Ipc,
    Keys,
    Node,
    NumaNodes,
    Objects,
    PageTableProcess,
    PageTableProcesses,
    Part,
    PinningProcesses,
    Pressure,
    ProcessCgroups,
    SlabCaches,
    ThreadProcess,
    ThreadProcesses,
    VmallocCallers,
)
from .parts import DASH, name, share, size, text

MOST_ALIASES = 3
CONTAINER_ID = 12
LONGEST_REASON = 300


class Row(NamedTuple):
    """A row of a part: a name and a remark on it, then numbers of the forms that the heads name; None is not known."""

    name: str | None
    remark: str
    numbers: tuple[float | None, ...]


class View(NamedTuple):
    """How a part is shown: its title, the name and the form of each number, and its rows, at most so many."""

    title: str
    heads: tuple[tuple[str, str], ...]
    rows: Callable[[Part], Iterator[Row]]
    most: int


class Shown(NamedTuple):
    """A part of one host: its name and view, the rows that are shown, and what is missing in it."""

    key: str
    view: View
    rows: list[Row]
    reason: str | None


def parts(found: Attribution | None, *, in_full: bool = False) -> list[Shown]:
    """Return the parts that were gathered on a host, in the order in which people are shown them; without those of
    ``FOR_THE_WORST`` unless *in_full*.
    """
    gathered = {} if found is None else found.parts()
    wanted = [key for key in VIEWS if key in gathered and (in_full or key not in FOR_THE_WORST)]
    return [_shown(key, VIEWS[key], gathered[key]) for key in wanted]


def _shown(key: str, view: View, part: Part) -> Shown:
    rows = list(islice(view.rows(part), view.most)) if part.has_data else []
    return Shown(key, view, rows, part.reason)


def attribution(found: Attribution | None, *, in_full: bool = True) -> str:
    """Return the tables of a host, all of them or those of ``parts``, with what is missing in each; nothing where
    nothing was gathered.
    """
    shown = [_table(part) for part in parts(found, in_full=in_full)]
    return f"<h4>Who uses it</h4>{''.join(shown)}" if shown else ""


def _table(part: Shown) -> str:
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


def _row(view: View, row: Row) -> str:
    remark = f' <span class="mu"><bdi>{text(row.remark, LONGEST_REASON)}</bdi></span>' if row.remark else ""
    cells = "".join(
        f'<td class="num">{SHOWN[form](number)}</td>'
        for (_unused, form), number in zip(view.heads, row.numbers, strict=True)
    )
    return f'<tr><th scope="row">{name(row.name) if row.name else DASH}{remark}</th>{cells}</tr>'


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return share(value, 100)


SHOWN: dict[str, Callable[[float | None], str]] = {"size": size, "number": _number, "percent": _percent}
"""The forms of numbers; the script of the page has the same."""


def _caches(part: Part) -> Iterator[Row]:
    for row in part.caches if isinstance(part, SlabCaches) else ():
        aliases = ", ".join(row.aliases[:MOST_ALIASES])
        more = f" and {len(row.aliases) - MOST_ALIASES} more" if len(row.aliases) > MOST_ALIASES else ""
        yield Row(row.name, f"with {aliases}{more}" if aliases else "", (row.bytes, row.use_percent))


def _callers(part: Part) -> Iterator[Row]:
    for row in part.callers if isinstance(part, VmallocCallers) else ():
        yield Row(row.caller, "", (row.bytes, row.areas))


def _page_tables(part: Part) -> Iterator[Row]:
    for row in part.processes if isinstance(part, PageTableProcesses) else ():
        yield Row(row.command, _place(row), (row.bytes,))


def _threads(part: Part) -> Iterator[Row]:
    for row in part.processes if isinstance(part, ThreadProcesses) else ():
        yield Row(row.command, _place(row), (row.threads,))


def _place(row: PageTableProcess | ThreadProcess) -> str:
    """Return the number of a process and where it runs: its container or, outside of one, its control group."""
    container = row.container_id
    place = f" in container {container[:CONTAINER_ID]}" if container else f" in {row.cgroup}" if row.cgroup else ""
    return f"pid {DASH if row.pid is None else row.pid}{place}"


def _pinning(part: Part) -> Iterator[Row]:
    for row in part.processes if isinstance(part, PinningProcesses) else ():
        yield Row(row.command, _place(row), (row.bytes,))


def _commands(part: Part) -> Iterator[Row]:
    for row in part.commands if isinstance(part, Commands) else ():
        yield Row(row.command, _processes_of(row), (row.page_table_bytes, row.threads, row.pinned_bytes))


def _process_cgroups(part: Part) -> Iterator[Row]:
    for row in part.cgroups if isinstance(part, ProcessCgroups) else ():
        yield Row(row.path, _processes_of(row), (row.page_table_bytes, row.threads, row.pinned_bytes))


def _processes_of(row: CommandSum | CgroupSum) -> str:
    count = row.processes
    return "" if count is None else "1 process" if count == 1 else f"{count:,} processes"


def _descriptors(part: Part) -> Iterator[Row]:
    for row in part.rows if isinstance(part, Descriptors) else ():
        yield Row(row.command, row.kind or "", (row.descriptors,))


def _key_users(part: Part) -> Iterator[Row]:
    for row in part.users if isinstance(part, Keys) else ():
        yield Row(f"User {_number(row.uid)}", "", (row.count, row.bytes))


def _ipc(part: Part) -> Iterator[Row]:
    if isinstance(part, Ipc):
        for title, count, size_of, owner in KEPT_FOR_PROCESSES:
            whose = getattr(part, owner) if owner else None
            numbers = getattr(part, count), getattr(part, size_of) if size_of else None
            yield Row(title, "" if whose is None else f"mostly of user {whose}", numbers)


def _cgroups(part: Part) -> Iterator[Row]:
    for row in part.cgroups if isinstance(part, Cgroups) else ():
        yield Row(row.path, "", (row.kernel_bytes, _slab(row), row.percpu_bytes))


def _nodes(part: Part) -> Iterator[Row]:
    for row in part.nodes if isinstance(part, NumaNodes) else ():
        numbers = row.memory_total_bytes, row.memory_free_bytes, _slab(row), row.page_tables_bytes
        yield Row(f"Node {_number(row.node)}", "", numbers)


def _slab(row: Cgroup | Node) -> int | None:
    kinds = (row.slab_reclaimable_bytes, row.slab_unreclaimable_bytes)
    return None if None in kinds else sum(kind or 0 for kind in kinds)


def _pressure(part: Part) -> Iterator[Row]:
    if isinstance(part, Pressure):
        kills = f"{part.oom_kills:,} processes killed since boot" if part.oom_kills else ""
        yield Row("Some tasks waited for memory", kills, (part.some_avg10, part.some_avg60, part.some_avg300))
        yield Row("All tasks waited for memory", "", (part.full_avg10, part.full_avg60, part.full_avg300))


def _zones(part: Part) -> Iterator[Row]:
    for row in part.zones if isinstance(part, Fragmentation) else ():
        numbers = row.free_bytes, row.largest_free_order, row.unusable_percent
        yield Row(f"Node {_number(row.node)}, {row.zone or DASH}", "", numbers)


def _objects(part: Part) -> Iterator[Row]:
    if isinstance(part, Objects):
        for title, field, limit in OBJECTS:
            yield Row(title, "", (getattr(part, field), getattr(part, limit) if limit else None))


def _sites(part: Part) -> Iterator[Row]:
    for row in part.sites if isinstance(part, AllocSites) else ():
        yield Row(row.site, "", (row.bytes, row.calls))


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
    "page_table_processes": View("Process by page tables", (("Size", SIZE),), _page_tables, 3),
    "thread_processes": View("Process by threads", (("Threads", NUMBER),), _threads, 3),
    "pinning_processes": View("Process by pinned memory", (("Size", SIZE),), _pinning, 3),
    "commands": View("All processes of a command", _SUMS, _commands, 5),
    "process_cgroups": View("All processes of a control group", _SUMS, _process_cgroups, 5),
    "cgroups": View("Control group", (("Kernel memory", SIZE), ("Slab", SIZE), ("Per-CPU", SIZE)), _cgroups, 5),
    "ipc": View("Kept for processes", (("Now", NUMBER), ("Size", SIZE)), _ipc, len(KEPT_FOR_PROCESSES)),
    "descriptors": View("Open descriptors", (("Now", NUMBER),), _descriptors, 5),
    "kernel_keys": View("Keys of a user", (("Keys", NUMBER), ("Size", SIZE)), _key_users, 3),
    "numa_nodes": View("NUMA node", (("RAM", SIZE), ("Free", SIZE), ("Slab", SIZE), ("Page tables", SIZE)), _nodes, 8),
    "pressure": View("Memory pressure", (("10 s", PERCENT), ("1 min", PERCENT), ("5 min", PERCENT)), _pressure, 2),
    "fragmentation": View(
        "Zone", (("Free", SIZE), ("Largest free order", NUMBER), ("In blocks below order 4", PERCENT)), _zones, 8
    ),
    "objects": View("Kernel objects", (("Now", NUMBER), ("Limit", NUMBER)), _objects, len(OBJECTS)),
    "alloc_sites": View("Allocation site", (("Size", SIZE), ("Calls", NUMBER)), _sites, 5),
}
FOR_THE_WORST = ("pinning_processes", "commands", "process_cgroups", "ipc", "descriptors", "kernel_keys")
"""Parts that only the page's worst hosts show, so that the page of a thousand hosts stays small; audit.json has all."""
