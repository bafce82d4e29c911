# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of findings about a host's own history. Each can be checked by hand: it names numbers, dates and the
limit.
"""

from __future__ import annotations

from ..dimensions.table import RULES
from ..growth.rise import Rise
from ..model.settings import Change
from ..model.times import DAY, HOUR, minute_text, utc_text
from ..text.units import KIB, distinct_bytes, human_bytes, number_text, percent_text
from ..words.levels import change_words
from .baseline import Usual
from .segment import Past, Segment
from .time_to_limit import TimeToLimit

ON_IMPORTS = "all earlier samples of it were imported, so it is suspected until a second audit sees it"
"""A remark on a finding that no audit before has seen anything of."""


def day_text(seconds: float) -> str:
    """Return the day of a time, UTC: ``2026-11-24``."""
    return utc_text(seconds)[:10]


def since_text(segment: Segment, began_at: int) -> str:
    """Return what a segment began with: ``the boot on 2026-11-02``."""
    return f"the {'boot' if segment.since_boot else 'change of hardware or accounting'} on {day_text(began_at)}"


def amount_rule(level: Change) -> str:
    """Return an amount of growth or of change in words: ``1 % of RAM, at least 64 MiB, at most 4 GiB, and 25 % of
    the level``.
    """
    return change_words(level.percent_of_ram, level.percent_of_level, level.at_least, level.at_most)


def growth_sentence(
    rise: Rise,
    *,
    memory: int,
    environment: str,
    tier: str,
    limit: int,
    level: Change,
    reach: TimeToLimit | str | None,
    remarks: list[str],
) -> str:
    """Return the sentence of growth that passes the amount of a tier, *limit* bytes here."""
    size = rise.grown_kib * KIB
    grown, allowed = distinct_bytes(size, limit)
    name = "amount to watch" if tier == "watch" else f"{tier} amount"
    parts = [
        f"{RULES[rise.dimension].words_of('growth').subject} has grown since {_moment(rise)}: {grown}, "
        f"{percent_text(size, memory)} of RAM, in {duration_text(rise.span_seconds)}, {_rate(rise)}",
        f"{rise.evidence.rises} of {rise.points - 1} {_spell(rise)} are above the one before, and it is not "
        "levelling off",
        f"the {environment} {name} for this is {allowed} ({amount_rule(level)})",
    ]
    if rise.explained_kib:
        parts.append(f"{human_bytes(rise.explained_kib * KIB)} of it follow reclaimable slab")
    if isinstance(reach, str):
        parts.append(reach)
    elif reach is not None:
        parts.append(f"at this rate it reaches {reach.name} in about {_reach(reach)}")
    if rise.confirmed_at is None:
        parts.append("this is the first audit that shows it, so it is only suspected")
    else:
        parts.append(f"the sample of {day_text(rise.confirmed_at)} showed the same")
    if rise.held:
        parts.append("this sample alone would not show it, but it was not given back and has not stopped")
    return "; ".join([*parts, *remarks]) + "."


def _moment(rise: Rise) -> str:
    return day_text(rise.since) if rise.span_seconds >= 3 * DAY else minute_text(rise.since)


def _rate(rise: Rise) -> str:
    unit, seconds = ("a day", DAY) if rise.span_seconds >= 3 * DAY else ("an hour", HOUR)
    slope, low, high = (human_bytes(round(one * KIB * seconds / DAY)) for one in (rise.slope, rise.low, rise.high))
    return f"about {slope} {unit} ({low} to {high})"


def _spell(rise: Rise) -> str:
    """Return what the points of growth are called: ``daily values``, ``values 2 hours apart``."""
    apart = rise.span_seconds / max(rise.points - 1, 1)
    for name, seconds in (("hourly", HOUR), ("half-daily", DAY // 2), ("daily", DAY), ("weekly", 7 * DAY)):
        if abs(apart - seconds) <= 0.15 * seconds:
            return f"{name} values"
    return f"values about {duration_text(apart)} apart"


def _reach(reach: TimeToLimit) -> str:
    if reach.estimate >= 2:
        text, unit = days_text(reach.estimate), 1.0
    else:
        text, unit = duration_text(reach.estimate * DAY), 24.0
    low, high = (
        number_text(round(one * unit, 1) if one * unit < 10 else round(one * unit)) for one in (reach.low, reach.high)
    )
    return f"{text} (estimated range {low} to {high})"


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


def days_text(days: float) -> str:
    """Return a number of days as text: ``14 days``, ``1 day``."""
    rounded = round(days) if days >= 3 else round(days, 1)
    return f"{number_text(rounded)} {'day' if rounded == 1 else 'days'}"


def duration_text(seconds: float) -> str:
    """Return a length of time as text: ``14 days``, ``13 hours``, ``40 minutes``."""
    if seconds >= 2 * DAY:
        return days_text(seconds / DAY)
    if seconds >= 2 * HOUR:
        return f"{round(seconds / HOUR)} hours"
    return f"{max(1, round(seconds / 60))} minutes"


def ready_at(past: Past, missing: int) -> float | None:
    """Return about when enough samples will be there, at the pace of the last ones; None where there is no pace yet."""
    recent = past.times[-8:]
    gap = (recent[-1] - recent[0]) / (len(recent) - 1) if len(recent) > 1 else 0
    return recent[-1] + missing * gap if 0 < gap < 30 * DAY else None
