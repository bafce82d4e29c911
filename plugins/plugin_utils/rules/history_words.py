# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of findings about a host's own history. Each can be checked by hand: it names numbers, dates and the
limit.
"""

from __future__ import annotations

from ..dimensions.table import RULES
from ..model.settings import Change
from ..model.times import DAY, utc_text
from ..text.units import KIB, distinct_bytes, human_bytes, number_text, percent_text
from ..words.levels import change_words
from .baseline import Baseline, Usual
from .segment import Past, Segment
from .trend import TimeToLimit, Trend


def day_text(seconds: float) -> str:
    """Return the day of a time, UTC: ``2026-11-24``."""
    return utc_text(seconds)[:10]


def since_text(segment: Segment | Trend, began_at: int) -> str:
    """Return what a segment began with: ``the boot on 2026-11-02``."""
    return f"the {'boot' if segment.since_boot else 'change of hardware or accounting'} on {day_text(began_at)}"


def amount_rule(level: Change) -> str:
    """Return an amount of growth or of change in words: ``1 % of RAM, at least 64 MiB, at most 4 GiB, and 25 % of
    the level``.
    """
    return change_words(level.percent_of_ram, level.percent_of_level, level.at_least, level.at_most)


def growth_sentence(
    trend: Trend,
    memory: int,
    environment: str,
    tier: str,
    level: Change,
    reach: TimeToLimit | str | None,
    remarks: list[str],
) -> str:
    """Return the sentence of steady growth that passes the amount of a tier."""
    grown, allowed = distinct_bytes(round(trend.grown_bytes), round(trend.limits[tier]))
    name = "amount to watch" if tier == "watch" else f"{tier} amount"
    spell = "daily" if trend.steps_per_day == 1 else "half-daily"
    parts = [
        f"{_subject(trend)} has grown steadily since {day_text(trend.since)}: {grown}, "
        f"{percent_text(trend.grown_bytes, memory)} of RAM, in"
        f" {days_text(trend.span_days)}, about {human_bytes(round(trend.slope))} a day ({_range(trend)})",
        f"{trend.rises} of {trend.samples - 1} {spell} values are above the one before, and it is not levelling off",
        f"the {environment} {name} for this is {allowed} ({amount_rule(level)})",
    ]
    if isinstance(reach, str):
        parts.append(reach)
    elif reach is not None:
        parts.append(
            f"at this rate it reaches {reach.name} in about {days_text(reach.estimate)}"
            f" (estimated range {number_text(reach.low)} to {number_text(reach.high)})"
        )
    if trend.confirmed_at is not None:
        parts.append(f"the sample of {day_text(trend.confirmed_at)} showed the same")
    else:
        parts.append("this is the first audit that shows it, so it is only suspected")
    return "; ".join([*parts, *remarks]) + "."


def levelling_off_sentence(trend: Trend, memory: int) -> str:
    """Return the sentence of growth that slows down."""
    return (
        f"{_subject(trend)} has grown by {human_bytes(round(trend.grown_bytes))}, "
        f"{percent_text(trend.grown_bytes, memory)} of RAM, in"
        f" {days_text(trend.span_days)} since {day_text(trend.since)}, but it is levelling off, as a cache does: about"
        f" {human_bytes(round(trend.first_half))} a day in the first half of that time, "
        f"{human_bytes(round(trend.recent_half))} a day in the second."
    )


def basis_text(past: Past, segment: Segment, basis: str) -> str:
    """Return which samples a comparison is with."""
    if basis == "previous_boot":
        kernel = "another kernel" if past.kernel_changed() else "the same kernel"
        return f"before the boot on {day_text(segment.began_at)}, with {kernel},"
    return f"before it changed, since {since_text(segment, segment.began_at)},"


def level_sentence(
    dimension: str,
    kind: str,
    usual: Usual,
    runs: int,
    basis: str,
    *,
    value: int,
    limit: int,
    environment: str,
    level: Change,
    since: int,
    remarks: list[str],
) -> str:
    """Return the sentence of a sudden rise or drop."""
    subject = RULES[dimension].words_of(kind).subject
    median = round(usual.median * KIB)
    size, bound = distinct_bytes(value, limit)
    change = f"{human_bytes(abs(value - median))} {'more' if kind == 'spike' else 'less'}"
    if median > 0:
        change += f" ({percent_text(abs(value - median), median)})"
    seen = (
        f"seen in {runs} audits since {day_text(since)}"
        if runs > 1
        else "seen in this audit for the first time, so it is only suspected"
    )
    parts = [
        f"{subject} is {size}; the {usual.samples} samples {basis} were around {human_bytes(median)} (usual "
        "spread"
        f" {human_bytes(round(usual.spread * KIB))}), so this is {change}",
        seen,
        f"a {'rise above' if kind == 'spike' else 'drop below'} {bound} counts in {environment} ({amount_rule(level)})",
    ]
    return "; ".join([*parts, *remarks]) + "."


def learning_text(samples: int, needed: int, segment: Segment, ready_at: float | None) -> str:
    """Return why a host's history can't be used yet."""
    text = f"{samples} of {needed} samples since {since_text(segment, segment.began_at)}"
    return (
        f"{text}; its own history is judged from about {day_text(ready_at)} on." if ready_at is not None else f"{text}."
    )


def long_standing_text(baseline: Baseline, available: int, memory: int) -> str:
    """Return the sentence that goes behind one about a limit that has been exceeded for long without any harm."""
    return (
        f"It has stayed around {human_bytes(baseline.median_bytes or 0)} for {baseline.samples} samples and "
        f"{percent_text(available, memory)} of RAM is"
        " available, so it is long-standing and one severity lower."
    )


def days_text(days: float) -> str:
    """Return a number of days as text: ``14 days``, ``1 day``."""
    rounded = round(days) if days >= 3 else round(days, 1)
    return f"{number_text(rounded)} {'day' if rounded == 1 else 'days'}"


def _range(trend: Trend) -> str:
    return f"{human_bytes(round(trend.low))} to {human_bytes(round(trend.high))}"


def _subject(trend: Trend) -> str:
    return RULES[trend.dimension].words_of("growth").subject


def ready_at(past: Past, missing: int) -> float | None:
    """Return about when enough samples will be there, at the pace of the last ones; None where there is no pace yet."""
    recent = past.times[-8:]
    gap = (recent[-1] - recent[0]) / (len(recent) - 1) if len(recent) > 1 else 0
    return recent[-1] + missing * gap if 0 < gap < 30 * DAY else None
