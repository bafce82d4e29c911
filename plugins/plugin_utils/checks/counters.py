# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters of the kernel that contradict each other: what a monitoring system draws from them is wrong."""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.facts import Contradiction
from ..model.subject import Subject
from ..text.safe import one_line
from ..text.units import human_bytes
from .check import Answer, Check, Seen

WORDS = Words(
    "A counter of this kernel",
    "Update the kernel: its counters are wrong, and so is what monitoring draws from them.",
    "uname -r; grep -E 'MemTotal|MemAvailable|Active|Inactive|Cached|AnonPages|Slab|SUnreclaim' /proc/meminfo",
)


def answer(subject: Subject) -> Answer:
    """Take over what the account found, one finding for all of it."""
    if subject.facts is None:
        return "The history does not keep single counters."
    faults = [fault for fault in subject.facts.contradictions if fault.kind == "contradictory"]
    return [_seen(faults, subject.sample.kernel_release)] if faults else []


def _seen(faults: list[Contradiction], release: str | None) -> Seen:
    first = faults[0]
    names = ", ".join(one_line(fault.counter or "", 40) for fault in faults[:4])
    said, bound = human_bytes(first.value or 0), human_bytes(first.against or 0)
    return Seen(
        "warning",
        first.value or 0,
        first.against or 0,
        "bytes",
        WORDS,
        measure=f"{said} ({one_line(first.counter or '', 40)}, kernel {one_line(release or 'unknown', 60)})",
        allowed=bound,
        rule="what the other counters leave room for",
        remarks=tuple(one_line(fault.sentence or "", 300).rstrip(".") for fault in faults[:4]),
        evidence={"counters": names},
    )


COUNTERS = Check(
    "counters",
    "Counters of the kernel",
    "Counters of this kernel contradict each other, so at least one is wrong: a fault of the kernel, and of every "
    "figure that is drawn from it.",
    (WORDS,),
    answer,
)
