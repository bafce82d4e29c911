# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's entry in the audit: what it is, what it showed, its verdict; or why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..dimensions.table import TOTAL
from ..history.store import PastFinding
from ..judging.verdict import Judged, verdict_of
from ..model.facts import Facts
from ..model.finding import Finding
from ..model.plain import Json, plain
from ..model.times import utc_text
from ..rules.in_common import Member, Traits, traits_of
from .not_judged import no_data


def empty_entry(name: str, environment: str, source: str, groups: Sequence[str]) -> dict[str, Json]:
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


def show_host(entry: dict[str, Json], facts: Facts) -> None:
    """Put what the host said of itself into *entry*."""
    entry.update(
        host=facts.machine.as_plain(),
        platform=facts.platform.as_plain(),
        collected_at=facts.collected_at,
        duration_ms=facts.duration_ms,
        transport=facts.transport,
    )


def fill(entry: dict[str, Json], judged: Judged, last: Sequence[PastFinding] | None, now: str) -> None:
    """Put the account of a host and its verdict into *entry*. *last* are the findings of its latest run before."""
    name, facts = judged.subject.name, judged.subject.facts
    if judged.problem is not None or facts is None:
        entry["no_data"] = plain(no_data("unreadable", name, judged.problem))
        return
    verdict = verdict_of(judged)
    since = {(finding.dimension, finding.kind): utc_text(finding.first_seen_at) for finding in last or ()}
    entry.update(
        dimensions=plain(facts.dimensions()),
        kernel_total_bytes=facts.kernel_total_bytes,
        kernel_unreclaimable_bytes=facts.amounts[TOTAL],
        accounting=facts.account.as_plain(),
        unavailable=plain(facts.unavailable),
        verdict=verdict.verdict,
        profiles=list(verdict.profiles),
        coverage=verdict.coverage.as_plain(),
        findings=[_shown(finding, since, now) for finding in verdict.findings],
        waived=[_shown(finding, since, now) for finding in verdict.waived],
        attribution=facts.attribution.kept(verdict.verdict),
        trend=plain(judged.recent),
    )
    if judged.history is not None:
        baselines = judged.history.baselines
        # Baselines of every dimension of every healthy host would be most of a large fleet's audit.json.
        kept = baselines if verdict.findings else {name: one for name, one in baselines.items() if name == TOTAL}
        entry["baseline"] = plain(kept)
    if verdict.verdict == "unknown":
        entry["no_data"] = plain(
            no_data("not_auditable", name, "no dimension could be judged, since each counter is missing.")
        )


def member_of_entry(entry: Mapping[str, Any]) -> Member:
    """Return a host as it stands in an audit as one of a fleet."""
    machine, platform = entry.get("host") or {}, entry.get("platform") or {}
    return Member(
        entry["name"],
        tuple(entry.get("groups") or ()),
        entry.get("environment"),
        machine.get("kernel_release"),
        machine.get("architecture"),
        platform.get("kind"),
        machine.get("memory_total_bytes"),
        machine.get("cpus_possible"),
        machine.get("kernel_command_line"),
    )


def traits_of_entries(hosts: Iterable[Mapping[str, Any]]) -> Traits:
    """Return the traits of the hosts of an audit that were judged."""
    judged = [host for host in hosts if host.get("verdict") != "unknown"]
    return traits_of([member_of_entry(host) for host in judged], no_roles_of(judged))


def no_roles_of(hosts: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the groups that chose an environment for hosts of an audit, and the names of the environments."""
    named = {str(host["environment"]) for host in hosts if host.get("environment")}
    return named | {str(host.get("environment_source") or "").partition("group ")[2] for host in hosts}


def _shown(finding: Finding, since: Mapping[tuple[str, str], str], now: str) -> dict[str, Json]:
    return {**finding.as_plain(), "first_seen_at": since.get(finding.key, now)}
