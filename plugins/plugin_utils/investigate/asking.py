# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a host the questions in their order, and stop when they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .answer import Answer, Readings, answer, growth_of
from .checking import Plain, clean
from .looked import looked
from .settings import Settings
from .traced import traced
from .wanted import wanted
from .watched import watched

Ask = Callable[[Mapping[str, object]], Plain]
"""Sends one request to the host and returns what it answers. Raises what the connection raises."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a host has answered, as it came and as it is understood; ``not_traced`` says why question 4 was not asked:
    ``not_asked_for``, ``not_needed``, ``nothing_to_trace``, or the host's own reason.
    """

    answer: Answer
    readings: dict[str, Plain]
    not_traced: str | None

    @property
    def can_trace(self) -> bool:
        """Whether what grows can be traced on this host."""
        return self.answer.readings.looked.tracing.root is not None and bool(self.answer.trace_plans(always=True))

    @property
    def wants_trace(self) -> bool:
        """Whether a trace would tell more and is possible, and only was not asked for."""
        return self.not_traced == "not_asked_for" and self.can_trace


def ask_all(
    ask: Ask, settings: Settings, earlier: Mapping[str, Plain] | None = None, *, check_mode: bool = False
) -> Asked:
    """Return what a host answers. Raises :class:`ValueError` for an answer that can't be used.

    Parameters: earlier, readings of the same host that are not asked for again (``watch`` and ``look``); check_mode, in
    which nothing is traced.
    """
    readings: dict[str, Plain] = {}
    readings["watch"] = clean(earlier["watch"] if earlier else ask(settings.watch_request()))
    seen = watched(readings["watch"])
    _floors, growing = growth_of(seen, settings.busy)
    readings["look"] = clean(earlier["look"] if earlier else ask(settings.look_request(wanted(seen, growing))))
    told = Readings(seen, looked(readings["look"]))
    found = answer(told, settings.busy, settings.dimensions)
    why = why_not_traced(found, settings)
    if why is None and check_mode:
        why = "check_mode"
    if why is None:
        readings["trace"] = clean(ask(settings.trace_request(found.trace_plans(settings.trace_always))))
        told = Readings(told.watched, told.looked, traced(readings["trace"]))
        found = answer(told, settings.busy, settings.dimensions)
    return Asked(found, readings, why)


def understood(readings: Mapping[str, Plain], settings: Settings) -> Asked:
    """Return what readings say that were kept: nothing is asked. Raises :class:`ValueError` where they are unsound."""
    kept = {name: clean(readings[name], name) for name in ("watch", "look", "trace") if name in readings}
    for name in ("watch", "look"):
        if name not in kept:
            raise ValueError(f"The investigation holds no readings of the question {name}.")
    told = Readings(watched(kept["watch"]), looked(kept["look"]), traced(kept["trace"]) if "trace" in kept else None)
    found = answer(told, settings.busy, settings.dimensions)
    return Asked(found, kept, None if told.traced else why_not_traced(found, settings))


def why_not_traced(found: Answer, settings: Settings) -> str | None:
    """Return why the host is not traced, or None where it is."""
    if found.is_answered and not settings.trace_always:
        return "not_needed"
    if not found.rates and not found.asked and not (settings.trace_always and found.culprits):
        return "nothing_to_trace"
    if not settings.trace:
        return "not_asked_for"
    if found.readings.looked.tracing.root is None:
        return found.readings.looked.tracing.reason or "not_mounted"
    return None if found.trace_plans(settings.trace_always) else "no_events"
