# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "disproportion": a host that holds far more than similar hosts hold. It needs no history.

Amounts are compared as logarithms of their share of RAM (or by possible CPU, by thread, by mapped memory), each host
against the median of the others. What stands out is information; it is a warning at most, and only where it is beyond
doubt and matters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log
from operator import ge

from ..dimensions.table import LIMITED, PARTS, RULES, TOTAL
from ..model.finding import Finding, Judgement
from ..model.plain import Json
from ..model.settings import SimilarHosts
from ..model.subject import Subject
from ..text.units import number_text
from .fleet_words import Likes, disproportion_sentence, too_different_text, too_few_text
from .measures import MEASURES, NOT_KNOWN, amount_that_counts, base_of, measures_of
from .promotion import grows
from .robust_statistics import NORMAL, median_of
from .similar_hosts import DEFAULTS, Cohort, places_of

LEAST_SPREAD = 0.05
"""The spread of similar hosts is taken as at least this: some counters hardly differ, and then any difference would
stand out.
"""
WIDEST_SPREAD = 0.6
"""Hosts that differ more than this from each other are not alike, whatever they are called."""
FEW = 15.0
"""The spread of few hosts is often small by luck. So for a warning the distance has to be larger, by FEW over the
number of similar hosts, and the spread is taken as at least a share of what is usual in the fleet: FEW of FEW and
the number of similar hosts.
"""
TIMES_FOR_WARNING = 4.0
PERCENT_FOR_WARNING = 1.0

_OFF = "The policy has switched the comparison with similar hosts off."
_PLACES = {dimension: [place for place, entry in enumerate(MEASURES) if entry[0] == dimension] for dimension in LIMITED}
_BY_MAPPED, _BY_RAM = _PLACES["page_tables"]
Row = tuple[list[float], dict[str, str]]


@dataclass(frozen=True)
class SimilarJudgement:
    """What a comparison with similar hosts says of one host. ``similar_hosts`` is how many others there are; None
    where it was not compared.
    """

    judgement: Judgement
    similar_hosts: int | None


def judge_similar_hosts(
    subjects: Sequence[Subject], found: Mapping[str, Sequence[Finding]]
) -> dict[str, SimilarJudgement]:
    """Compare each subject with its similar hosts. Every subject is in the answer once; the order of *subjects* changes
    nothing.

    *found* are the findings of each host by its name: growth, or a limit that is exceeded, is one of the things that
    make a warning of what stands out.
    """
    places = places_of(subjects)
    rows = {subject.name: measures_of(subject) for subject in subjects}
    compared = {
        cohort: _compare(cohort, rows) for cohort in {place.cohort for place in places.values()} if cohort is not None
    }
    usual = _usual_spreads(compared.values())
    answer = {}
    for subject in subjects:
        place = places[subject.name]
        settings = subject.settings.similar_hosts
        if settings is None:
            answer[subject.name] = SimilarJudgement(Judgement(not_judged=dict.fromkeys(LIMITED, _OFF)), None)
        elif place.cohort is None:
            reason = too_few_text(place.others, settings.minimum)
            answer[subject.name] = SimilarJudgement(Judgement(not_judged=dict.fromkeys(LIMITED, reason)), None)
        else:
            case = _Case(subject, settings, place.cohort, found.get(subject.name, ()))
            judgement = _judge(case, rows[subject.name], compared[place.cohort], usual)
            answer[subject.name] = SimilarJudgement(judgement, place.others)
    return answer


@dataclass
class _Column:
    """One measure of all hosts of a cohort: their logarithms in order, and how widely they are spread."""

    ordered: list[float]
    spread: float
    distances: dict[float, list[float]] = field(default_factory=dict)

    def median_of_others(self, own: float) -> float:
        """Return the median of the other hosts."""
        place, number = bisect_left(self.ordered, own), len(self.ordered) - 1
        return _median_without(self.ordered, place, number)

    def spread_of_others(self, own: float, middle: float) -> float:
        """Return the robust spread of the others around *middle*. Few medians occur, so the distances are sorted a
        few times only.
        """
        if middle not in self.distances:
            self.distances[middle] = sorted([abs(one - middle) for one in self.ordered])
        distances = self.distances[middle]
        return NORMAL * _median_without(distances, bisect_left(distances, abs(own - middle)), len(distances) - 1)


def _median_without(ordered: Sequence[float], place: int, number: int) -> float:
    half = number // 2
    after = ordered[half + (half >= place)]
    return after if number % 2 else (ordered[half - 1 + (half - 1 >= place)] + after) / 2


@dataclass
class _Compared:
    """What the hosts of a cohort show in each of ``MEASURES``."""

    columns: list[_Column | None]
    least: list[float]
    """Below this no host of the cohort stands out."""
    plain: bool
    """Whether every host is comparable in every dimension."""


def _compare(cohort: Cohort, rows: Mapping[str, Row]) -> _Compared:
    settings = [subject.settings.similar_hosts or DEFAULTS for subject in cohort.members]
    times, minimum = log(min(one.times_median for one in settings)), max(2, *(one.minimum for one in settings))
    columns: list[_Column | None] = []
    least = [inf] * len(MEASURES)
    for place, column in enumerate(zip(*[rows[subject.name][0] for subject in cohort.members], strict=True)):
        ordered = sorted(column)
        ordered = ordered[bisect_right(ordered, NOT_KNOWN) :]
        if (
            len(ordered) < 2
            or place == _BY_MAPPED
            and len(ordered) < len(column)
            or place == _BY_RAM
            and columns[_BY_MAPPED] is not None
        ):
            columns.append(None)
            continue
        quarter = max(len(ordered) // 4, int(len(ordered) > 2))
        columns.append(_Column(ordered, (ordered[-1 - quarter] - ordered[quarter]) / 2 * NORMAL))
        # Without one of them, the median is no less than the number below the middle.
        least[place] = ordered[max(len(ordered) // 2 - 1, 0)] + times
    plain = all(
        column is not None and len(column.ordered) >= minimum and column.spread <= WIDEST_SPREAD
        for place, column in enumerate(columns)
        if place not in (_BY_MAPPED, _BY_RAM) or column is not None
    ) and (columns[_BY_MAPPED] is not None or columns[_BY_RAM] is not None)
    return _Compared(columns, least, plain)


def _usual_spreads(compared: Iterable[_Compared]) -> list[float]:
    """Return, for each of ``MEASURES``, the median of the spreads of all cohorts."""
    spreads = zip(
        *[[None if column is None else column.spread for column in one.columns] for one in compared], strict=True
    )
    known = [sorted([spread for spread in of_measure if spread is not None]) for of_measure in spreads]
    return [median_of(ordered) if ordered else 0.0 for ordered in known]


@dataclass(frozen=True, slots=True)
class _Case:
    """One host that is compared: its settings, its similar hosts, and what other rules found."""

    subject: Subject
    settings: SimilarHosts
    cohort: Cohort
    found: Sequence[Finding]


def _judge(case: _Case, row: Row, compared: _Compared, usual: Sequence[float]) -> Judgement:
    logarithms, reasons = row
    # Most hosts are in the middle of their likes, and then this is all.
    if compared.plain and not reasons and not any(map(ge, logarithms, compared.least)):
        return Judgement(judged=list(LIMITED))
    judgement = Judgement(not_judged=dict(reasons))
    for dimension in LIMITED:
        if dimension in reasons:
            continue
        found = None
        for place in _PLACES[dimension]:
            column = compared.columns[place]
            reason = _why_not(case, dimension, place, column)
            if reason is not None:
                judgement.not_judged.setdefault(dimension, reason)
            elif column is None or column.spread > WIDEST_SPREAD or found is not None:
                continue
            elif logarithms[place] >= compared.least[place]:
                found = _stands_out(case, place, logarithms[place], column, usual[place])
        if found is not None:
            judgement.findings.append(found)
            judgement.not_judged.pop(dimension, None)
        if dimension not in judgement.not_judged:
            judgement.judged.append(dimension)
    judgement.findings = _without_repeats(judgement.findings)
    return judgement


def _why_not(case: _Case, dimension: str, place: int, column: _Column | None) -> str | None:
    """Return why a measure of a dimension can't be compared, or None where it can or need not be."""
    minimum = case.settings.minimum
    if column is None:
        return None if place in (_BY_MAPPED, _BY_RAM) else too_few_text(0, minimum)
    if len(column.ordered) < max(minimum, 2):
        return too_few_text(len(column.ordered) - 1, minimum)
    if column.spread <= WIDEST_SPREAD:
        return None
    # What is too small to matter is judged, however different the others are.
    if (case.subject.sample.amounts[dimension] or 0) < amount_that_counts(case.subject, dimension):
        return None
    return too_different_text(len(column.ordered) - 1, 100 * column.spread)


def _without_repeats(findings: list[Finding]) -> list[Finding]:
    """Leave out the finding on the total where one on a part of it says the same."""
    severities = {one.severity for one in findings if one.dimension in PARTS}
    return [one for one in findings if one.dimension != TOTAL or not severities & {one.severity, "warning"}]


def _stands_out(case: _Case, place: int, logarithm: float, column: _Column, usual: float) -> Finding | None:
    subject, settings = case.subject, case.settings
    dimension, unit, basis = MEASURES[place]
    total = subject.sample.amounts[dimension] or 0
    base = base_of(subject, unit, basis, dimension)
    middle = column.median_of_others(logarithm)
    distance = logarithm - middle
    expected = exp(middle)
    if distance < log(settings.times_median) or total - expected * base < amount_that_counts(subject, dimension):
        return None
    spread = column.spread_of_others(logarithm, middle)
    z = distance / max(spread, LEAST_SPREAD)
    if z <= settings.z or spread > WIDEST_SPREAD:
        return None
    others = len(column.ordered) - 1
    memory = base_of(subject, "bytes", "", dimension)
    certain = distance > settings.z * (1 + FEW / others) * max(spread, LEAST_SPREAD, usual * FEW / (FEW + others))
    severity, remarks = _severity(
        case,
        dimension,
        certain,
        large=distance >= log(TIMES_FOR_WARNING) and total * 100 >= PERCENT_FOR_WARNING * memory,
    )
    scale = base if unit == "bytes" else 1.0
    value, limit = int(total / base * scale), int(expected * settings.times_median * scale)
    evidence: dict[str, Json] = {
        "similar_hosts": others,
        "median": round(expected * scale),
        "ratio": round(exp(distance), 2),
        "z": round(z, 1),
        "spread_percent": round(100 * spread, 1),
        "similar_by": list(case.cohort.shared),
    }
    cell = RULES[dimension].words_of("disproportion", unit)
    return Finding(
        dimension=dimension,
        kind="disproportion",
        severity=severity,
        status="current",
        value=value,
        limit=limit,
        unit=unit,
        expected=f"{number_text(settings.times_median)} times the median of {others:,} similar hosts",
        explanation=disproportion_sentence(
            dimension,
            unit,
            Likes(others, case.cohort.shared, expected * scale, exp(distance), 100 * spread),
            value=value,
            limit=limit,
            total=total,
            memory=memory,
            basis=basis,
            remarks=remarks,
        ),
        next_step=cell.next_step,
        command=cell.command,
        evidence=evidence,
    )


def _severity(case: _Case, dimension: str, certain: bool, *, large: bool) -> tuple[str, list[str]]:
    """Return the severity and the clauses that speak for it."""
    if dimension == "slab_reclaimable":
        return "info", ["the kernel gives it back when memory runs short, so this is information only"]
    if not certain:
        return "info", []
    mine = [one for one in case.found if one.dimension == dimension]
    growing = any(map(grows, mine))
    above = any((one.kind, one.unit) == ("limit", "bytes") and one.severity != "info" for one in mine)
    # A total is skewed by whatever part happens to be large; where none of them stands out, being large is not enough.
    if not (growing or above or (large and dimension != TOTAL)):
        return "info", []
    remarks = ["it also grows"] if growing else ["it is also above its limit"] if above else []
    ceiling = case.subject.ceiling(dimension, "disproportion")
    return ("info", [*remarks, ceiling.remark]) if ceiling.severity == "info" else ("warning", remarks)
