# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step that a fleet shares: where a fifth of a role rises between the same two audits, that is one event, as a
release is, and not as many as there are hosts.

It is told once: by a note on the fleet, and by a warning on the host that rose most, which stands for the others. So it
is never silent, and the others' findings stay, as information.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..dimensions.table import RULES
from ..model.finding import Finding
from ..model.subject import Subject
from ..model.times import HOUR, minute_text, seconds_of
from ..text.safe import one_line
from ..text.units import human_bytes
from .in_common import FEWEST_HOSTS
from .robust_statistics import median_of
from .similar_hosts import subject_roles

LEAST_SHARE = 0.2
"""This share of the judged hosts of a role has to rise."""
WITHIN = HOUR
"""The samples before the step are no further apart: they are of one audit."""


@dataclass(frozen=True, slots=True)
class Step:
    """The sudden rise of one host: when it was last seen before, and by how much it rose."""

    after: int
    subject: Subject
    more: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class ToldOnce:
    """The findings of the hosts that have changed ones, by name, and the notes on the fleet."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def tell_once(subjects: Sequence[Subject], found: Mapping[str, Sequence[Finding]]) -> ToldOnce:
    """Make information of the sudden rises that the hosts of a role share, but for that of the host that rose most.
    *found* are the findings of each host by its name.

    A host that is short of memory keeps its warning, and so does one that was booted in between: what a kernel changes
    is told by the host.
    """
    steps = [
        _step(subject, one)
        for subject in subjects
        for one in found.get(subject.name, ())
        if one.kind == "spike" and one.evidence.get("basis") == "segment"
    ]
    answer = ToldOnce()
    # Most runs end here.
    if len(steps) < FEWEST_HOSTS:
        return answer
    roles = subject_roles(subjects)
    there = Counter(roles.values())
    by_cell: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        role = roles[step.subject.name]
        if role is not None:
            by_cell.setdefault((role, step.finding.dimension), []).append(step)
    for (role, _dimension), members in sorted(by_cell.items()):
        for shared in _at_once(members, max(FEWEST_HOSTS, LEAST_SHARE * there[role])):
            _tell(shared, role, there[role], found, answer)
    return answer


def _tell(
    shared: Sequence[Step], role: str, there: int, found: Mapping[str, Sequence[Finding]], answer: ToldOnce
) -> None:
    """Tell a step that the hosts of a role share, where more than one has a warning of it."""
    told = [step for step in shared if step.finding.severity == "warning"]
    if len(told) < 2:
        return
    most = max(told, key=lambda step: (step.more, step.subject.name))
    name, words = one_line(most.subject.name), _words(shared, most, role, there)
    answer.notes.append(f"{words} {name} rose most and stands for them.")
    for step in told:
        if step is most:
            changed = step.finding.replaced(sentence=f"{words} This host rose most and stands for them.")
        elif step.subject.is_short_of_memory:
            continue
        else:
            sentence = f"{words} {name} rose most and stands for them, so here it is information."
            changed = step.finding.replaced(severity="info", sentence=sentence)
        host = step.subject.name
        answer.findings[host] = [
            changed if one is step.finding else one for one in answer.findings.get(host, found[host])
        ]


def _step(subject: Subject, finding: Finding) -> Step:
    evidence = finding.evidence
    after, median = evidence["since"], evidence["median_bytes"]
    if not isinstance(after, str) or not isinstance(median, int):
        raise TypeError("The evidence of a sudden rise has a time and a median.")
    return Step(seconds_of(after), subject, int(finding.value) - median, finding)


def _at_once(members: Sequence[Step], fewest: float) -> Iterator[list[Step]]:
    """Yield the steps after samples of one audit, where there are enough of them, the most first: a release that takes
    days is one step a day.
    """
    ordered = sorted(members, key=lambda one: (one.after, one.subject.name))
    while len(ordered) >= fewest:
        times = [one.after for one in ordered]
        ends = [bisect_right(times, time + WITHIN) for time in times]
        first = max(range(len(ordered)), key=lambda place: (ends[place] - place, -place))
        shared = ordered[first : ends[first]]
        if len(shared) < fewest:
            return
        yield shared
        ordered = ordered[:first] + ordered[ends[first] :]


def _words(shared: Sequence[Step], most: Step, role: str, there: int) -> str:
    what = RULES[most.finding.dimension].words_of("spike").subject
    middle = human_bytes(round(median_of(sorted([one.more for one in shared]))))
    return (
        f"{what} rose on {len(shared)} of the {there} hosts of role {one_line(role, 60)} after their samples of "
        f"{minute_text(most.after)}, by {middle} in the middle: a change that they share, as a release is."
    )
