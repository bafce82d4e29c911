# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "growth": memory that grows steadily and does not stop, as a leak does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..dimensions.table import RULES
from ..model.finding import Finding
from ..model.plain import Json
from ..model.sample import UNKNOWN
from ..model.settings import Change
from ..model.times import HOUR, utc_text
from ..text.units import GIB
from .history_words import amount_rule, growth_sentence, levelling_off_sentence
from .host_history import OwnHistory
from .time_to_limit import time_to_limit
from .trend import TIERS, Amount, TimeToLimit, Trend, Window, may_grow, trend_in

SEVERITY_OF_TIER = {"critical": "critical", "warning": "warning", "watch": "info"}
_ACT_NOW_DAYS = 7

# What reclaimable slab has to grow by to be worth a remark, and it only ever gets a remark.
_CACHE_GROWTH = Change(percent_of_ram=5, percent_of_level=50, at_least=GIB)


def lowest_tier(host: OwnHistory, dimension: str) -> Change | None:
    """Return the lowest tier that is judged; the higher ones ask for all that it asks for, too. None where none is
    judged.
    """
    if dimension == "slab_reclaimable":
        return _CACHE_GROWTH
    levels = host.subject.settings.growth[dimension]
    return levels.get("watch") or levels.get("warning") or levels.get("critical")


def growth_tiers(host: OwnHistory, dimension: str) -> dict[str, Amount]:
    """Return the growth that each tier of the settings asks for on this host."""
    if dimension == "slab_reclaimable":
        return {"warning": host.amount(dimension, _CACHE_GROWTH)}
    levels = host.subject.settings.growth[dimension]
    known = ((tier, levels.get(tier)) for tier in TIERS)
    return {tier: host.amount(dimension, level) for tier, level in known if level is not None}


def trend_now(host: OwnHistory, dimension: str, amounts: list[int], least: Amount) -> Trend | None:
    """Return how a dimension grows now, and whether an earlier sample showed it already; None where not even by
    *least*.
    """
    past = host.past
    windows = [window for window in host.windows(dimension, past.last) if may_grow(amounts, window, least)]
    if not windows:
        return None
    tiers = growth_tiers(host, dimension)
    trend = _trend_in(host, dimension, amounts, tiers, windows)
    if trend is None or trend.decelerating:
        return trend
    latest = past.times[-1] - host.history.confirm_after_hours * HOUR
    first = past.segment_of(dimension).warm
    end = past.last - 1
    while end >= first and (past.times[end] > latest or amounts[end] == UNKNOWN):
        end -= 1
    if end < first:
        return trend
    windows = [window for window in host.windows(dimension, end) if may_grow(amounts, window, least)]
    before = _trend_in(host, dimension, amounts, tiers, windows)
    if before is None or before.decelerating or before.tier is None or trend.tier is None:
        return trend
    lower = max(TIERS.index(trend.tier), TIERS.index(before.tier))
    return replace(trend, confirmed_tier=TIERS[lower], confirmed_at=past.times[end])


def _trend_in(
    host: OwnHistory, dimension: str, amounts: list[int], tiers: Mapping[str, Amount], windows: list[Window]
) -> Trend | None:
    minimum = host.history.minimum_samples
    trends = [trend_in(host.past, dimension, amounts, window, tiers, minimum) for window in windows]
    return max((trend for trend in trends if trend is not None), key=_rank, default=None)


def _rank(trend: Trend) -> tuple[bool, int, float]:
    if trend.tier is None:
        raise AssertionError("only called where there is one")
    return not trend.decelerating, -TIERS.index(trend.tier), trend.grown_bytes / max(trend.limits[trend.tier], 1)


def growth_finding(host: OwnHistory, trend: Trend) -> Finding | None:
    """Return the finding about a trend; None where it is not worth one."""
    dimension, tier = trend.dimension, trend.tier
    if tier is None:
        raise AssertionError("only called where there is one")
    if trend.decelerating:
        return None if tier == "watch" else _levelling_off(host, trend)
    if dimension == "slab_reclaimable":
        return None
    reach = time_to_limit(host, trend)
    shown = trend.confirmed_tier or tier
    severity = SEVERITY_OF_TIER[shown] if trend.confirmed else "info"
    remarks: list[str] = []
    if (
        severity == "warning"
        and host.subject.is_production
        and isinstance(reach, TimeToLimit)
        and reach.high < _ACT_NOW_DAYS
    ):
        severity = "critical"
        remarks.append(f"less than {_ACT_NOW_DAYS} days are left, so this is critical")
    severity = host.capped(severity, dimension, "growth", remarks)
    level = host.subject.settings.growth[dimension][shown]
    if level is None:
        raise AssertionError("only called where there is one")
    cell = RULES[dimension].words_of("growth")
    memory = host.memory(dimension) or 1
    return Finding(
        dimension=dimension,
        kind="growth",
        severity=severity,
        status="confirmed" if trend.confirmed else "suspected",
        value=round(trend.grown_bytes),
        limit=round(trend.limits[shown]),
        unit="bytes",
        expected=amount_rule(level),
        explanation=growth_sentence(trend, memory, host.subject.environment, shown, level, reach, remarks),
        next_step=cell.next_step,
        command=cell.command,
        evidence=growth_evidence(trend)
        | {"time_to_limit_days": reach.as_evidence() if isinstance(reach, TimeToLimit) else None},
    )


def growth_evidence(trend: Trend) -> dict[str, Json]:
    """Return the numbers behind a finding of growth."""
    return {
        "slope_bytes_per_day": round(trend.slope),
        "slope_low_bytes_per_day": round(trend.low),
        "slope_high_bytes_per_day": round(trend.high),
        "window_days": trend.window_days,
        "samples": trend.samples,
        "since": utc_text(trend.since),
        "started_at": utc_text(trend.started_at),
        "decelerating": trend.decelerating,
        "time_to_limit_days": None,
    }


def _levelling_off(host: OwnHistory, trend: Trend) -> Finding:
    dimension, tier = trend.dimension, trend.tier
    if tier is None:
        raise AssertionError("only called where there is one")
    level = _CACHE_GROWTH if dimension == "slab_reclaimable" else host.subject.settings.growth[dimension][tier]
    if level is None:
        raise AssertionError("only called where there is one")
    cell = RULES[dimension].words_of("growth")
    return Finding(
        dimension=dimension,
        kind="growth",
        severity="info",
        status="levelling_off",
        value=round(trend.grown_bytes),
        limit=round(trend.limits[tier]),
        unit="bytes",
        expected=amount_rule(level),
        explanation=levelling_off_sentence(trend, host.memory(dimension) or 1),
        next_step="Nothing to do, unless a later audit finds that it goes on.",
        command=cell.command,
        evidence=growth_evidence(trend),
    )
