# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to question 3: what is behind the names that grow, and whether the host can be traced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .checking import flag, mapping, optional_text, optional_whole, sequence, text, texts, whole


@dataclass(frozen=True, slots=True)
class Process:
    """A process, or the commands of many. ``unit`` is its systemd unit or else its control group."""

    command: str
    pid: int | None = None
    user: int | None = None
    unit: str | None = None
    parent: int | None = None
    parent_command: str | None = None


@dataclass(frozen=True, slots=True)
class Cache:
    """A slab cache; ``aliases`` are its other names, since the kernel merges caches of one size."""

    object_bytes: int | None
    reclaimable: bool | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The descriptors of one kind among the newest of a process, with what they hold (bytes, or numbers of watches)."""

    kind: str
    count: int
    sums: dict[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """A trace event: the names that its filters know, and the text of its lines."""

    fields: tuple[str, ...]
    printed: str


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where the host's tracefs is, or the ``reason`` why it can't be traced: ``not_root``, ``not_mounted``,
    ``lockdown``, ``no_instances``.
    """

    root: str | None
    reason: str | None
    lockdown: str | None
    events: dict[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is behind names: ``descriptors`` by process, ``sockets`` by inode, ``profiling`` of allocations (``0``,
    ``1``, None: the kernel has none).
    """

    caches: dict[str, Cache]
    descriptors: dict[int, tuple[Held, ...]]
    sockets: dict[str, int]
    processes: dict[int, Process]
    profiling: str | None
    tracing: Tracing


def looked(answer: Mapping[str, object]) -> Looked:
    """Return the answer of a host to question 3, checked. Raises ValueError with one sentence."""
    caches = mapping(answer.get("caches"), "caches")
    descriptors = mapping(answer.get("descriptors"), "descriptors")
    sockets = mapping(answer.get("sockets"), "sockets")
    processes = mapping(answer.get("processes"), "processes")
    return Looked(
        caches={name: _cache(mapping(told, f"cache {name}")) for name, told in caches.items()},
        descriptors={
            _number(pid): _held(mapping(told, f"the descriptors of {pid}")) for pid, told in descriptors.items()
        },
        sockets={inode: whole(pid, f"the process of socket {inode}") for inode, pid in sockets.items()},
        processes={_number(pid): process(mapping(told, f"process {pid}")) for pid, told in processes.items()},
        profiling=optional_text(answer.get("profiling"), "profiling", 64),
        tracing=_tracing(mapping(answer.get("tracing"), "tracing")),
    )


def process(told: Mapping[str, object]) -> Process:
    """Return a process as a host describes it, checked."""
    return Process(
        command=text(told.get("command"), "command", 64),
        pid=optional_whole(told.get("pid"), "pid"),
        user=optional_whole(told.get("user"), "user"),
        unit=optional_text(told.get("unit"), "unit", 160),
        parent=optional_whole(told.get("parent"), "parent"),
        parent_command=optional_text(told.get("parent_command"), "parent_command", 64),
    )


def _number(word: str) -> int:
    if not word.isdigit() or len(word) > 10:
        raise ValueError(f"The host's answer can't be used: {word[:40]!r} is no number of a process.")
    return int(word)


def _cache(told: Mapping[str, object]) -> Cache:
    reclaimable = told.get("reclaimable")
    return Cache(
        object_bytes=optional_whole(told.get("object_bytes"), "object_bytes"),
        reclaimable=None if reclaimable is None else flag(reclaimable, "reclaimable"),
        aliases=texts(told.get("aliases"), "aliases", 50),
    )


def _held(told: Mapping[str, object]) -> tuple[Held, ...]:
    found = []
    for kind, entry in mapping(told.get("kinds"), "kinds").items():
        sums = {name: whole(value, name) for name, value in mapping(entry, f"descriptors {kind}").items()}
        found.append(Held(kind, sums.pop("count", 0), sums))
    return tuple(sorted(found, key=lambda held: (-held.count, held.kind)))


def _tracing(told: Mapping[str, object]) -> Tracing:
    events = {}
    for name, form in mapping(told.get("events"), "events").items():
        entry = mapping(form, f"event {name}")
        fields = tuple(text(one, "a field", 64) for one in sequence(entry.get("fields"), "fields", 100))
        events[name] = Form(fields, text(entry.get("printed"), "printed", 500))
    return Tracing(
        root=optional_text(told.get("root"), "root"),
        reason=optional_text(told.get("reason"), "reason", 40),
        lockdown=optional_text(told.get("lockdown"), "lockdown", 40),
        events=events,
    )
