# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's investigation as plain data: what ``investigation.json`` and a task's result hold."""

from __future__ import annotations

from typing import TypeGuard

from .answer import Answer, groups_that_grow, trace_rate
from .asking import Asked
from .choose import ASKED
from .culprit import Culprit
from .growth import Growth
from .looked import Process
from .next_steps import next_steps
from .questions import questions
from .ruled_out import not_read, ruled_out
from .sentences import answer_text, culprit_text, process_text
from .settings import Settings
from .shapes import (
    CulpritShape,
    DimensionShape,
    GrowthShape,
    HostShape,
    InvestigatedHost,
    LostHost,
    MachineShape,
    ProcessShape,
    SiteShape,
    TraceShape,
)
from .traced import Site, Trace
from .watched import Watched

MOST_GROWING = 60
MOST_LARGEST = 5
LARGEST_KINDS = ("cache", "caller", "site", "group", "messages", "queues", "command_page_tables", "command_threads")
FAILED = ("unreachable", "timed_out", "failed", "no_python", "not_linux", "no_answer", "not_run")


def host_document(
    host: str, asked: Asked, settings: Settings, *, transport: str, at: str, seconds: float, role: str = ASKED
) -> InvestigatedHost:
    """Return the investigation of a host.

    Parameters: transport, what brought the answers; at, when it began (UTC); seconds, how long it took; role, why it is
    asked.
    """
    found = asked.answer
    seen = found.readings.watched
    return {
        "name": host,
        "role": role,
        "outcome": "investigated",
        "message": None,
        "asked_at": at,
        "seconds": round(seconds, 1),
        "transport": transport,
        "sentence": answer_text(found) + ".",
        "confidence": found.culprit.confidence if found.culprit else "none",
        "answered": found.is_answered,
        "grows": found.grows,
        "culprits": [_culprit(one) for one in found.culprits],
        "dimensions": _dimensions(found),
        "growing": _growing(found),
        "groups": {name: round(rate) for name, rate in groups_that_grow(found).items()},
        "largest": _largest(seen),
        "merged": {name: list(cache.aliases) for name, cache in found.readings.looked.caches.items() if cache.aliases},
        "windows": {
            "number": seen.windows,
            "seconds": round(seen.window_seconds, 2),
            "busy": found.floors.busy,
            "dimension_floor_bytes": found.floors.dimension,
        },
        "asked_dimensions": list(found.asked),
        "questions": [
            {"name": one.name, "state": one.state, "sentence": one.sentence}
            for one in questions(found, asked.not_traced)
        ],
        "traces": [_trace(found, trace) for trace in (found.readings.traced.traces if found.readings.traced else ())],
        "ruled_out": list(ruled_out(found)),
        "not_read": list(not_read(found)),
        "next": [
            {"sentence": step.sentence, "command": step.command} for step in next_steps(found, host, asked.not_traced)
        ],
        "machine": _machine(seen),
        "settings": {
            "busy": settings.busy,
            "dimensions": list(settings.dimensions),
            "trace": settings.trace,
            "trace_seconds": settings.trace_seconds,
        },
        "readings": asked.readings,
    }


def failed_document(host: str, outcome: str, message: str | None, role: str = ASKED) -> LostHost:
    """Return what is known of a host that gave no answer: nothing, and why."""
    return {"name": host, "role": role, "outcome": outcome if outcome in FAILED else "failed", "message": message}


def _dimensions(found: Answer) -> dict[str, DimensionShape]:
    """Return the dimensions that grow, bytes a second; those that follow another are marked with it."""
    return {
        name: {"bytes_per_second": round(rate), "follows": found.follow.get(name)}
        for name, rate in {**found.growing.dimensions, **found.rates}.items()
    }


def _process(one: Process) -> ProcessShape:
    return {
        "command": one.command,
        "pid": one.pid,
        "user": one.user,
        "unit": one.unit,
        "parent": one.parent,
        "parent_command": one.parent_command,
    }


def _culprit(one: Culprit) -> CulpritShape:
    return {
        "sentence": culprit_text(one) + ".",
        "source": one.source,
        "confidence": one.confidence,
        "dimension": one.dimension,
        "functions": list(one.stack),
        "process": None if one.process is None else _process(one.process),
        "processes": one.processes,
        "process_share": _rounded(one.process_share, 3),
        "what": one.what,
        "detail": one.detail,
        "bytes_per_second": _rounded(one.bytes_per_second, 0),
        "number_per_second": _rounded(one.number_per_second, 2),
        "share": _rounded(one.share, 3),
        "events_lost": one.lost,
    }


def _rounded(number: float | None, digits: int) -> float | int | None:
    if number is None:
        return None
    return round(number, digits) if digits else round(number)


def _growing(found: Answer) -> list[GrowthShape]:
    rows = [one for kind in found.growing.by_kind.values() for one in kind]
    return [_growth(one) for one in rows[:MOST_GROWING]]


def _growth(one: Growth) -> GrowthShape:
    return {
        "kind": one.kind,
        "name": one.name,
        "unit": "bytes" if one.is_size else "objects",
        "per_second": round(one.per_second, 2),
        "noise": round(one.noise, 2),
        "windows": [round(rate, 2) for rate in one.windows],
    }


def _largest(seen: Watched) -> dict[str, list[tuple[str, int]]]:
    return {
        kind: [(name, round(value)) for name, value in seen.largest.get(kind, ())[:MOST_LARGEST]]
        for kind in LARGEST_KINDS
        if seen.largest.get(kind)
    }


def _trace(found: Answer, trace: Trace) -> TraceShape:
    return {
        "dimension": trace.dimension,
        "events": list(trace.on),
        "entries": trace.entries,
        "lost": trace.lost,
        "kept_one_in": trace.kept,
        "seconds": trace.seconds,
        "late": trace.late,
        "removed": trace.removed,
        "bytes_per_second": round(trace.total_bytes / trace.half_seconds),
        "counted_bytes_per_second": _rounded(trace_rate(found, trace), 0),
        "sites": [_site(site, trace) for site in trace.sites or ()],
    }


def _site(site: Site, trace: Trace) -> SiteShape:
    return {
        "functions": list(site.stack),
        "share": round(site.bytes / max(1.0, trace.total_bytes), 3),
        "bytes_per_second": round(site.bytes / trace.half_seconds),
        "processes": site.number,
        "by": [(process_text(who.process, 1), round(who.bytes / max(1.0, site.bytes), 3)) for who in site.who],
    }


def _machine(seen: Watched) -> MachineShape:
    machine = seen.machine
    return {
        "kernel": machine.kernel,
        "build": machine.build,
        "architecture": machine.architecture,
        "cpus": machine.cpus,
        "page_bytes": machine.page_bytes,
        "boot_id": machine.boot_id,
        "taint": machine.taint,
        "foreign_modules": list(machine.foreign_modules),
        "modules": [list(entry) for entry in machine.modules],
        "root": machine.is_root,
        "load": list(machine.load),
        "python": seen.python,
    }


def is_investigation(host: HostShape) -> TypeGuard[InvestigatedHost]:
    """Whether a host gave an answer."""
    return host["outcome"] == "investigated"
