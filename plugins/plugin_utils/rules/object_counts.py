# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of objects over time: does one grow towards its limit, and in how many days is it there?

The engine of growth (folder ``growth``) says whether; days are of the number, not of memory. What is far from its limit
is nobody's trouble, however it grows.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..checks.bounded import FULL_PERCENT, Count, counts_of
from ..checks.object_limits import OBJECT_LIMITS, near_its_limit
from ..growth.grows import growth_of
from ..growth.rise import ACT_WITHIN, NEAR, Rise
from ..growth.timeline import TIERS, Amount, Timeline
from ..model.finding import Finding
from ..model.sample import UNKNOWN
from ..model.subject import Subject
from ..model.times import DAY, HOUR, utc_text
from ..text.units import number_text
from .earlier import Earlier
from .growth import question_of
from .history_words import days_text, duration_text
from .limit_words import stays_remark
from .segment import Past

CHECK = OBJECT_LIMITS.name
WORTH_A_WORD_PERCENT = 2
"""Growth by less than this share of the limit is none."""
OF_THE_NUMBER = 0.15
"""And by less than this share of the number where growth began."""


def judge_counts(subject: Subject, earlier: Earlier, found: list[Finding]) -> list[Finding]:
    """Return the findings about numbers over time, beside those that the check has *found* on the numbers of now."""
    said = {one.evidence.get("object") for one in found if one.dimension == CHECK}
    answer: list[Finding] = []
    for count in counts_of(subject):
        columns = count.bounded.columns
        if columns is None or count.of:
            continue
        full = count.allowed * FULL_PERCENT / 100
        # Threads are judged by the limit of kernel stacks, which stays in the same way.
        if (
            count.bounded.name not in said
            and columns[0] != "threads"
            and earlier.is_above(columns[0], count.held, full)
        ):
            answer.append(near_its_limit(count, stays_remark(earlier.margin(columns[0], full))).finding(CHECK))
        least = max(1, count.allowed * WORTH_A_WORD_PERCENT // 100)
        # Most hosts are quiet.
        if earlier.moved(columns[0], count.held) >= least and earlier.past is not None:
            answer += _growth(subject, earlier.past, count, columns[0], least)
    return answer


def _growth(subject: Subject, past: Past, count: Count, column: str, least: int) -> Iterator[Finding]:
    numbers = past.column(column)
    if numbers[-1] == UNKNOWN:
        return
    question = question_of(
        subject,
        past,
        past.segment,
        dimension=column,
        oldest=past.segment.start,
        wanted=dict.fromkeys(TIERS, Amount(least, OF_THE_NUMBER)),
        limit=count.allowed,
    )
    rise = growth_of(_timeline(past, column, numbers), question)
    if rise is None or rise.slope <= 0:
        return
    days = (count.allowed - count.held) / rise.slope
    if days * DAY > NEAR:
        return
    confirmed = rise.confirmed_tier is not None
    severity = "info" if not confirmed else "critical" if days * DAY <= ACT_WITHIN else "warning"
    words = count.bounded.words
    yield Finding(
        dimension=CHECK,
        kind="growth",
        severity=severity,
        status="confirmed" if confirmed else "suspected",
        value=rise.grown_kib,
        limit=least,
        unit="count",
        expected=f"{WORTH_A_WORD_PERCENT} % of the {count.allowed:,} that the kernel allows",
        explanation=_sentence(rise, count, days),
        next_step=words.next_step,
        command=words.command,
        evidence={
            "object": count.bounded.name,
            "allowed": count.allowed,
            "slope_per_day": round(rise.slope, 1),
            "window_days": round(rise.span_seconds / DAY, 2),
            "samples": rise.points,
            "since": utc_text(rise.since),
            "time_to_limit_days": {
                "estimate": round(max(days, 0.0), 2),
                "low": round(max((count.allowed - count.held) / max(rise.high, rise.slope), 0.0), 2),
                "high": round(max((count.allowed - count.held) / rise.low, 0.0), 2) if rise.low > 0 else None,
            },
        },
    )


def _timeline(past: Past, column: str, numbers: list[int]) -> Timeline:
    # Numbers end at their limit and not with the available memory.
    nothing = [UNKNOWN] * len(numbers)
    return Timeline(times=past.times, available=nothing, amounts={column: numbers}, voters=())


def _sentence(rise: Rise, count: Count, days: float) -> str:
    seconds, per = (DAY, "day") if rise.slope < count.allowed else (HOUR, "hour")
    rate = number_text(round(rise.slope * seconds / DAY))
    left = "now" if days <= 0 else f"in about {duration_text(days * DAY)}"
    seen = "" if rise.confirmed_tier is not None else "; seen in this audit for the first time, so it is only suspected"
    span = days_text(rise.span_seconds / DAY)
    return (
        f"{count.bounded.words.subject.rstrip(',')} has grown by {rise.grown_kib:,} in {span} to {count.held:,}, about "
        f"{rate} a {per}; at this rate it reaches the {count.allowed:,} that the kernel allows {left}{seen}."
    )
