# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that look at a host's own history: what is usual for it, whether something changed suddenly, whether
something grows.

Nothing is remembered from run to run but the samples: whether an earlier audit saw the same is worked out from them
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..dimensions.table import LIMITED, PARTS, TOTAL
from ..model.finding import Finding, Judgement, rank
from ..model.sample import UNKNOWN, Sample, Series
from ..model.subject import Subject
from ..model.times import DAY, HOUR
from .baseline import Baseline, at_places, is_flat, state_of, summary
from .growth import growth_finding, lowest_tier, trend_now
from .history_words import learning_text, long_standing_text, ready_at, since_text
from .host_history import OwnHistory
from .level import change_of, level_amount, level_finding
from .segment import Segment
from .trend import GATE, Amount, Trend

_LOWER = {"critical": "warning", "warning": "info"}
_LONG_STANDING_SAMPLES = 14
_ENOUGH_AVAILABLE_PERCENT = 20


@dataclass(slots=True)
class HistoryJudgement:
    """What a host's own history says. ``growing`` holds every dimension that grows by the amount to watch, confirmed or
    not.
    """

    judgement: Judgement = field(default_factory=Judgement)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    growing: dict[str, Trend] = field(default_factory=dict)


def judge_history(subject: Subject, series: Series | None) -> HistoryJudgement:
    """Judge a host against its earlier samples (*series*, without the current one)."""
    host = OwnHistory(subject, series)
    answer = HistoryJudgement()
    for dimension in LIMITED:
        _judge_dimension(host, dimension, answer)
    answer.judgement.findings = _without_repeats(answer.judgement.findings)
    return answer


def _judge_dimension(host: OwnHistory, dimension: str, answer: HistoryJudgement) -> None:
    past, needed = host.past, host.history.minimum_samples
    if host.subject.amount(dimension) is None:
        answer.baselines[dimension] = summary("unsupported", needed, None)
        answer.judgement.not_judged[dimension] = host.subject.why_unknown(dimension, "has no history")
        return
    segment = past.segment_of(dimension)
    places, days, stale = host.baseline_places(segment)
    amounts = past.amounts(dimension)
    usual = at_places(amounts, places)
    state = state_of(past, len(usual), needed, stale)
    answer.baselines[dimension] = summary(state, needed, host.began_text(segment), usual, days)
    if state == "ready":
        answer.judgement.judged.append(dimension)
    else:
        reason_key = segment.start, state, len(usual)
        if reason_key not in host.reasons:
            host.reasons[reason_key] = _why_not(host, segment, state, len(usual), places)
        answer.judgement.not_judged[dimension] = host.reasons[reason_key]
    if state in ("no_history", "warming_up") or amounts[-1] == UNKNOWN:
        return
    inside = amounts[segment.warm :] if past.last - segment.warm >= needed else amounts
    _judge_changes(
        host,
        dimension,
        amounts,
        [amount for amount in inside if amount != UNKNOWN] if UNKNOWN in inside else inside,
        state,
        answer,
    )


def _judge_changes(
    host: OwnHistory, dimension: str, amounts: list[int], inside: Sequence[int], state: str, answer: HistoryJudgement
) -> None:
    value, lowest, highest = amounts[-1], min(inside), max(inside)
    # Most hosts are quiet, and then the range alone says that no rule can hold: no median is lower than the lowest
    # sample.
    lowest_level = lowest_tier(host, dimension)
    most, memory = highest - lowest, host.memory(dimension)
    if lowest_level is not None and memory and most >= GATE / 100 * lowest_level.percent_of_level * lowest:
        least = host.amount(dimension, lowest_level)
        if most >= max(GATE * least.kib, 1):
            _judge_growth(host, dimension, amounts, least, answer)
    level = host.subject.settings.level[dimension]["warning"]
    if level is None or state == "stale" or most < level.percent_of_level / 100 * lowest:
        return
    amount = level_amount(host, dimension)
    if amount is None:
        return
    for sign, largest in ((1, value - lowest), (-1, highest - value)):
        if largest > 0 and largest >= amount.kib:
            change = change_of(host, dimension, amounts, amount, sign)
            if change is not None:
                answer.judgement.findings.append(level_finding(host, dimension, change, amount, sign))


def _judge_growth(
    host: OwnHistory, dimension: str, amounts: list[int], least: Amount, answer: HistoryJudgement
) -> None:
    trend = trend_now(host, dimension, amounts, least)
    if trend is None:
        return
    if not trend.decelerating and dimension != "slab_reclaimable":
        answer.growing[dimension] = trend
    found = growth_finding(host, trend)
    if found is not None:
        answer.judgement.findings.append(found)


def _why_not(host: OwnHistory, segment: Segment, state: str, samples: int, places: Sequence[int]) -> str:
    needed = host.history.minimum_samples
    if state == "no_history":
        return "The history has no earlier sample of this host."
    if state == "warming_up":
        hours = (host.sample.uptime_seconds or 0) // HOUR
        return (
            f"Up for {hours} hours since {since_text(segment, segment.began_at)}; the first "
            f"{host.history.warm_up_hours} hours say nothing of a trend."
        )
    if state == "stale":
        days = round((host.past.times[-1] - host.past.times[places[-1]]) / DAY)
        return f"The last sample before this one is {days} days old, much longer than the time between samples."
    return learning_text(samples, needed, segment, ready_at(host.past, needed - samples))


def _without_repeats(findings: list[Finding]) -> list[Finding]:
    """Leave out a sudden rise that confirmed growth explains, and findings on the total that one of its parts
    explains.
    """
    return [one for one in findings if not any(_explains(other, one) for other in findings)]


def _explains(other: Finding, one: Finding) -> bool:
    if rank(other.severity) > rank(one.severity):
        return False
    if one.kind == "spike" and other.kind == "growth" and other.dimension == one.dimension:
        return other.status == "confirmed"
    return one.dimension == TOTAL and other.kind == one.kind and other.dimension in PARTS


def soften(findings: Sequence[Finding], history: HistoryJudgement, sample: Sample) -> list[Finding]:
    """Return the findings with those of long-standing limits one severity lower.

    A limit that has been exceeded for long, by an amount that does not grow, on a host with enough memory, hurts nobody
    today.
    """
    memory, available = sample.memory_total_bytes, sample.memory_available_bytes
    if not memory or available is None or available * 100 < _ENOUGH_AVAILABLE_PERCENT * memory:
        return list(findings)
    return [_softened(one, history.baselines.get(one.dimension), available, memory) for one in findings]


def _softened(one: Finding, baseline: Baseline | None, available: int, memory: int) -> Finding:
    if (
        baseline is None
        or (one.kind, one.unit, one.status) != ("limit", "bytes", "current")
        or one.severity not in _LOWER
        or not is_flat(baseline, one.value, _LONG_STANDING_SAMPLES)
    ):
        return one
    sentence = long_standing_text(baseline, available, memory)
    return one.replaced(severity=_LOWER[one.severity], status="long_standing", sentence=sentence)
