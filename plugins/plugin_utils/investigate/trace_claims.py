# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trace says: whose memory was not given back, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .culprit import Culprit
from .looked import Process
from .traced import Site, Trace

LEAST_BYTES = 16 * 1024
"""Below so many bytes a second a trace names nobody."""

MOST_OF_IT, HALF_OF_IT = 0.8, 0.5
FITS = (0.2, 5.0)
MOST_LOST = 0.05
IN_INTERRUPT = "interrupt"
FRAMES = 4


def culprit_of(trace: Trace, rate: float | None, counts: bool) -> Culprit | None:
    """Return who a trace names, None where nobody is named.

    Parameters: rate, how fast the dimension grows by question 1, None where it does not; counts, whether the trace
    knows numbers and not sizes.
    """
    if not trace.sites or not trace.total_bytes or trace.whole is None:
        return None
    place = _place(trace.sites, trace.whole, trace)
    process, processes, process_share = _process(place.site)
    share, rate_seen = place.bytes / trace.total_bytes, place.bytes / trace.half_seconds
    if share < HALF_OF_IT or (rate_seen < LEAST_BYTES and not counts):
        return None
    confidence = _confidence(trace, share, process_share, None if counts or rate is None else rate_seen / rate, rate)
    if confidence == "none":
        return None
    return Culprit(
        source="trace",
        confidence=confidence,
        dimension=trace.dimension,
        stack=place.stack,
        process=process,
        processes=processes,
        process_share=process_share if process else None,
        bytes_per_second=rate if counts else rate_seen,
        number_per_second=place.site.objects / trace.half_seconds if counts else None,
        share=share,
        lost=trace.lost,
        detail=place.detail,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where most of a trace comes from: a site; or the function that lies in nearly all stacks; or nothing but a
    process.
    """

    stack: tuple[str, ...]
    bytes: float
    site: Site
    detail: str | None


def _place(sites: Sequence[Site], whole: Site, trace: Trace) -> Place:
    """Return the first site where it is nearly all.

    Else one thing is made of several objects: then it is what they have in common, the innermost functions of nearly
    all stacks or, where there are none, the process.
    """
    first, total = sites[0], trace.total_bytes
    if first.bytes >= MOST_OF_IT * total:
        return Place(first.stack, first.bytes, first, None)
    parts = ", ".join(f"{site.stack[0]} {100 * site.bytes / total:.0f} %" for site in sites[:3] if site.stack)
    shared = [one for one in trace.common if one[1] >= MOST_OF_IT * total]
    if shared:
        return Place(tuple(name for name, _bytes in shared[:FRAMES]), shared[0][1], whole, f"of that {parts}")
    if first.bytes >= HALF_OF_IT * total:
        return Place(first.stack, first.bytes, first, None)
    process, _number, process_share = _process(whole)
    if process is not None and process_share >= MOST_OF_IT:
        return Place((), process_share * total, whole, f"in {parts} and other places")
    return Place(first.stack, first.bytes, first, None)


def _process(site: Site) -> tuple[Process | None, int, float]:
    """Return the process that most of a site is of, or the command of many; None where it is nobody's."""
    if not site.who or not site.bytes:
        return None, 0, 0.0
    first = site.who[0]
    if first.process.command == IN_INTERRUPT and not first.process.pid:
        return None, site.number, 0.0
    share = first.bytes / site.bytes
    by_command = site.command_bytes / site.bytes
    if share >= HALF_OF_IT or by_command < HALF_OF_IT:
        return (first.process, 1, share) if share >= HALF_OF_IT else (None, site.number, share)
    same = [who.process for who in site.who if who.process.command == site.command]
    one = same[0] if same else first.process
    many = Process(
        command=site.command, unit=one.unit, parent=one.parent, parent_command=one.parent_command, user=one.user
    )
    return many, site.number, by_command


def _confidence(trace: Trace, share: float, process_share: float, ratio: float | None, rate: float | None) -> str:
    """Return how sure it is: *high* needs nearly all of it, one process, few lost events, and the rate that the
    counters show (*ratio* is near 1). What does not grow by the counters is never high: something always allocates.
    """
    clear = share >= MOST_OF_IT and process_share >= MOST_OF_IT
    fits = ratio is not None and FITS[0] <= ratio <= FITS[1]
    few_lost = trace.lost <= MOST_LOST * max(1, trace.entries)
    if clear and fits and few_lost:
        return "high"
    if rate is None:
        return "medium" if clear else "none"
    return "medium" if clear or fits else "low"
