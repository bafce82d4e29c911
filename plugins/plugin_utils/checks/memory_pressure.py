# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that wait for memory (``/proc/pressure/memory``)."""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.attribution_parts import Pressure
from ..model.plain import Json
from ..model.subject import Subject
from ..text.units import human_bytes, percent_text
from .check import NEED_FULL_PERCENT, NEED_SOME_PERCENT, Answer, Check, Seen, missing

PRESSURE_AVAILABLE_PERCENT = 25

WORDS = Words(
    "The share of time in which tasks waited for memory",
    "Find the control group that waits.",
    "grep some /sys/fs/cgroup/*/memory.pressure | sort -t= -k4 -rn | head; cat /proc/pressure/memory",
)


def answer(subject: Subject) -> Answer:
    """Look at the last five minutes."""
    pressure = subject.attribution.pressure
    if pressure is None or pressure.some_avg300 is None or pressure.full_avg300 is None:
        return missing(subject, "pressure", "pressure")
    some, full = pressure.some_avg300, pressure.full_avg300
    if some < NEED_SOME_PERCENT and full < NEED_FULL_PERCENT:
        return []
    severity, remarks, evidence = _weighed(subject, pressure)
    value, limit = (some, NEED_SOME_PERCENT) if some >= NEED_SOME_PERCENT else (full, NEED_FULL_PERCENT)
    return [
        Seen(
            severity,
            value,
            limit,
            "percent",
            WORDS,
            measure=f"{some:.1f} % of the last 5 minutes",
            allowed=f"{NEED_SOME_PERCENT} %",
            rule=f"{NEED_FULL_PERCENT} % for all tasks",
            remarks=tuple(remarks),
            evidence=evidence,
        )
    ]


def _weighed(subject: Subject, pressure: Pressure) -> tuple[str, list[str], dict[str, Json]]:
    """Return how bad it is, with clauses and numbers.

    Reclaimable slab is a matter for the verdict where memory is short: by MemAvailable (the limits say so), or by this.
    """
    evidence: dict[str, Json] = {
        "some_avg300": pressure.some_avg300,
        "full_avg300": pressure.full_avg300,
        "oom_kills": pressure.oom_kills,
    }
    remarks = [f"in {pressure.full_avg300:.1f} % all of them waited at once"]
    if pressure.oom_kills:
        remarks.append(f"the kernel has killed {pressure.oom_kills:,} processes for lack of memory since boot")
    sample, level = subject.sample, subject.settings.limits["slab_reclaimable"].warning
    memory, available, slab = (
        sample.memory_total_bytes,
        sample.memory_available_bytes,
        sample.amounts["slab_reclaimable"],
    )
    if memory and available is not None and available * 100 >= PRESSURE_AVAILABLE_PERCENT * memory:
        remarks.append(
            f"{human_bytes(available)} is available, so it is rather a control group that waits at its own limit"
        )
    elif slab and memory and level and level.percent_of_ram is not None and slab > level.of(memory):
        evidence["slab_reclaimable_bytes"] = slab
        held = f"{human_bytes(slab)}, {percent_text(slab, memory)} of RAM"
        remarks.append(f"reclaimable slab is {held}, and should have been given back")
        return "warning", remarks, evidence
    return "info", remarks, evidence


MEMORY_PRESSURE = Check(
    "memory_pressure",
    "Memory pressure",
    "Tasks wait for memory; with much reclaimable slab at the same time it counts for the verdict.",
    (WORDS,),
    answer,
)
