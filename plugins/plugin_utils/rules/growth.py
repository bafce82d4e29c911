# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "growth": memory that grows and does not stop, as a leak does. The engine (folder ``growth``)
says whether; here it is asked by the policy's amounts, and its answer becomes a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..dimensions.table import RULES, TOTAL
from ..growth.grows import growth_of
from ..growth.rise import Rise
from ..growth.search import worth_a_look
from ..growth.timeline import TIERS, Amount, Question
from ..model.finding import Finding
from ..model.plain import Json
from ..model.settings import Change, HistorySettings
from ..model.subject import Subject
from ..model.times import DAY, HOUR, utc_text
from ..text.units import KIB
from .critical_limits import critical_limit
from .history_words import ON_IMPORTS, amount_rule, growth_sentence
from .host_history import OwnHistory
from .segment import Past, Segment
from .time_to_limit import TimeToLimit, time_to_limit

SEVERITY_OF_TIER = {"critical": "critical", "warning": "warning", "watch": "info"}
LEAST_POINTS = 7
"""What a policy asks for can only be more: fewer are never enough for a warning."""
_FOLLOW_CACHES = ("slab_unreclaimable", "unaccounted", TOTAL)
_SLACK = 2 * HOUR


def lowest_amount(host: OwnHistory, dimension: str) -> int | None:
    """Return the KiB that the lowest tier asks for on this host; None where growth is not judged."""
    levels = host.subject.settings.growth[dimension]
    lowest = levels.get("watch") or levels.get("warning") or levels.get("critical")
    return max(1, host.amount(dimension, lowest).kib) if lowest is not None and host.memory(dimension) else None


def rise_now(host: OwnHistory, dimension: str, least: int) -> Rise | None:
    """Return how a dimension grows now; None where it doesn't. *least* is its lowest amount."""
    past, segment = host.past, host.past.segment_of(dimension)
    # Most hosts are quiet, and end here.
    if not worth_a_look(host.timeline.amounts[dimension][segment.start :], least):
        return None
    value = host.sample.amounts.get(dimension)
    limit = None if value is None else critical_limit(host.subject, dimension)
    question = question_of(
        host.subject,
        past,
        segment,
        dimension=dimension,
        oldest=past.oldest_alike(dimension),
        wanted=_wanted(host, dimension),
        limit=None if limit is None else limit // KIB,
        follows="slab_reclaimable" if dimension in _FOLLOW_CACHES else None,
    )
    return growth_of(host.timeline, question)


def question_of(
    subject: Subject,
    past: Past,
    segment: Segment,
    *,
    dimension: str,
    oldest: int,
    wanted: Mapping[str, Amount],
    limit: int | None,
    follows: str | None = None,
) -> Question:
    """Return what is asked of the engine of growth about a segment of a host's past, with what its policy says of
    points and times; *limit* is in the unit of the amounts.
    """
    history, uptime = subject.settings.history, subject.sample.uptime_seconds
    return Question(
        dimension=dimension,
        oldest=oldest,
        cold=segment.start,
        warm=segment.warm,
        settled_at=past.times[-1] if uptime is None else past.times[-1] - uptime + past.warm_up_seconds,
        wanted=wanted,
        limit_kib=limit,
        minimum_points=least_points(history),
        minimum_seconds=least_seconds(history),
        confirm_seconds=history.confirm_after_hours * HOUR,
        follows=follows,
    )


def least_points(history: HistorySettings) -> int:
    """Return how many points a warning of growth needs; information needs one less."""
    return max(LEAST_POINTS, history.minimum_samples)


def least_seconds(history: HistorySettings) -> int:
    """Return for how long something has to grow that is not near its end; a little less than the days of the policy."""
    return history.minimum_days * DAY - _SLACK


def _wanted(host: OwnHistory, dimension: str) -> dict[str, Amount]:
    levels = host.subject.settings.growth[dimension]
    known = ((tier, levels.get(tier)) for tier in TIERS)
    return {tier: host.amount(dimension, level) for tier, level in known if level is not None}


def growth_finding(host: OwnHistory, rise: Rise) -> Finding:
    """Return the finding about growth."""
    dimension, shown = rise.dimension, rise.confirmed_tier or rise.tier
    severity = SEVERITY_OF_TIER[shown] if rise.confirmed_tier is not None else "info"
    remarks: list[str] = []
    imported = host.past.rests_on_imports(rise.since)
    if imported:
        severity = "warning" if severity == "critical" else severity
        remarks.append(ON_IMPORTS)
    severity = host.capped(severity, dimension, "growth", remarks)
    level, amount = _level(host, dimension, shown), host.amount(dimension, _level(host, dimension, shown))
    allowed = amount.of(rise.start_kib)
    # A clear line, and one that is near its end, counts however small it is beside the level.
    limit = round(allowed) * KIB if allowed <= rise.grown_kib else amount.kib * KIB
    reach = time_to_limit(host, rise)
    cell = RULES[dimension].words_of("growth")
    return Finding(
        dimension=dimension,
        kind="growth",
        severity=severity,
        status="suspected" if rise.confirmed_tier is None or imported else "confirmed",
        value=rise.grown_kib * KIB,
        limit=limit,
        unit="bytes",
        expected=amount_rule(level),
        explanation=growth_sentence(
            rise,
            memory=host.memory(dimension) or 1,
            environment=host.subject.environment,
            tier=shown,
            limit=limit,
            level=level,
            reach=reach,
            remarks=remarks,
        ),
        next_step=cell.next_step,
        command=cell.command,
        evidence=_evidence(host, rise)
        | {"time_to_limit_days": reach.as_evidence() if isinstance(reach, TimeToLimit) else None},
    )


def _level(host: OwnHistory, dimension: str, tier: str) -> Change:
    level = host.subject.settings.growth[dimension][tier]
    if level is None:
        raise AssertionError("only called where there is one")
    return level


def _evidence(host: OwnHistory, rise: Rise) -> dict[str, Json]:
    """Return the numbers behind a finding of growth."""
    days = rise.span_seconds / DAY
    return {
        "slope_bytes_per_day": round(rise.slope * KIB),
        "slope_low_bytes_per_day": round(rise.low * KIB),
        "slope_high_bytes_per_day": round(rise.high * KIB),
        "window_days": round(days) if days >= 3 else round(days, 2),
        "samples": rise.points,
        "since": utc_text(rise.since),
        "started_at": utc_text(host.past.segment_of(rise.dimension).began_at),
        "follows_reclaimable_slab_bytes": rise.explained_kib * KIB,
        "drift": round(rise.evidence.steps.drift, 2),
        "alike": round(rise.evidence.steps.alike, 2),
        "held": rise.held,
    }


def without_told_total(rises: Sequence[Rise]) -> list[Rise]:
    """Return growth without the total's where a part of it says at least half of that."""
    told = [one for one in rises if one.dimension not in (TOTAL, "unaccounted")]
    return [
        one
        for one in rises
        if one.dimension != TOTAL
        or not any(part.grown_kib >= one.grown_kib / 2 and _shown(part) <= _shown(one) for part in told)
    ]


def _shown(rise: Rise) -> int:
    return len(TIERS) if rise.confirmed_tier is None else TIERS.index(rise.confirmed_tier)
