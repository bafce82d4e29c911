# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-standing: a limit that has been exceeded for long, by about the same amount, on a host with enough memory;
or one that is exceeded again as it was before, as by the batches of each month's end.

It is a state that is shown, and no cure: the finding stays a warning until the amount has fallen or a waiver says that
it may be so. It asks for the value, for the slope and for every sample, and for no trend in the whole host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.finding import Finding
from ..model.sample import UNKNOWN, Sample
from ..model.times import DAY, HOUR
from ..text.units import KIB, human_bytes, percent_text
from .earlier import MARGIN, Earlier
from .history_words import day_text
from .robust_statistics import median_of, rise_of, step_scatter
from .seen_before import Stretch
from .segment import Past

LEAST_SAMPLES = 14
LEAST_SPAN = 7 * DAY
ENOUGH_AVAILABLE_PERCENT = 20
MOST_OF_LIMIT = {"warning": 2.0, "critical": 1.5}
"""What is more than so many times its limit is no state to get used to. Where a warning ends mostly a critical limit
begins.
"""
ALIKE = 0.1
"""Every sample is as near to the current value as this share of it."""
NO_MORE_NOW = 0.05
"""The current value is no further above the median than this share of it."""
FLAT = 0.01
"""So much may the median of the last third be above that of the first, beside what the scatter explains."""
_SCATTERS = 1.5
_APART = 3 * HOUR
_SLACK = 6 * HOUR
_BACK = 7
"""So many samples after a breach, at least, it is back before the next one is one more like it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long an amount has stayed where it is: the samples that show it, and their median in KiB."""

    samples: int
    median: float


def soften(findings: Sequence[Finding], sample: Sample, earlier: Earlier, grows: bool) -> list[Finding]:
    """Return the findings with those about long-standing limits marked, a critical one as a warning.

    *grows* says that something of the host grows, confirmed or not: then nothing of it has come to rest.
    """
    memory, available = sample.memory_total_bytes, sample.memory_available_bytes
    if grows or not memory or available is None or available * 100 < ENOUGH_AVAILABLE_PERCENT * memory:
        return list(findings)
    return [_softened(one, earlier, available, memory) for one in findings]


def _softened(one: Finding, earlier: Earlier, available: int, memory: int) -> Finding:
    if (
        (one.kind, one.unit, one.status) != ("limit", "bytes", "current")
        or one.value > MOST_OF_LIMIT.get(one.severity, 0) * one.limit
        or earlier.past is None
    ):
        return one
    stay = stay_of(earlier.past, one.dimension, one.limit)
    if stay is None:
        before = last_time_above(earlier.past, one.dimension, one.limit)
        return one if before is None else _known(one, before, percent_text(available, memory))
    milder = " and a warning" if one.severity == "critical" else ""
    sentence = (
        f"It has stayed around {human_bytes(round(stay.median * KIB))} for {stay.samples} samples and "
        f"{percent_text(available, memory)} of RAM is available, so it is long-standing{milder}."
    )
    return one.replaced(severity="warning", status="long_standing", sentence=sentence)


def _known(one: Finding, before: Stretch, available: str) -> Finding:
    """Return a finding that comes back as one that was there before, a critical one as a warning."""
    milder = " and a warning" if one.severity == "critical" else ""
    sentence = (
        f"It was above this limit from {day_text(before.began)} to {day_text(before.ended)}, too, and came back; it is "
        f"no higher now and has not lasted longer, and {available} of RAM is available, so it is long-standing{milder}."
    )
    return one.replaced(severity="warning", status="long_standing", sentence=sentence)


def last_time_above(past: Past, dimension: str, limit_bytes: float) -> Stretch | None:
    """Return the last time before in this boot that an amount was above its limit and came back, where it was as high
    then and lasted as long as now; None for none.
    """
    # Of what no counter names the samples hold no error band, so they can't say what was above the limit.
    if past.warming_up or dimension == "unaccounted" or f"{dimension}_kib" not in past.columns:
        return None
    limit, end = limit_bytes / KIB, limit_bytes * (1 - MARGIN) / KIB
    # What a boot has ended did not come back by itself: it may be a leak.
    first, amounts = past.segment_of(dimension).warm, past.amounts(dimension)
    known = [(past.times[place], amounts[place]) for place in range(first, past.last + 1) if amounts[place] != UNKNOWN]
    began = len(known)
    while began and known[began - 1][1] >= end:
        began -= 1
    if began == len(known):
        return None
    highest, lasted = max(amount for _time, amount in known[began:]), known[-1][0] - known[began][0]
    place = began
    while place:
        ended = place = place - 1
        while place and known[place - 1][1] >= end:
            place -= 1
        top = max((amount for _time, amount in known[place:ended]), default=0)
        enough = began - ended >= _BACK and known[ended][0] - known[place][0] >= lasted - _SLACK
        if top > limit and top * (1 + ALIKE) >= highest and enough:
            return Stretch(known[place][0], known[ended][0])
    return None


def stay_of(past: Past, dimension: str, limit_bytes: float) -> Stay | None:
    """Return how long an amount has stayed above its limit without a slope; None where that is not long."""
    if past.warming_up or f"{dimension}_kib" not in past.columns:
        return None
    segment, amounts, times = past.segment_of(dimension), past.amounts(dimension), past.times
    now, least = amounts[-1], limit_bytes * (1 - MARGIN) / KIB
    if now == UNKNOWN:
        return None
    taken: list[int] = []
    first = newest = times[-1]
    for place in range(past.last, segment.warm - 1, -1):
        amount = amounts[place]
        if amount == UNKNOWN:
            continue
        if amount < least or abs(amount - now) > ALIKE * now:
            break
        # Samples of one hour are one opinion.
        if not taken or first - times[place] >= _APART:
            taken.append(amount)
            first = times[place]
        elif abs(amount - now) > abs(taken[-1] - now):
            taken[-1] = amount
    taken.reverse()
    earlier = taken[:-1]
    if len(earlier) < LEAST_SAMPLES or newest - first < LEAST_SPAN:
        return None
    middle = median_of(sorted(earlier))
    is_flat = rise_of(taken) <= FLAT * middle + _SCATTERS * step_scatter(earlier)
    return Stay(len(earlier), middle) if is_flat and now <= middle * (1 + NO_MORE_NOW) else None
