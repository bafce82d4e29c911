# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator may do where the questions are not enough: with the exact command, and what it costs.

Nothing of this is done by the investigation itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ..words.commands import INVESTIGATE
from .answer import Answer
from .culprit import Culprit


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence, and the command that does it, empty where there is none."""

    sentence: str
    command: str


def next_steps(found: Answer, host: str, not_traced: str | None) -> tuple[Step, ...]:
    """Return what to do next on *host*, the easiest first.

    Parameters: not_traced, why question 4 was not asked, None where it was.
    """
    if not found.grows and not found.asked:
        return (_slower(found, host),)
    if found.is_answered:
        return tuple(_about(found.culprit))
    steps = list(_rights(found, host, not_traced))
    if not_traced is None:
        steps.extend(_after_a_trace(found, host))
    steps.extend((*_about(found.culprit), *_boot_options(found)))
    steps.append(
        Step(
            "Give the vendor of the kernel or of the driver the bundle that this investigation can write; it holds no "
            "command lines, and names can be pseudonyms.",
            f"{INVESTIGATE} --limit {shlex.quote(host)} -e kernel_mem_audit_investigate_bundle=true",
        )
    )
    return tuple(steps)


def _slower(found: Answer, host: str) -> Step:
    seconds = found.readings.watched.window_seconds
    longer = max(60, int(4 * seconds))
    return Step(
        f"A leak of less than 15 KiB a second does not show in {seconds:.2g} seconds; look for longer.",
        f"{INVESTIGATE} --limit {shlex.quote(host)} -e kernel_mem_audit_investigate_window={longer}",
    )


def _about(culprit: Culprit | None) -> Iterator[Step]:
    if culprit is None or culprit.process is None:
        return
    who = culprit.process
    if who.unit and who.unit.endswith(".service"):
        yield Step(
            "Restarting the unit gives back what its processes hold; look at it before, since the restart also removes "
            "the evidence.",
            f"systemctl status {shlex.quote(who.unit)}",
        )
    elif who.pid is not None:
        yield Step(
            "Look at the process before it is ended.", f"ls -l /proc/{who.pid}/exe /proc/{who.pid}/fd | head -50"
        )


def _rights(found: Answer, host: str, not_traced: str | None) -> Iterator[Step]:
    limit = f"{INVESTIGATE} --limit {shlex.quote(host)}"
    machine = found.readings.watched.machine
    if not machine.is_root or not_traced == "not_root":
        yield Step(
            "Ask as root: then slab caches, callers of vmalloc memory and the descriptors of all processes can be "
            "read, and the host can be traced.",
            f"{limit} --become",
        )
    elif not_traced == "not_asked_for":
        yield Step(
            "Trace it: some seconds in a private instance of the kernel's trace buffer name function and process.",
            f"{limit} -e kernel_mem_audit_trace=true",
        )
    if not_traced == "not_mounted" or (machine.is_root and found.readings.looked.tracing.reason == "not_mounted"):
        yield Step(
            "No tracefs is mounted on the host, and the investigation mounts nothing. Mount it, and trace again.",
            "mount -t tracefs nodev /sys/kernel/tracing",
        )
    if not_traced == "lockdown":
        yield Step(
            "The kernel is locked down for confidentiality, so that nobody may trace it. Integrity, which Secure Boot "
            "sets, would do; it is chosen at boot.",
            "cat /sys/kernel/security/lockdown",
        )
    if found.readings.looked.profiling == "0":
        yield Step(
            "This kernel can profile its allocations and does not. Switched on, it names the source line of every "
            "allocation from then on, at a small cost.",
            "sysctl vm.mem_profiling=1",
        )


def _after_a_trace(found: Answer, host: str) -> Iterator[Step]:
    traced = found.readings.traced
    limit = f"{INVESTIGATE} --limit {shlex.quote(host)} -e kernel_mem_audit_trace=true"
    if traced is not None and traced.refused is not None and traced.refused.reason == "load":
        yield Step(
            "The host was too busy to be traced. Ask at a quieter hour, or allow more load.",
            f"{limit} -e kernel_mem_audit_trace_load={max(3, int((traced.refused.bound or 2) * 2))}",
        )
    elif found.culprit is None or found.culprit.confidence == "low":
        yield Step(
            "Ask again: a leak that pauses is seen only while it goes on. Longer windows follow steps better.",
            f"{limit} -e kernel_mem_audit_investigate_window=15",
        )


def _boot_options(found: Answer) -> Iterator[Step]:
    """Debugging that needs a boot, for what is left."""
    caches = found.growing.of("cache")
    if any(name.startswith("slab_") for name in (*found.rates, *found.asked)) and caches:
        name = caches[0].name
        yield Step(
            f"Let the kernel remember who allocated each object of {name} (a boot option; it costs memory and time on "
            "every allocation of that cache).",
            f'grubby --update-kernel=ALL --args="slub_debug=U,{name}" && reboot; later: '
            f"sort -rn /sys/kernel/debug/slab/{shlex.quote(name)}/alloc_traces | head",
        )
    if "unaccounted" in found.rates or "unaccounted" in found.asked:
        yield Step(
            "Let the kernel remember who allocated each page (a boot option; about 1 % of the memory).",
            'grubby --update-kernel=ALL --args="page_owner=on" && reboot; later: '
            "cat /sys/kernel/debug/page_owner > page_owner.txt",
        )
    if found.readings.looked.profiling is None:
        yield Step(
            "A kernel of 6.10 or newer built with CONFIG_MEM_ALLOC_PROFILING names the source line of every "
            "allocation, at a cost that production bears.",
            "grep MEM_ALLOC_PROFILING /boot/config-$(uname -r)",
        )
