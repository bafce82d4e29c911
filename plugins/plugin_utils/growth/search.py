# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for the best explained growth that ends with a sample: among a few widths of points, and of each a few
windows, cut where growth begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.sample import UNKNOWN
from ..model.times import DAY
from .buckets import WEEK, Buckets, buckets_of, widths_of
from .change_point import change_point
from .earlier import gathered_and_released, largest_rise
from .evidence import CLEAR, DEMANDS, Earlier, Evidence, evidence_of
from .follows import explained_by
from .line import line_through
from .medians import both_ends
from .rise import ACT_WITHIN, NEAR, Rise
from .steps import best_drift, common_steps, steps_of, without_steps
from .timeline import TIERS, Question, Timeline

WINDOWS = (30, 20, 14, 10, 7)
"""The last so many points."""
_LOOKED_AT = (60, 30, 14, 7)
WORTH_A_LOOK = 0.6
"""Where the two ends of no window differ by this share of the least amount, nothing can pass."""
_TIMES_SPAN, _TIMES_SPAN_ALONE = 20, 8
"""What grows for a short time counts where its end is nearer than so many times its span; with no past, fewer."""
_COLD_LEFT, _COLD_ALIKE = 3 * DAY, 6.0
_WEEKS_OF_EIGHT = 14 * DAY
_AS_LONG = 1.05


def worth_a_look(amounts: Sequence[int], least: int) -> bool:
    """Whether the last of some amounts, with UNKNOWN among them, are far enough above earlier ones for *least*."""
    if amounts[-1] == UNKNOWN:
        return False
    if UNKNOWN in amounts:
        amounts = [amount for amount in amounts if amount != UNKNOWN]
    enough = WORTH_A_LOOK * least
    if max(amounts[-3:]) - min(amounts) < enough:
        return False
    for window in _LOOKED_AT:
        older, newer = both_ends(amounts[-window:])
        if newer - older >= enough:
            return True
    return False


class Search:
    """The growth of one dimension of one host, at any of its samples."""

    def __init__(self, timeline: Timeline, question: Question) -> None:
        self.timeline = timeline
        self.question = question
        self.amounts = timeline.amounts[question.dimension]
        self._least = question.least
        self.drift = 0.0
        """The largest drift that any of the samples asked showed, in points of any width."""
        self._found: dict[int, Rise | None] = {}

    def at(self, end: int) -> Rise | None:
        """Return the best explained growth that ends with a place; None where there is none."""
        if end not in self._found:
            self._found[end] = self._best(end)
        return self._found[end]

    def _best(self, end: int) -> Rise | None:
        question, best = self.question, None
        if end - question.cold + 2 < question.minimum_points or not worth_a_look(
            self.amounts[question.cold : end + 1], self._least
        ):
            return None
        warm_only = question.warm == question.cold or self.timeline.times[end] >= question.settled_at + DAY // 2
        for first in (question.warm,) if warm_only else (question.warm, question.cold):
            if end - first + 2 >= question.minimum_points:
                for rise in self._rises(first, end):
                    if best is None or _order(rise) > _order(best):
                        best = rise
        return best

    def _rises(self, first: int, end: int) -> Iterator[Rise]:
        timeline, question = self.timeline, self.question
        places = timeline.known(question.dimension, first, end)
        minimum = question.minimum_points - 1
        if len(places) < minimum:
            return
        amounts = [self.amounts[place] for place in places]
        times = [timeline.times[place] for place in places]
        points: Sequence[float] = amounts
        if first == question.warm:
            common = common_steps(timeline, first)
            points = without_steps(amounts, [n for n, place in enumerate(places) if n and place in common])
        least_drift = DEMANDS["watch"].drift
        for width in widths_of(times):
            buckets = buckets_of(times, points, width)
            if len(buckets.points) < minimum:
                continue
            drift = best_drift(buckets.points, minimum, WORTH_A_LOOK * self._least)
            self.drift = max(self.drift, drift)
            if drift < least_drift:
                continue
            for begin in self._begins(buckets, minimum):
                rise = self._rise(buckets, begin, places, cold=first < question.warm)
                if rise is not None:
                    yield rise

    def _begins(self, buckets: Buckets, minimum: int) -> Sequence[int]:
        number = len(buckets.points)
        begins: dict[int, None] = {}
        for window in WINDOWS:
            if window != WINDOWS[0] and window >= number:
                continue
            offset = max(0, number - window)
            begin = change_point(buckets.times[offset:], buckets.points[offset:], minimum)
            if begin is not None:
                begins[begin + offset] = None
        return list(begins)

    def _rise(self, buckets: Buckets, begin: int, places: Sequence[int], cold: bool) -> Rise | None:
        question, timeline = self.question, self.timeline
        times, points = buckets.times[begin:], buckets.points[begin:]
        older, newer = both_ends(points)
        steps, watch = steps_of(points), DEMANDS["watch"]
        if newer - older < self._least / 4 or steps.drift < watch.drift or steps.alike < watch.alike:
            return None
        line = line_through(times, points)
        evidence = evidence_of(buckets, begin, steps, line)
        if not evidence.orderly():
            return None
        end, since = places[-1], places[buckets.first[begin]]
        left = self._left(end, line.slope)
        if not self._long_enough(evidence, since, left, cold, times[-1] - times[0]):
            return None
        explained = explained_by(timeline, question, since, places)
        tier = self._tier(buckets, evidence, explained, since, end, left, len(points))
        if tier is None:
            return None
        return Rise(
            dimension=question.dimension,
            tier=tier,
            since=int(times[0]),
            until=timeline.times[end],
            width=buckets.width,
            points=len(points),
            start_kib=line.start,
            grown_kib=min(round(evidence.grown), self.amounts[end]),
            explained_kib=round(explained),
            slope=line.slope * DAY,
            low=line.low * DAY,
            high=line.high * DAY,
            left_seconds=left,
            evidence=evidence,
        )

    def _left(self, end: int, slope: float) -> float | None:
        available, limit = self.timeline.available[end], self.question.limit_kib
        goals = [available] if available > 0 else []
        if limit is not None:
            goals.append(max(limit - self.amounts[end], 0))
        return min(goals) / slope if goals else None

    def _long_enough(self, evidence: Evidence, since: int, left: float | None, cold: bool, span: float) -> bool:
        """Whether it has grown for long enough to be told, by how near its end is."""
        question, times = self.question, self.timeline.times
        if cold:
            return left is not None and left <= _COLD_LEFT and evidence.steps.alike >= _COLD_ALIKE
        if span >= question.minimum_seconds:
            return True
        before = times[since] - times[question.oldest]
        times_span = _TIMES_SPAN if before >= max(2 * DAY, 2 * span) else _TIMES_SPAN_ALONE
        return left is not None and left <= times_span * span

    def _tier(
        self,
        buckets: Buckets,
        evidence: Evidence,
        explained: float,
        since: int,
        end: int,
        left: float | None,
        points: int,
    ) -> str | None:
        question = self.question
        earlier: Earlier | None = None
        enough = points >= question.minimum_points and self._fine_enough(buckets, evidence, end)
        clear = evidence.steps.alike >= CLEAR or (left is not None and left <= NEAR)
        for tier in TIERS:
            amount = question.wanted.get(tier)
            if amount is None or evidence.grown - explained < amount.kib:
                continue
            if not clear and evidence.grown < amount.share * evidence.line.start:
                continue
            if tier != "watch" and not enough:
                continue
            if tier == "critical" and (left is None or left > ACT_WITHIN):
                continue
            if earlier is None:
                earlier = self._earlier(since, evidence, buckets, left)
            if evidence.passes(tier, earlier):
                return tier
        return None

    def _fine_enough(self, buckets: Buckets, evidence: Evidence, end: int) -> bool:
        """Whether points are enough for more than a watch: those of a week bridge what a finer look has not seen."""
        if buckets.width < WEEK or evidence.steps.alike >= CLEAR:
            return True
        recent = self.timeline.times[max(0, end - 7) : end + 1]
        return recent[-1] - recent[0] >= _WEEKS_OF_EIGHT

    def _earlier(self, since: int, evidence: Evidence, buckets: Buckets, left: float | None) -> Earlier:
        span = (buckets.times[-1] - self.timeline.times[since]) * _AS_LONG
        places = self.timeline.known(self.question.dimension, self.question.oldest, since)
        if left is not None and left <= ACT_WITHIN:
            places = self._before_it_began(places, self.timeline.times[since] - span)
        amounts = [self.amounts[place] for place in places]
        times = [self.timeline.times[place] for place in places]
        return Earlier(largest_rise(times, amounts, span), gathered_and_released(amounts, evidence.grown / 2))

    def _before_it_began(self, places: list[int], oldest: float) -> list[int]:
        """Return the places up to the lowest amount since *oldest*. What has come up from there and stayed is the
        beginning of what grows now, which a bend of the line has parted from it, and no earlier rise.
        """
        recent = [place for place in places if self.timeline.times[place] >= oldest]
        lowest = min(recent, key=self.amounts.__getitem__)
        return [place for place in places if place <= lowest]


def _order(rise: Rise) -> tuple[int, int]:
    return -rise.rank, rise.grown_kib
