# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signs of patterns in vmalloc, page tables and what no counter names."""

from __future__ import annotations

import re

from ..dimensions.table import PARTS
from ..model.attribution_parts import Ipc
from ..model.finding import Finding
from ..text.safe import one_line, one_name
from ..text.units import KIB, MIB, human_bytes, percent_text
from .scene import Scene
from .signs import object_of

_IPTABLES = re.compile(
    r"xt_alloc_table_info|xt_alloc_entry_offsets|xt_\w+|ip6?t_\w+|ebt_\w+|do_replace\w*|translate_table"
)
_LARGE_PAGE_TABLES = 32 * MIB
_LEAST_OF_SESSION = 4 * MIB
"""Page tables of a process that has mapped 2 GiB in pages of 4 KiB."""
_MAIN_PERCENT = 40
_PIPE_BYTES = 64 * KIB
"""What a pipe holds by default when it is full."""
_MANY_PACKET_SOCKETS = 100
"""An agent for link discovery has one for each network device."""


def packet_filter_tables(scene: Scene, finding: Finding) -> str:
    return scene.allocated_by(finding, _IPTABLES, 25)


def address_space_32_bit(_scene: Scene, finding: Finding) -> str:
    return "The kernel is a 32-bit one." if object_of(finding) == "address_space" else ""


def sessions_without_huge_pages(scene: Scene, _finding: Finding) -> str:
    processes = scene.page_table_processes
    huge = scene.term("hugetlb_bytes")
    if len(processes) < 3 or (huge or 0) * 100 > (scene.sample.memory_total_bytes or 0):
        return ""
    largest, third = processes[0].bytes or 0, processes[2].bytes or 0
    many = _many_sessions(scene, third)
    if third * 10 < largest * 6 or (third < _LARGE_PAGE_TABLES and not many):
        return ""
    name = one_name(processes[0].command, 40)
    share = "no huge pages are set aside" if not huge else f"only {human_bytes(huge)} of huge pages are set aside"
    return (
        f"The largest processes, {name} first, have nearly equal page tables of {human_bytes(third)} and more, "
        f"and {share}.{many}"
    )


def _many_sessions(scene: Scene, each: int) -> str:
    """Return a sentence on the processes of one command that have most page tables together, or on how many of that
    size they are, where a copy does not hold them all.
    """
    whole, first = scene.size("page_tables"), scene.page_table_processes[0].command
    if each < _LEAST_OF_SESSION or not whole:
        return ""
    together = next((one for one in scene.commands if one.command == first), None)
    held = together.page_table_bytes or 0 if together is not None else 0
    if together is not None and held * 100 >= _MAIN_PERCENT * whole:
        return f" {_together(together.command, together.processes, held, whole)}"
    # The fields of a process's name differ from session to session, and a copy holds a few of them.
    alike = [one.bytes or 0 for one in scene.page_table_processes]
    number = whole // each
    if scene.sample.threads is None or number > scene.sample.threads or min(alike) * 10 < max(alike) * 6:
        return ""
    return f" About {number:,} such processes have all of it, and {scene.sample.threads:,} threads run here."


def many_processes(scene: Scene, _finding: Finding) -> str:
    """Whether the processes of one command have most page tables together, though none has many."""
    whole = scene.size("page_tables")
    most = max(scene.commands, key=lambda one: one.page_table_bytes or 0, default=None)
    if not whole or most is None or (most.processes or 0) < 10:
        return ""
    held = most.page_table_bytes or 0
    return _together(most.command, most.processes, held, whole) if held * 100 >= _MAIN_PERCENT * whole else ""


def _together(command: str | None, processes: int | None, held: int, whole: int) -> str:
    number, name = max(processes or 1, 1), one_name(command, 40)
    return (
        f"The {number:,} processes of {name} have {human_bytes(held)} together, {percent_text(min(held, whole), whole)}"
        f" of it, about {human_bytes(held // number)} each."
    )


def balloon(scene: Scene, _finding: Finding) -> str:
    names = scene.holders("balloon")
    if not names:
        return ""
    return f"The balloon driver {names[0]} is loaded and does not say how much it holds.{_or_a_leak(scene)}"


def file_cache_of_zfs(scene: Scene, _finding: Finding) -> str:
    if not scene.holders("zfs"):
        return ""
    return f"ZFS is loaded, and the size of its cache could not be read.{_or_a_leak(scene)}"


def graphics_memory(scene: Scene, _finding: Finding) -> str:
    names = scene.holders("gpu")
    return f"The graphics driver {names[0]} is loaded.{_or_a_leak(scene)}" if names else ""


def _or_a_leak(scene: Scene) -> str:
    """Return what else it may be, where the finding counts for the verdict."""
    if "unaccounted" not in scene.alarmed:
        return ""
    return " So it is what that holds, or memory that a driver has lost: nothing here tells them apart."


def memory_of_processes(scene: Scene, finding: Finding) -> str:
    """Whether memory that processes have pinned, or pipes, explain most of it; or so many packet sockets, whose rings
    nobody counts, that they come first where no driver is suspected.
    """
    if finding.kind in ("growth", "spike"):
        return ""
    whole, pinned, pipes = scene.size("unaccounted"), scene.attribution.pinning_processes, scene.attribution.descriptors
    held = (pinned.total_bytes or 0) if pinned else 0
    if pinned is not None and whole and held * 100 >= _MAIN_PERCENT * whole and pinned.processes:
        most = pinned.processes[0]
        name = one_name(most.command, 40)
        return f"Processes have pinned {human_bytes(held)} (VmPin), {name} (pid {most.pid or 0}) most of it."
    number = (pipes.pipes or 0) if pipes else 0
    if whole and number * _PIPE_BYTES * 100 >= _MAIN_PERCENT * whole:
        full = human_bytes(number * _PIPE_BYTES)
        rows = [one for one in (pipes.rows if pipes else ()) if one.kind == "pipe" and one.descriptors]
        named = f", most with {one_line(rows[0].command or '', 40)}" if rows else ""
        return f"There are {number:,} pipes{named}; full ones would hold {full}."
    ipc = scene.attribution.ipc
    sockets = (ipc.packet_sockets or 0) if ipc is not None else 0
    if sockets < _MANY_PACKET_SOCKETS or scene.outside or scene.holders("driver"):
        return ""
    return f"There are {sockets:,} packet sockets{_owner_of_sockets(ipc)}; nothing says how large their rings are."


def _owner_of_sockets(ipc: Ipc | None) -> str:
    owner = ipc.packet_owner_uid if ipc is not None else None
    return f" (most of the user with the id {owner})" if owner is not None else ""


def only_unaccounted(scene: Scene, finding: Finding) -> str:
    # Where memory is short because of it, reclaimable slab may be above its limit, too.
    moving = frozenset(PARTS) & (scene.growing.keys() if finding.kind == "growth" else scene.alarmed)
    if moving or any(scene.holders(kind) for kind in ("balloon", "zfs", "gpu", "zram")):
        return ""
    verb = "grows" if finding.kind == "growth" else "is high"
    return f"Only memory in no counter {verb}; all other dimensions are quiet.{_suspects(scene)}{_processes(scene)}"


def _suspects(scene: Scene) -> str:
    """Return who comes first in a hunt: modules from outside, then drivers that are known to take such pages."""
    outside = [one for one in scene.holders("driver") if one not in scene.outside]
    text = ""
    if scene.outside:
        text = f" The first suspects are the modules that are not part of the kernel: {scene.outside_named}."
    if outside:
        text += f" Drivers that take such pages are loaded: {', '.join(outside[:4])}."
    return text


def _processes(scene: Scene) -> str:
    """Return what processes may hold of it, with what can be read of that."""
    hints = []
    pipes, pinned, ipc = scene.attribution.descriptors, scene.attribution.pinning_processes, scene.attribution.ipc
    if pipes is not None and pipes.pipes:
        hints.append(f"{pipes.pipes:,} pipes")
    if ipc is not None and ipc.packet_sockets:
        hints.append(f"{ipc.packet_sockets:,} packet sockets{_owner_of_sockets(ipc)}")
    if pinned is not None and pinned.total_bytes:
        hints.append(f"{human_bytes(pinned.total_bytes)} of pinned memory")
    seen = f"; seen here: {', '.join(hints)}" if hints else ""
    return f" Processes can hold such memory, too, in pipes, packet rings, perf buffers and pinned pages{seen}."
