# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to question 4: what was allocated while a host was traced, and not freed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .checking import amount, flag, mapping, optional_text, sequence, text, texts, unsound, whole
from .looked import Process, process


@dataclass(frozen=True, slots=True)
class Who:
    """A process, and the bytes that it allocated."""

    process: Process
    bytes: float


@dataclass(frozen=True, slots=True)
class Site:
    """One place in the kernel: its functions, the innermost first, and who came there.

    ``number`` is how many processes; ``command`` the one that most bytes belong to, with ``command_bytes``.
    """

    stack: tuple[str, ...]
    bytes: float
    objects: int
    who: tuple[Who, ...]
    number: int
    command: str
    command_bytes: float


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: ``on`` are its events with their filters, ``kept`` 1 in so many addresses; ``half_seconds`` the time
    in which what counts was allocated; ``sites`` None where the text could not be read in time or an event was missing.
    ``common`` are functions that lie in at least half of it, with their bytes, the innermost first; ``whole`` is all of
    it as one site.
    """

    dimension: str
    on: tuple[str, ...]
    entries: int
    lost: int
    kept: int
    seconds: float
    half_seconds: float
    events_a_second: int
    late: bool
    removed: bool
    total_bytes: float
    sites: tuple[Site, ...] | None
    common: tuple[tuple[str, float], ...] = ()
    whole: Site | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the host must not be, or could not be, traced: a word, the figure and its bound."""

    reason: str
    figure: float | str | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class Traced:
    """All traces of a host."""

    refused: Refusal | None
    traces: tuple[Trace, ...]


def traced(answer: Mapping[str, object]) -> Traced:
    """Return the answer of a host to question 4, checked. Raises ValueError with one sentence."""
    refused = answer.get("refused")
    return Traced(
        refused=None if refused is None else _refusal(sequence(refused, "refused", 3)),
        traces=tuple(_trace(mapping(entry, "a trace")) for entry in sequence(answer.get("traces"), "traces", 8)),
    )


def _refusal(told: list[object]) -> Refusal:
    reason, figure, bound = [*told, None, None, None][:3]
    return Refusal(
        reason=text(reason, "the reason of a refusal", 40),
        figure=text(figure, "figure", 40) if isinstance(figure, str) else _optional_amount(figure),
        bound=_optional_amount(bound),
    )


def _optional_amount(value: object) -> float | None:
    return None if value is None else amount(value, "a figure")


def _trace(told: Mapping[str, object]) -> Trace:
    result = told.get("result")
    known = mapping(result, "result") if result is not None else {}
    sites = sequence(known.get("sites"), "sites", 50) if known else None
    return Trace(
        dimension=text(told.get("dimension"), "dimension", 64),
        on=texts(told.get("on"), "on", 20),
        entries=whole(told.get("entries"), "entries"),
        lost=whole(told.get("lost"), "lost"),
        kept=max(1, whole(told.get("kept"), "kept")),
        seconds=amount(told.get("seconds"), "seconds"),
        half_seconds=max(0.01, amount(known.get("half_seconds", 0), "half_seconds")),
        events_a_second=whole(told.get("events_a_second"), "events_a_second"),
        late=flag(told.get("late"), "late"),
        removed=flag(told.get("removed"), "removed"),
        total_bytes=amount(known.get("total_bytes", 0), "total_bytes"),
        sites=None if sites is None else tuple(_site(mapping(site, "a site")) for site in sites),
        common=tuple(_function(entry) for entry in sequence(known.get("functions", []), "functions", 50)),
        whole=_whole(known) if known else None,
    )


def _function(told: object) -> tuple[str, float]:
    entry = sequence(told, "a function", 3)
    if len(entry) != 3:
        raise unsound("a function", "name with bytes and depth")
    return text(entry[0], "a function"), amount(entry[1], "bytes")


def _whole(known: Mapping[str, object]) -> Site:
    return _site({"stack": [], "bytes": known.get("total_bytes"), "objects": 0, "who": known.get("who")})


def _site(told: Mapping[str, object]) -> Site:
    who = mapping(told.get("who"), "who")
    processes = [mapping(entry, "a process") for entry in sequence(who.get("processes"), "processes", 20)]
    return Site(
        stack=texts(told.get("stack"), "stack", 40),
        bytes=amount(told.get("bytes"), "bytes"),
        objects=whole(told.get("objects"), "objects"),
        who=tuple(Who(process(entry), amount(entry.get("bytes"), "bytes")) for entry in processes),
        number=whole(who.get("number"), "number"),
        command=optional_text(who.get("command"), "command", 64) or "?",
        command_bytes=amount(who.get("command_bytes"), "command_bytes"),
    )
