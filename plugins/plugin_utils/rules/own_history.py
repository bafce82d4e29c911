# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that look at a host's own history: what is usual for it, whether something changed suddenly, whether
something grows.

Nothing is remembered from run to run but the samples: whether an earlier audit saw the same is worked out from them
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.dimensions import LIMITED, TOTAL
from ..model.finding import Judgement
from ..model.sample import UNKNOWN, Sample, Series
from ..words.labels import SEVERITIES
from ..words.text import one_line
from .baseline import at_places, is_flat, state_of, summary, trend_of
from .growth import growth_finding, lowest_tier, trend_now
from .history_words import learning_text, long_standing_text, ready_at, since_text
from .host_history import JudgedHost
from .level import change_of, level_amount, level_finding
from .segment import HOUR, Segment
from .trend import GATE, Amount, Trend

__all__ = ["HistoryJudgement", "judge_history", "soften", "trend_of"]

_LOWER = {"critical": "warning", "warning": "info"}
_LONG_STANDING_SAMPLES = 14
_ENOUGH_AVAILABLE_PERCENT = 20


@dataclass
class HistoryJudgement:
    """What a host's own history says. ``growing`` holds every dimension that grows by the amount to watch, confirmed
    or not.
    """

    judgement: Judgement = field(default_factory=Judgement)
    baselines: dict[str, dict[str, Any]] = field(default_factory=dict)
    growing: dict[str, Trend] = field(default_factory=dict)


def judge_history(
    facts: Mapping[str, Any], sample: Sample, series: Series | None, environment: str, settings: Mapping[str, Any]
) -> HistoryJudgement:
    """Judge checked facts and their sample against the host's earlier samples (*series*, without the current one)."""
    host = JudgedHost(facts, sample, series, environment, settings)
    answer = HistoryJudgement()
    for dimension in LIMITED:
        _judge_dimension(host, dimension, answer)
    answer.judgement.findings = _without_repeats(answer.judgement.findings)
    return answer


def _judge_dimension(host: JudgedHost, dimension: str, answer: HistoryJudgement) -> None:
    past, needed = host.past, host.history["minimum_samples"]
    reason = _unsupported(host, dimension)
    if reason is not None:
        answer.baselines[dimension] = summary("unsupported", needed, None)
        answer.judgement.not_judged[dimension] = reason
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
    host: JudgedHost, dimension: str, amounts: list[int], inside: Sequence[int], state: str, answer: HistoryJudgement
) -> None:
    value, lowest, highest = amounts[-1], min(inside), max(inside)
    # Most hosts are quiet, and then the range alone says that no rule can hold: no median is lower than the lowest
    # sample.
    lowest_level = lowest_tier(host, dimension)
    most, memory = highest - lowest, host.memory(dimension)
    if lowest_level is not None and memory and most >= GATE / 100 * lowest_level["percent_of_level"] * lowest:
        least = host.amount(dimension, lowest_level)
        if most >= max(GATE * least.kib, 1):
            _judge_growth(host, dimension, amounts, least, answer)
    level = host.settings["level"][dimension]["warning"]
    if level is None or state == "stale" or most < level["percent_of_level"] / 100 * lowest:
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
    host: JudgedHost, dimension: str, amounts: list[int], least: Amount, answer: HistoryJudgement
) -> None:
    trend = trend_now(host, dimension, amounts, least)
    if trend is None:
        return
    if not trend.decelerating and dimension != "slab_reclaimable":
        answer.growing[dimension] = trend
    found = growth_finding(host, trend)
    if found is not None:
        answer.judgement.findings.append(found)


def _unsupported(host: JudgedHost, dimension: str) -> str | None:
    if dimension == "vmalloc" and host.sample.vmalloc_meaning != "pages":
        return (
            f"VmallocUsed does not count pages on this kernel (its meaning is {host.sample.vmalloc_meaning!r}), "
            "so it has no history."
        )
    if host.sample.amounts.get(dimension) is not None:
        return None
    reasons = host.facts["unavailable"]
    return one_line(
        reasons.get(f"{dimension}_bytes") or reasons.get(dimension) or "The host gave no number and no reason."
    )


def _why_not(host: JudgedHost, segment: Segment, state: str, samples: int, places: Sequence[int]) -> str:
    needed = host.history["minimum_samples"]
    if state == "no_history":
        return "The history has no earlier sample of this host."
    if state == "warming_up":
        hours = (host.sample.uptime_seconds or 0) // HOUR
        return (
            f"Up for {hours} hours since {since_text(segment, segment.began_at)}; the first "
            f"{host.history['warm_up_hours']} hours say nothing of a trend."
        )
    if state == "stale":
        days = round((host.past.times[-1] - host.past.times[places[-1]]) / 86400)
        return f"The last sample before this one is {days} days old, much longer than the time between samples."
    return learning_text(samples, needed, segment, ready_at(host.past, needed - samples))


def _without_repeats(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out a sudden rise that confirmed growth explains, and findings on the total that one of its parts
    explains.
    """
    if len(findings) < 2:
        return findings
    kept = []
    for one in findings:
        rank = SEVERITIES.index(one["severity"])
        explained = any(
            SEVERITIES.index(other["severity"]) <= rank
            and (
                (
                    one["kind"] == "spike"
                    and other["kind"] == "growth"
                    and other["status"] == "confirmed"
                    and other["dimension"] == one["dimension"]
                )
                or (
                    one["dimension"] == TOTAL
                    and other["kind"] == one["kind"]
                    and other["dimension"] not in (TOTAL, "slab_reclaimable", "unaccounted")
                )
            )
            for other in findings
        )
        if not explained:
            kept.append(one)
    return kept


def soften(
    findings: Sequence[Mapping[str, Any]], baselines: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the findings with those of long-standing limits one severity lower.

    A limit that has been exceeded for long, by an amount that does not grow, on a host with enough memory, hurts nobody
    today.
    """
    memory, available = facts["host"]["memory_total_bytes"], facts["host"]["memory_available_bytes"]
    restless = {
        one["dimension"] for one in findings if one["kind"] in ("growth", "spike") and one["status"] != "levelling_off"
    }
    answer = []
    for one in findings:
        changed = dict(one)
        baseline = baselines.get(one["dimension"])
        if (
            one["kind"] == "limit"
            and one["unit"] == "bytes"
            and one["severity"] in _LOWER
            and one["status"] == "current"
            and baseline is not None
            and one["dimension"] not in restless
            and memory
            and available is not None
            and available * 100 >= _ENOUGH_AVAILABLE_PERCENT * memory
            and is_flat(baseline, one["value"], _LONG_STANDING_SAMPLES)
        ):
            changed["severity"] = _LOWER[one["severity"]]
            changed["status"] = "long_standing"
            changed["explanation"] = f"{one['explanation']} {long_standing_text(baseline, int(available), int(memory))}"
        answer.append(changed)
    return answer
