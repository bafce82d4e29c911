# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the charts of one host are drawn from: its past, and what is ahead of it."""

from __future__ import annotations

from datetime import datetime

from ...audit.entry import Entry
from ...audit.outlooks import Ahead as HostAhead
from ...audit.trend import amounts_of
from ...dimensions.table import TOTAL
from ...model.stack import PACKED
from ...model.times import seconds_or_none
from ...text.units import KIB, human_bytes
from .axis import DAY, TimeAxis
from .stacked import Ahead, History

_MOST_DAYS_AHEAD = 16
"""A date ahead that is further away is said in words: drawn it would press the past together."""


def history_of(host: Entry, now: str, days_left: float | None = None) -> History | None:
    """Return the past of a host, whose last amounts are those of this audit to the KiB; None without a past."""
    past = host.past
    if past is None:
        return None
    minutes = past.minutes
    ahead = 0
    if days_left is not None and days_left <= _MOST_DAYS_AHEAD:
        # At least a tenth of the chart, so that there is something to be seen.
        ahead = max(round(days_left * 1.15 * DAY), minutes[0] // 10)
    amounts = past.amounts()
    for kind in PACKED:
        now_bytes = host.amount(kind)
        amounts[kind][-1] = None if now_bytes is None else max(0, now_bytes // KIB)
    return History(TimeAxis(now, tuple(minutes), ahead), amounts, past.boots, past.kernels, past.stack.unit_kib)


def ahead_of(one: HostAhead, now: str) -> Ahead:
    """Return what is ahead of a host, as a chart shows it."""
    host, outlook, limit = one.host, one.outlook, one.limit_bytes
    growth = next(
        (seen for seen in host.findings if seen.dimension == outlook.dimension and seen.kind == "growth"), None
    )
    slope = 0.0 if growth is None else growth.evidence.get("slope_bytes_per_day") or 0.0
    return Ahead(
        first=outlook.dimension if outlook.dimension in PACKED else None,
        limit_kib=None if limit is None else limit / KIB,
        limit_words="" if limit is None else f"critical limit {human_bytes(limit)}",
        since=minutes_ago(outlook.since, now),
        kib_a_day=float(slope) / KIB if isinstance(slope, (int, float)) else 0.0,
        days_left=outlook.days_left,
    )


def used_series(host: Entry, history: History, dimension: str) -> list[int | None]:
    """Return the amounts of a dimension in KiB; those of the total are the sums of what can't be reclaimed."""
    amounts = amounts_of(history.amounts, dimension) or [None] * len(history.axis.ages)
    if dimension == TOTAL:
        last = host.kernel_unreclaimable_bytes
        amounts[-1] = None if last is None else last // KIB
    return amounts


def minutes_ago(moment: str | None, now: str) -> int | None:
    """Return how many minutes before *now* a moment was; None where one of them is no time."""
    then, today = seconds_or_none(moment), seconds_or_none(now)
    return None if then is None or today is None else (today - then) // 60


def days_since(moment: str, now: str) -> int | None:
    """Return how many days ago a moment was."""
    try:
        return (datetime.strptime(now[:10], "%Y-%m-%d") - datetime.strptime(moment[:10], "%Y-%m-%d")).days
    except ValueError:
        return None
