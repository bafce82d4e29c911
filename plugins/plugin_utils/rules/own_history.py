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
from ..growth.rise import Rise
from ..growth.search import WORTH_A_LOOK
from ..model.finding import Finding, Judgement, rank
from ..model.sample import UNKNOWN, Series
from ..model.subject import Subject
from ..model.times import DAY, HOUR
from .baseline import Baselines, at_places, state_of
from .growth import growth_finding, lowest_amount, rise_now, without_told_total
from .history_words import learning_text, ready_at, since_text
from .host_history import OwnHistory
from .level import change_of, level_finding, level_that_counts
from .questions import not_asked
from .segment import Past, Segment


@dataclass(slots=True)
class HistoryJudgement:
    """What a host's own history says. ``growing`` holds every dimension that grows by the amount to watch, confirmed or
    not.
    """

    past: Past | None
    """The samples that it rests on, as long as somebody may look at them."""
    judgement: Judgement = field(default_factory=Judgement)
    baselines: Baselines = field(default_factory=Baselines)
    growing: dict[str, Rise] = field(default_factory=dict)
    not_asked: dict[str, str] = field(default_factory=dict)
    """Which questions the past can't be asked, with the reasons (see ``questions``)."""

    def let_go_of_samples(self) -> None:
        """Keep what they say, and not the samples: hosts with findings wait for those of the whole fleet."""
        self.past = None
        self.baselines.work_out()


def judge_history(subject: Subject, series: Series | None) -> HistoryJudgement:
    """Judge a host against its earlier samples (*series*, without the current one)."""
    host = OwnHistory(subject, series)
    answer = HistoryJudgement(host.past)
    for dimension in LIMITED:
        _judge_dimension(host, dimension, answer)
    answer.not_asked = not_asked(host, answer.growing)
    told = without_told_total(list(answer.growing.values()))
    found = [growth_finding(host, rise) for rise in told]
    answer.judgement.findings = _without_repeats([*found, *answer.judgement.findings])
    return answer


def _judge_dimension(host: OwnHistory, dimension: str, answer: HistoryJudgement) -> None:
    past, needed = host.past, host.history.minimum_samples
    if host.subject.amount(dimension) is None:
        answer.baselines.put(dimension, "unsupported", needed, None)
        answer.judgement.not_judged[dimension] = host.subject.why_unknown(dimension, "has no history")
        return
    segment = past.segment_of(dimension)
    places, days, stale = host.baseline_places(segment)
    amounts = host.timeline.amounts[dimension]
    usual = at_places(amounts, places)
    state = state_of(past, len(usual), needed, stale)
    answer.baselines.put(dimension, state, needed, host.began_text(segment), usual, days)
    if state == "ready":
        answer.judgement.judged.append(dimension)
    else:
        reason_key = segment.start, state, len(usual)
        if reason_key not in host.reasons:
            host.reasons[reason_key] = _why_not(host, segment, state, len(usual), places)
        answer.judgement.not_judged[dimension] = host.reasons[reason_key]
    if state == "no_history" or amounts[-1] == UNKNOWN:
        return
    inside = amounts[segment.start :]
    if UNKNOWN in inside:
        inside = [amount for amount in inside if amount != UNKNOWN]
    # Most hosts are quiet, and then the range alone says that no rule can hold.
    lowest = min(inside)
    most = max(inside) - lowest
    least = lowest_amount(host, dimension) if most else None
    if least is not None and most >= WORTH_A_LOOK * least:
        rise = rise_now(host, dimension, least)
        if rise is not None:
            answer.growing[dimension] = rise
    if state not in ("warming_up", "stale"):
        level = host.subject.settings.level[dimension]["warning"]
        if past.last - segment.warm < needed:
            inside = [amount for amount in amounts if amount != UNKNOWN]
            lowest = min(inside)
            most = max(inside) - lowest
        if level is not None and most >= level.percent_of_level / 100 * lowest:
            _judge_changes(host, dimension, inside, answer)


def _judge_changes(host: OwnHistory, dimension: str, inside: Sequence[int], answer: HistoryJudgement) -> None:
    amounts = host.timeline.amounts[dimension]
    value, lowest, highest = amounts[-1], min(inside), max(inside)
    for sign, largest in ((1, value - lowest), (-1, highest - value)):
        asked = level_that_counts(host, dimension, sign)
        if asked is not None and largest > 0:
            amount = host.amount(dimension, asked)
            change = change_of(host, dimension, amounts, amount, sign) if largest >= amount.kib else None
            if change is not None:
                answer.judgement.findings.append(level_finding(host, dimension, change, asked, sign))


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
        return (other.status == "confirmed" or other.severity in ("warning", "critical")) and not other.evidence["held"]
    return one.dimension == TOTAL and other.kind == one.kind and other.dimension in PARTS
