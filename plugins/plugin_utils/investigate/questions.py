# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each question, in one sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from ..text.units import KIB
from .answer import Answer
from .floors import BY_KIND
from .sentences import number_text, rate_text

STATES = ("asked", "not_needed", "not_asked_for", "not_possible", "refused")

WHY_NOT_TRACED = {
    "not_asked_for": ("not_asked_for", "The host was not traced, since kernel_mem_audit_trace is not true."),
    "not_needed": ("not_needed", "The host was not traced, since object and process were named without."),
    "nothing_to_trace": ("not_needed", "The host was not traced, since nothing grows."),
    "not_root": ("not_possible", "The host can't be traced: that needs root."),
    "not_mounted": ("not_possible", "The host can't be traced: no tracefs is mounted, and nothing is mounted for it."),
    "lockdown": ("not_possible", "The host can't be traced: its kernel is locked down for confidentiality."),
    "no_instances": ("not_possible", "The host can't be traced: no instance may be made in its tracefs."),
    "no_events": ("not_possible", "What grows has no trace events on this kernel."),
    "check_mode": ("not_asked_for", "The host was not traced, since this is check mode."),
}

REFUSALS = {
    "load": "the load is {figure} a CPU, above {bound}",
    "pressure": "tasks waited for memory in {figure} % of the last ten seconds, above {bound} %",
    "memory": "only {figure} % of the memory is available, less than {bound} %",
    "memory_for_cpus": "{figure} KiB are available, and the trace buffers of all CPUs could need {bound} KiB",
    "instance": "no private instance could be made ({figure})",
    "not_mounted": "no tracefs is mounted any more",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what became of it."""

    name: str
    state: str
    sentence: str


def questions(found: Answer, not_traced: str | None) -> tuple[Question, ...]:
    """Return the four questions in their order."""
    return (_windows(found), _profile(found), _objects(found), _trace(found, not_traced))


def _windows(found: Answer) -> Question:
    seen, used = found.readings.watched, found.floors
    busy = ", the floors for busy hosts" if used.busy else ""
    return Question(
        "windows",
        "asked",
        f"{seen.windows + 1} readings, {seen.window_seconds:.3g} seconds apart. What grows does so in every window: "
        f"dimensions by {rate_text(used.dimension)} at least, caches and callers by "
        f"{rate_text(BY_KIND['cache'] * used.times)}, objects by {rate_text(KIB * used.times)} or "
        f"{number_text(used.count)}{busy}; and by a third of the mean of all windows.",
    )


def _profile(found: Answer) -> Question:
    if found.readings.watched.seen.get("site"):
        return Question("profile", "asked", "The kernel profiles its allocations: the sites that grow were read.")
    if found.readings.looked.profiling == "0":
        return Question("profile", "not_possible", "The kernel can profile its allocations; it is switched off.")
    why = found.readings.watched.errors.get("proc/allocinfo")
    if why in ("EACCES", "EPERM"):
        return Question("profile", "not_possible", "The kernel profiles its allocations, and only root may read that.")
    return Question("profile", "not_possible", "This kernel does not profile its allocations.")


def _objects(found: Answer) -> Question:
    held = found.readings.looked.descriptors
    looked_at = sum(entry.count for kinds in held.values() for entry in kinds)
    if not held:
        return Question("objects", "asked", "No process's number of descriptors grows.")
    readable = [pid for pid, kinds in held.items() if kinds]
    if not readable:
        return Question(
            "objects", "not_possible", "The descriptors of other users' processes can be read by root only."
        )
    return Question(
        "objects",
        "asked",
        f"{looked_at:,} descriptors of {len(readable)} {'process' if len(readable) == 1 else 'processes'} were looked "
        "at.",
    )


def _trace(found: Answer, not_traced: str | None) -> Question:
    if not_traced is not None:
        state, sentence = WHY_NOT_TRACED[not_traced]
        return Question("trace", state, sentence)
    traced = found.readings.traced
    if traced is not None and traced.refused is not None:
        why = traced.refused
        words = REFUSALS.get(why.reason, why.reason).format(figure=why.figure, bound=why.bound)
        return Question("trace", "refused", f"The host was not traced: {words}.")
    traces = traced.traces if traced else ()
    told = "; ".join(
        f"{trace.dimension.replace('_', ' ')} for {trace.seconds:.2g} seconds, {trace.entries:,} entries, "
        f"{trace.lost:,} lost, 1 address in {trace.kept} kept"
        for trace in traces
    )
    late = "" if not any(trace.late for trace in traces) else " The text was too long to be read in time."
    return Question("trace", "asked", f"Traced in a private instance: {told}.{late}")
