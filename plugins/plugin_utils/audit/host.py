# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's entry in the audit: what it is, what it showed, its verdict; or why it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..facts.attribution import of_verdict
from ..history.store import PastFinding
from ..judging.judge import Judged, verdict_of
from ..model.dimensions import TOTAL
from ..model.finding import FINDING_FIELDS
from ..model.times import utc_text
from .not_judged import no_data

_OF_THE_HOST = ("host", "platform", "collected_at", "duration_ms", "transport")
_OF_THE_ACCOUNT = ("dimensions", "kernel_total_bytes", "kernel_unreclaimable_bytes", "accounting", "unavailable")


def empty_entry(name: str, environment: str, source: str, groups: Sequence[str]) -> dict[str, Any]:
    """Return the entry of a host of which nothing is known yet."""
    return {
        "name": name,
        "environment": environment,
        "environment_source": source,
        "groups": list(groups),
        "profiles": [],
        "verdict": "unknown",
        "no_data": None,
        "host": None,
        "platform": None,
        "dimensions": None,
        "kernel_total_bytes": None,
        "kernel_unreclaimable_bytes": None,
        "accounting": None,
        "unavailable": {},
        "attribution": None,
        "findings": [],
        "waived": [],
        "coverage": None,
        "baseline": {},
        "trend": None,
        "collected_at": None,
        "duration_ms": None,
        "transport": None,
    }


def show_host(entry: dict[str, Any], facts: Mapping[str, Any]) -> None:
    """Put what the host said of itself into *entry*."""
    entry.update({name: facts[name] for name in _OF_THE_HOST})


def fill(entry: dict[str, Any], judged: Judged, last: Sequence[PastFinding] | None, now: str) -> None:
    """Put the account of a host and its verdict into *entry*. *last* are the findings of its latest run before."""
    if judged.problem is not None:
        entry["no_data"] = no_data("unreadable", entry["name"], judged.problem)
        return
    facts, verdict = judged.subject.facts, verdict_of(judged)
    entry.update({name: facts[name] for name in _OF_THE_ACCOUNT})
    since = {(finding.dimension, finding.kind): utc_text(finding.first_seen_at) for finding in last or ()}
    entry.update(
        verdict=verdict["verdict"],
        profiles=verdict["profiles"],
        coverage=verdict["coverage"],
        findings=[_shown(finding, since, now) for finding in verdict["findings"]],
        waived=[_shown(finding, since, now) for finding in verdict["waived"]],
        attribution=of_verdict(facts["attribution"], verdict["verdict"]),
        trend=judged.trend,
    )
    if judged.history is not None:
        baselines = judged.history.baselines
        # Baselines of every dimension of every healthy host would be most of a large fleet's audit.json.
        entry["baseline"] = (
            dict(baselines) if entry["findings"] else {name: baselines[name] for name in (TOTAL,) if name in baselines}
        )
    if verdict["verdict"] == "unknown":
        entry["no_data"] = no_data(
            "not_auditable", entry["name"], "no dimension could be judged, since each counter is missing."
        )


def _shown(finding: Mapping[str, Any], since: Mapping[tuple[str, str], str], now: str) -> dict[str, Any]:
    key = (finding["dimension"], finding["kind"])
    return {**{name: finding.get(name) for name in FINDING_FIELDS}, "first_seen_at": since.get(key, now)}
