# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts of a run are worth a second reading: those with a finding for which nobody has read who holds the memory.

They are judged as the report will judge them, but for what compares hosts with each other. A reading of all that could
be asked would cost every host what few of them need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..causes.needed import subsets_needed, with_needed
from ..history.of_a_run import Past
from ..judging.judge import apply_own_rules, guarded
from ..judging.subject import subject_of
from ..judging.verdict import Judged
from ..model.finding import rank
from ..model.sample import Origin
from ..model.times import seconds_of
from ..policy.policy import Policy
from .build import RunInfo, answer_of, place_of, targets_of, why_not_judged
from .not_judged import NoData
from .stream import AT_ONCE

MOST_HOSTS = 200
"""So many hosts are read a second time where nobody says another number."""


@dataclass(frozen=True, slots=True)
class CloserLook:
    """The hosts to read again with the subsets to gather then, the worst first; how many more there would be."""

    subsets: Mapping[str, tuple[str, ...]]
    left_out: int


def closer_look(
    run: RunInfo,
    records: Mapping[str, Mapping[str, object]],
    policy: Policy,
    past: Past,
    asked: Mapping[str, Sequence[str]],
    most: int,
) -> CloserLook:
    """Return which hosts to read again, at most *most* of them.

    *asked* is what hosts were asked for by ``gather_subset``, where that is not the default; what it leaves out by name
    stays left out. Saved copies were read whole already.
    """
    targets, found = targets_of(run), dict[str, tuple[tuple[int, str], tuple[str, ...]]]()
    for start in range(0, len(targets), AT_ONCE):
        subjects = list(_judgeable(targets[start : start + AT_ONCE], run, records, policy))
        series = past.series_of([judged.subject.name for judged in subjects])
        for judged in subjects:
            name = judged.subject.name
            guarded(apply_own_rules, judged, series.get(name), past.store is not None)
            needed = subsets_needed(judged.findings, judged.subject.attribution)
            wanted = with_needed(asked.get(name, ()), needed) if judged.problem is None else ()
            if wanted:
                found[name] = (min(rank(one.severity) for one in judged.findings), name), wanted
    worst = sorted(found, key=lambda name: found[name][0])
    return CloserLook({name: found[name][1] for name in worst[:most]}, max(len(worst) - most, 0))


def _judgeable(
    names: Sequence[str], run: RunInfo, records: Mapping[str, Mapping[str, object]], policy: Policy
) -> Iterator[Judged]:
    now = seconds_of(run.generated_at)
    for name in names:
        record = records.get(name)
        facts = answer_of(name, record)
        if isinstance(facts, NoData) or why_not_judged(name, facts, None) is not None:
            continue
        groups, environment, _source = place_of(name, run, record, policy, [])
        subject = subject_of(name, facts, policy, environment, groups=groups, now=now, remarks=[])
        if subject.sample.origin != Origin.SAVED:
            yield Judged(subject)
