# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a judged host to its entry in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..dimensions.table import TOTAL
from ..history.store import PastFinding
from ..judging.verdict import Judged, verdict_of
from ..model.finding import Finding
from ..model.quick import changed
from ..model.times import utc_text
from ..rules.baseline import Baseline
from .entry import Details, Entry, SeenFinding
from .not_judged import no_data


def judged_entry(entry: Entry, judged: Judged, last: Sequence[PastFinding] | None, now: str) -> Entry:
    """Return *entry* with the account of the host and its verdict. *last* are the findings of its latest run before."""
    name, facts = judged.subject.name, judged.subject.facts
    if judged.problem is not None or facts is None:
        return replace(entry, no_data=no_data("unreadable", name, judged.problem))
    verdict = verdict_of(judged)
    since = {(finding.dimension, finding.kind): utc_text(finding.first_seen_at) for finding in last or ()}
    doubtful = no_data("not_sure", name, " ".join(verdict.doubts)) if verdict.verdict == "unknown" else entry.no_data
    details = Details(
        accounting=facts.account,
        unavailable=facts.unavailable,
        attribution=facts.attribution.kept(verdict.verdict),
        baseline=_baselines(judged, bool(verdict.findings)),
        trend=judged.recent,
        critical_limits=judged.critical_limits,
        ready=facts.ready,
    )
    shown = changed(
        entry,
        verdict=verdict.verdict,
        no_data=doubtful,
        profiles=verdict.profiles,
        dimensions=facts.dimensions(),
        kernel_total_bytes=facts.kernel_total_bytes,
        kernel_unreclaimable_bytes=facts.amounts[TOTAL],
        findings=tuple([_seen(finding, name, since, now) for finding in verdict.findings]),
        waived=tuple([_seen(finding, name, since, now) for finding in verdict.waived]),
        coverage=verdict.coverage,
    )
    return shown.with_details(details)


def _baselines(judged: Judged, whole: bool) -> Mapping[str, Baseline]:
    """Return the baselines that an audit keeps: those of every dimension of every healthy host would be most of it."""
    if judged.history is None:
        return {}
    baselines = judged.history.baselines
    return baselines if whole else {name: baselines[name] for name in (TOTAL,) if name in baselines}


def _seen(finding: Finding, host: str, since: Mapping[tuple[str, str], str], now: str) -> SeenFinding:
    return SeenFinding.of(finding, host, since.get(finding.key, now))
