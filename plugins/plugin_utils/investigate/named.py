# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that name themselves: what grows, whose it is, and how many bytes a second that makes.

There is no table of leaks here: a kind of object is what the kernel calls it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .growth import Growing, Growth
from .looked import Held, Looked, Process
from .wanted import newest, number_of
from .watched import Watched

DEFAULT_STACK_BYTES = 16384
# At least a share of the newest descriptors is of one kind, or the kind says nothing.
DOMINANT = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that grows.

    ``bytes_per_second`` is None where the kernel does not tell sizes of it; ``number_per_second`` where it is not
    counted; ``process`` where nobody is named; ``dimension`` the dimension that it must be in, where that is known;
    ``detail`` what else is known, as a part of a sentence.
    """

    what: str
    process: Process | None
    bytes_per_second: float | None
    number_per_second: float | None
    dimension: str | None = None
    detail: str | None = None
    function: tuple[str, ...] = ()


def candidates(seen: Watched, growing: Growing, looked: Looked) -> tuple[Candidate, ...]:
    """Return everything that names itself."""
    return (
        *_threads(seen, growing, looked),
        *_page_tables(growing, looked),
        *_descriptors(growing, looked),
        *_many_processes(seen, growing, looked),
        *_children(growing, looked),
        *_messages(growing, looked),
        *_queues(seen, growing, looked),
        *_users(growing),
        *_sites(growing),
    )


def _who(looked: Looked, pid: int, name: str) -> Process:
    return looked.processes.get(pid) or Process(command=name.partition(" ")[2] or "?", pid=pid or None)


def stack_bytes(seen: Watched) -> int:
    """Return the size of one kernel stack, worked out from their sum and the number of threads."""
    total, threads = seen.memory.get("KernelStack", (0,))[-1], seen.machine.threads
    if not total or not threads:
        return DEFAULT_STACK_BYTES
    size = 4096
    while size * 1.5 < total / threads and size < 65536:
        size *= 2
    return size


def _threads(seen: Watched, growing: Growing, looked: Looked) -> Iterator[Candidate]:
    stack = stack_bytes(seen)
    for one in growing.of("threads"):
        who = _who(looked, number_of(one.name), one.name)
        yield Candidate("threads", who, one.per_second * stack, one.per_second, "kernel_stack")
    single = {one.name.partition(" ")[2] for one in growing.of("threads")}
    for one in growing.of("command_threads"):
        if one.name not in single and growing.rate("command_processes", one.name) is None:
            who = Process(command=one.name)
            yield Candidate("threads", who, one.per_second * stack, one.per_second, "kernel_stack")


def _page_tables(growing: Growing, looked: Looked) -> Iterator[Candidate]:
    for one in growing.of("page_tables"):
        who = _who(looked, number_of(one.name), one.name)
        yield Candidate("page tables", who, one.per_second, None, "page_tables")


def _descriptors(growing: Growing, looked: Looked) -> Iterator[Candidate]:
    for one in growing.of("descriptors"):
        pid = number_of(one.name)
        kinds = looked.descriptors.get(pid, ())
        newest_of_all = sum(held.count for held in kinds)
        main = kinds[0] if kinds and kinds[0].count >= DOMINANT * newest_of_all else None
        what = f"descriptors of the kind {main.kind}" if main else "descriptors"
        size = _size_of_one(main)
        yield Candidate(
            what,
            _who(looked, pid, one.name),
            None if size is None else size * one.per_second,
            one.per_second,
            detail=_detail(main, newest_of_all),
        )


def _size_of_one(held: Held | None) -> float | None:
    """Return the bytes behind one descriptor where the kernel tells them."""
    if held is None or not held.count:
        return None
    size = held.sums.get("memlock_bytes", 0) or held.sums.get("waiting_bytes", 0)
    return size / held.count if size else None


def _detail(held: Held | None, newest_of_all: int) -> str | None:
    if held is None:
        return None
    told = f"{held.count} of its {newest_of_all} newest descriptors"
    for name, words in (
        ("memlock_bytes", "bytes of maps"),
        ("waiting_bytes", "bytes waiting in them"),
        ("watches", "entries in them"),
    ):
        if held.sums.get(name):
            told += f", {held.sums[name]:,} {words}"
    return told


def _many_processes(seen: Watched, growing: Growing, looked: Looked) -> Iterator[Candidate]:
    """Commands whose processes become more: the sum grows although no single process does."""
    for one in growing.of("command_processes"):
        tables = growing.rate("command_page_tables", one.name)
        news = [looked.processes[pid] for pid in newest(seen, one.name) if pid in looked.processes]
        parent = news[0] if news else None
        who = Process(
            command=one.name,
            unit=parent.unit if parent else None,
            parent=parent.parent if parent else None,
            parent_command=parent.parent_command if parent else None,
        )
        yield Candidate(
            "processes", who, tables, one.per_second, None if tables is None else "page_tables", "many of one command"
        )


def _children(growing: Growing, looked: Looked) -> Iterator[Candidate]:
    for one in growing.of("zombies"):
        who = _who(looked, number_of(one.name), one.name)
        yield Candidate("ended children that it does not wait for", who, None, one.per_second, "slab_unreclaimable")


def _messages(growing: Growing, looked: Looked) -> Iterator[Candidate]:
    for one in growing.of("messages"):
        user, _space, sender = one.name.partition(" ")
        who = looked.processes.get(number_of(sender))
        what = f"System V messages of user {user}, which nobody receives"
        yield Candidate(what, who, one.per_second, None, "slab_unreclaimable", f"last sent by process {sender}")


def _queues(seen: Watched, growing: Growing, looked: Looked) -> Iterator[Candidate]:
    """Bytes in sockets by user, and the process that holds most of the sockets that grew."""
    for one in growing.of("queues"):
        protocol, _space, user = one.name.partition(" ")
        held: dict[int, float] = {}
        for row in seen.growing.get("queue", ()):
            kind, _mark, inode = row.name.partition(" ")
            pid = looked.sockets.get(inode)
            if kind == protocol and pid is not None:
                held[pid] = held.get(pid, 0.0) + row.values[-1] - row.values[0]
        who = looked.processes.get(max(held, key=lambda pid: held[pid])) if held else None
        owner = "" if user == "*" else f" of user {user}"
        yield Candidate(f"{protocol} queues{owner}, which nobody receives", who, one.per_second, None)


def _users(growing: Growing) -> Iterator[Candidate]:
    for one in growing.of("keys"):
        number = growing.rate("key_count", one.name)
        yield Candidate(f"keys of user {one.name}", None, one.per_second, number, "slab_unreclaimable")
    for one in growing.of("zram"):
        yield Candidate(f"compressed pages of {one.name}", None, one.per_second, None)
    for one in growing.of("socket_buffers"):
        yield Candidate(f"{one.name} socket buffers", None, one.per_second, None, "socket_buffers")
    for one in growing.of("signals"):
        yield Candidate(f"queued signals and timers of user {one.name}", None, None, one.per_second)
    for one in growing.of("count"):
        yield Candidate(one.name, None, None, one.per_second)


def _sites(growing: Growing) -> Iterator[Candidate]:
    """Where the kernel profiles allocations, the function that made them."""
    for one in growing.of("site"):
        yield Candidate("allocations", None, one.per_second, None, None, _place(one), (_function(one),))


def _function(one: Growth) -> str:
    before, mark, function = one.name.partition("func:")
    module = before[before.find("[") : before.find("]") + 1] if "[" in before and "]" in before else ""
    name = function.strip() if mark else before.strip()
    return f"{name} {module}".strip()


def _place(one: Growth) -> str:
    return f"allocation profiling, {one.name.split(' ')[0]}"
