# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a host's attribution: one class a part and one a row of its list.

Sizes are bytes, the largest first; None is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from .plain import Json, Plain, names_of, plain
from .quick import quickly_made

COMMON = ("complete", "reason", "duration_ms", "has_data")
"""The fields of every part."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Part(Plain):
    """What all parts have. A part without data has the reason why, and nothing else."""

    complete: bool
    reason: str | None
    duration_ms: int | None
    has_data: bool

    def as_plain(self) -> dict[str, Json]:
        """Return the part as the facts have it: without data, without their fields."""
        names = names_of(type(self))
        return {name: plain(getattr(self, name)) for name in (names if self.has_data else COMMON) if name != "has_data"}


@quickly_made
@dataclass(frozen=True, slots=True)
class Cache(Plain):
    """A slab cache. ``aliases`` are the caches that the kernel merged into it."""

    name: str | None
    bytes: int | None
    objects: int | None
    objects_active: int | None
    use_percent: float | None
    object_bytes: int | None
    aliases: tuple[str, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class SlabCaches(Part):
    """The largest caches of ``/proc/slabinfo``, the largest first."""

    caches_total: int | None = None
    table_bytes: int | None = None
    outside_table_bytes: int | None = None
    """What Slab has beyond the table, mostly large kmalloc."""
    zfs_slab_bytes: int | None = None
    """All caches of ZFS together: part of its ARC."""
    caches: tuple[Cache, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Caller(Plain):
    """A function of the kernel, or ``[module]``, with what it holds by vmalloc."""

    caller: str | None
    bytes: int | None
    areas: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class VmallocCallers(Part):
    """The largest callers of ``/proc/vmallocinfo``, the largest first."""

    total_bytes: int | None = None
    ioremap_bytes: int | None = None
    stack_bytes: int | None = None
    jit_bytes: int | None = None
    """Compiled BPF programs and seccomp filters."""
    callers: tuple[Caller, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class PageTableProcess(Plain):
    """A process with its page tables (VmPTE)."""

    pid: int | None
    command: str | None
    bytes: int | None
    cgroup: str | None
    container_id: str | None


@quickly_made
@dataclass(frozen=True, slots=True)
class PageTableProcesses(Part):
    """The processes with the largest page tables. ``seen`` is how many were looked at."""

    seen: int | None = None
    total_bytes: int | None = None
    processes: tuple[PageTableProcess, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class ThreadProcess(Plain):
    """A process with its number of threads."""

    pid: int | None
    command: str | None
    threads: int | None
    cgroup: str | None
    container_id: str | None


@quickly_made
@dataclass(frozen=True, slots=True)
class ThreadProcesses(Part):
    """The processes with the most threads."""

    seen: int | None = None
    total: int | None = None
    processes: tuple[ThreadProcess, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class PinningProcesses(Part):
    """The processes with the most pinned memory (VmPin)."""

    seen: int | None = None
    total_bytes: int | None = None
    processes: tuple[PageTableProcess, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class CommandSum(Plain):
    """What all processes of a command have together; None is what a saved copy does not tell."""

    command: str | None
    processes: int | None
    page_table_bytes: int | None
    threads: int | None
    pinned_bytes: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Commands(Part):
    """The commands with the most page tables and with the most threads."""

    seen: int | None = None
    commands: tuple[CommandSum, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class CgroupSum(Plain):
    """What all processes of a control group have together."""

    path: str | None
    processes: int | None
    page_table_bytes: int | None
    threads: int | None
    pinned_bytes: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class ProcessCgroups(Part):
    """The control groups whose processes have the most page tables, and the most threads."""

    seen: int | None = None
    cgroups: tuple[CgroupSum, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Cgroup(Plain):
    """A control group with its kernel memory; counters that its kernel has not are left out of the plain form."""

    path: str | None
    kernel_bytes: int | None
    slab_reclaimable_bytes: int | None = None
    slab_unreclaimable_bytes: int | None = None
    percpu_bytes: int | None = None
    pagetables_bytes: int | None = None
    sec_pagetables_bytes: int | None = None
    vmalloc_bytes: int | None = None
    kernel_stack_bytes: int | None = None
    sock_bytes: int | None = None
    descendants: int | None = None
    """Groups within it, told on hosts with many."""

    def as_plain(self) -> dict[str, Json]:
        """Return the group without the counters that it has not."""
        found = {name: getattr(self, name) for name in names_of(type(self))}
        return {name: value for name, value in found.items() if value is not None or name in ("path", "kernel_bytes")}


@quickly_made
@dataclass(frozen=True, slots=True)
class Cgroups(Part):
    """The control groups with the most kernel memory. ``dying`` were removed and still hold some."""

    version: int | None = None
    seen: int | None = None
    dying: int | None = None
    living: int | None = None
    cgroups: tuple[Cgroup, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Ipc(Part):
    """What processes have the kernel keep by System V and in packet sockets, and whose (user ids) most of it is."""

    message_queues: int | None = None
    messages: int | None = None
    message_bytes: int | None = None
    message_owner_uid: int | None = None
    shared_segments: int | None = None
    shared_bytes: int | None = None
    shared_unattached_bytes: int | None = None
    shared_owner_uid: int | None = None
    semaphore_arrays: int | None = None
    semaphores: int | None = None
    packet_sockets: int | None = None
    packet_owner_uid: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class DescriptorCount(Plain):
    """How many descriptors of a kind a command has open."""

    command: str | None
    kind: str | None
    descriptors: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Descriptors(Part):
    """Open descriptors that may hold memory which no counter names. ``pipes`` are different ones."""

    pipes: int | None = None
    seen: int | None = None
    rows: tuple[DescriptorCount, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class KeyUser(Plain):
    """A user with keys of the kernel's key rings."""

    uid: int | None
    count: int | None
    bytes: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Keys(Part):
    """The users with the most keys."""

    total: int | None = None
    users: tuple[KeyUser, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Node(Plain):
    """A NUMA node."""

    node: int | None
    memory_total_bytes: int | None
    memory_free_bytes: int | None
    kernel_stack_bytes: int | None
    page_tables_bytes: int | None
    secondary_page_tables_bytes: int | None
    slab_reclaimable_bytes: int | None
    slab_unreclaimable_bytes: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class NumaNodes(Part):
    """Kernel memory by NUMA node."""

    nodes: tuple[Node, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Pressure(Part):
    """Shares of time, in percent, in which some or all tasks waited for memory (``/proc/pressure/memory``)."""

    some_avg10: float | None = None
    some_avg60: float | None = None
    some_avg300: float | None = None
    full_avg10: float | None = None
    full_avg60: float | None = None
    full_avg300: float | None = None
    oom_kills: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Zone(Plain):
    """A zone of memory with its free blocks."""

    node: int | None
    zone: str | None
    free_bytes: int | None
    largest_free_order: int | None
    unusable_percent: float | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Fragmentation(Part):
    """How free memory is broken up (``/proc/buddyinfo``)."""

    zones: tuple[Zone, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Objects(Part):
    """How many kernel objects there are, and their limits."""

    dentries: int | None = None
    dentries_unused: int | None = None
    dentries_negative: int | None = None
    inodes: int | None = None
    inodes_free: int | None = None
    files: int | None = None
    files_limit: int | None = None
    conntrack: int | None = None
    conntrack_limit: int | None = None
    sockets: int | None = None
    tcp_bytes: int | None = None
    tcp_limit_bytes: int | None = None
    kernel_tainted: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class AllocSite(Plain):
    """A line of the kernel's source with what it allocated."""

    site: str | None
    bytes: int | None
    calls: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class AllocSites(Part):
    """The largest sites of ``/proc/allocinfo``."""

    sites_total: int | None = None
    total_bytes: int | None = None
    sites: tuple[AllocSite, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Rows:
    """The list of a part: its field, the class of an entry, and how many entries it has at most."""

    field: str
    entry: type[Plain]
    most: int = 16


ROWS = {
    "slab_caches": Rows("caches", Cache),
    "vmalloc_callers": Rows("callers", Caller),
    "page_table_processes": Rows("processes", PageTableProcess),
    "thread_processes": Rows("processes", ThreadProcess),
    "pinning_processes": Rows("processes", PageTableProcess),
    "commands": Rows("commands", CommandSum),
    "process_cgroups": Rows("cgroups", CgroupSum),
    "descriptors": Rows("rows", DescriptorCount),
    "kernel_keys": Rows("users", KeyUser),
    "cgroups": Rows("cgroups", Cgroup),
    "numa_nodes": Rows("nodes", Node, 64),
    "fragmentation": Rows("zones", Zone, 64),
    "alloc_sites": Rows("sites", AllocSite),
}
"""The lists of the parts that have one."""
