# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a dimension grows now, and whether earlier samples showed it: what is confirmed stays until it has ended.

Nothing is remembered from audit to audit. The earlier samples are asked again, as if each were the newest, so an audit
and a replay come to the same.
"""

from __future__ import annotations

from dataclasses import replace

from ..model.sample import UNKNOWN
from ..model.times import DAY
from .medians import median
from .rise import ACT_WITHIN, Rise
from .search import Search
from .timeline import TIERS, Question, Timeline

MOST_ENDS = 20
"""So many earlier samples are asked."""
UNTOLD_ENDS = 8
"""With nothing said by so many in a row, growth was never there, or is over."""
_QUIET_ENDS = 3
"""And by so many that are the newest."""
_NO_DRIFT = 1.6
"""What has less at the newest sample stopped long ago or was given back: a leak that gave back nearly half has more."""
_WITHIN = 8
"""Two that pass within so many confirm each other."""
_GIVEN_BACK = 0.5
"""Growth has ended where this share of it was given back."""
_STOPPED = 0.25
"""Growth has ended where it went on at less than this share of its slope, for as long as a third of its span."""


def growth_of(timeline: Timeline, question: Question) -> Rise | None:
    """Return how a dimension grows at the newest sample; None where it doesn't."""
    search = Search(timeline, question)
    end = len(timeline.times) - 1
    now = search.at(end)
    if now is None and search.drift < _NO_DRIFT:
        return None
    shown: list[tuple[int, Rise]] = [] if now is None else [(0, now)]
    newest: tuple[int, Rise] | None = None if now is None else (end, now)
    confirmed: str | None = None
    confirmed_at: int | None = None
    silent = 0
    for number, place in enumerate(_earlier_ends(search, end, now), 1):
        rise = search.at(place)
        if rise is None:
            silent += 1
            if silent >= (UNTOLD_ENDS if newest is not None else _QUIET_ENDS):
                break
            continue
        silent = 0
        if ended(search, rise, place, end):
            break
        newest = newest or (place, rise)
        for before, other in shown:
            if number - before <= _WITHIN:
                milder = TIERS[max(rise.rank, other.rank)]
                if confirmed is None or TIERS.index(milder) < TIERS.index(confirmed):
                    confirmed, confirmed_at = milder, rise.until
        shown.append((number, rise))
        if confirmed == "critical" or (confirmed is not None and not _may_be_worse(newest[1], confirmed, question)):
            break
    if newest is None or (now is None and confirmed is None):
        return None
    rise = newest[1] if now is not None else _held(search, newest[1], end)
    return replace(rise, confirmed_tier=confirmed, confirmed_at=confirmed_at)


def ended(search: Search, rise: Rise, place: int, end: int) -> bool:
    """Whether growth that a place showed was over at a later one: given back, or going on no more."""
    times, amounts = search.timeline.times, search.amounts
    after = [amount for amount in amounts[place + 1 : end + 1] if amount != UNKNOWN]
    if not after:
        return False
    value = median(after[-3:])
    if value < amounts[place] - _GIVEN_BACK * rise.grown_kib:
        return True
    passed = times[end] - times[place]
    if len(after) < 3 or passed < rise.span_seconds / 3:
        return False
    return value - amounts[place] < _STOPPED * rise.slope * passed / DAY


def _earlier_ends(search: Search, end: int, now: Rise | None) -> list[int]:
    """Return the earlier places that are asked, the newest first: far enough apart to be opinions of their own."""
    times, question = search.timeline.times, search.question
    first = question.cold
    width = now.width if now is not None else (times[end] - times[first]) / 12
    apart = min(width * 0.4, question.confirm_seconds)
    places: list[int] = []
    last = times[end]
    for place in range(end - 1, first - 1, -1):
        if last - times[place] >= apart and search.amounts[place] != UNKNOWN:
            places.append(place)
            last = times[place]
            if len(places) == MOST_ENDS:
                break
    return places


def _may_be_worse(newest: Rise, confirmed: str, question: Question) -> bool:
    """Whether earlier samples may have shown something worse than what is confirmed."""
    worst = next(tier for tier in TIERS if tier in question.wanted)
    if confirmed == worst:
        return False
    near = newest.left_seconds is not None and newest.left_seconds <= 2 * ACT_WITHIN
    return confirmed == "watch" or near


def _held(search: Search, rise: Rise, end: int) -> Rise:
    """Return growth that an earlier sample showed, as it is now."""
    known = [amount for amount in search.amounts[max(0, end - 2) : end + 1] if amount != UNKNOWN]
    grown = max(0, round(min(median(known), search.amounts[end]) - rise.start_kib))
    return rise.until_now(search.timeline.times[end], grown)
