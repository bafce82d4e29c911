# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many audits as one: of slices of a run, of sites, of runs. Verdicts stay those that were given; what is counted is
counted anew.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..model.finding import rank
from ..model.plain import Json
from ..policy.policy import Policy
from ..policy.waivers import Waived
from ..rules.kernel_difference import FleetFinding
from .audit import TOOL, Audit, JudgedBy, Merged, MergedInput, Tool
from .caches import FleetCache, Listing, top_caches
from .changes import WAYS, Change, Changes
from .consolidated import counts_of, in_order
from .entry import Entry, no_roles_of
from .groups import group_findings
from .hosts import Hosts
from .merge_hosts import missing_hosts, newest_entries, with_shared_kernels
from .summary import Decision, decide

T = TypeVar("T")

SEVERAL = "several policies"


@dataclass(frozen=True)
class Input:
    """An audit and where it came from."""

    source: str
    audit: Audit


def merge_audits(
    inputs: Sequence[Input],
    *,
    tool_version: str,
    run_id: str | None = None,
    missing: Sequence[str] = (),
    expected_slices: int | None = None,
    expected_hosts: Mapping[str, Sequence[str]] | None = None,
    policy: Policy | None = None,
) -> Audit:
    """Return one audit of all *inputs*, with every host once.

    A host that stands in several inputs is taken from the one that heard of it last. *missing* are inputs that were
    named and are not
    there, *expected_slices* is how many there must be, *expected_hosts* which hosts (with their inventory groups, by
    which the resolved
    *policy* knows their environment). What is missing makes the decision ``inconclusive`` unless it is ``fail`` anyway.
    The same inputs
    give the same audit; its time is that of the newest.
    Raises ValueError where there is no input.
    """
    if not inputs:
        raise ValueError(
            "There is no audit to merge." + (f" None of these is there: {', '.join(missing[:5])}." if missing else "")
        )
    audits = [source.audit for source in inputs]
    judged_by, notes = _policies([audit.policy for audit in audits])
    entries, origins, remarks = newest_entries(audits)
    remarks += with_shared_kernels(entries)
    remarks += missing_hosts(entries, expected_hosts or {}, policy)
    hosts = in_order(entries.values())
    decision, gaps = decide(hosts), _gaps(len(inputs), missing, expected_slices)
    return Audit(
        run_id=run_id or _run_id(audits),
        generated_at=max(audit.generated_at for audit in audits),
        started_at=min(audit.started_at for audit in audits),
        tool=Tool(TOOL, tool_version),
        policy=judged_by,
        decision=_not_whole(decision, gaps) if gaps else decision,
        counts=counts_of(hosts),
        hosts=Hosts(hosts),
        history=_only([audit.history for audit in audits]),
        changes=_changes(audits, origins),
        groups=group_findings(hosts),
        fleet_findings=_fleet_findings(audits),
        caches=tuple(_caches(hosts)),
        waivers=_waivers(audits),
        notes=tuple(dict.fromkeys([*gaps, *remarks, *notes, *(note for audit in audits for note in audit.notes)])),
        runs=_only([audit.runs for audit in audits]) or (),
        merged=Merged(_inputs(inputs, origins), tuple(missing), expected_slices, tuple(gaps)),
    )


def _caches(hosts: Sequence[Entry]) -> list[FleetCache]:
    judged = [host for host in hosts if host.verdict != "unknown"]
    listings = [
        Listing(host.as_member(), part.caches)
        for host in judged
        for part in [None if host.details.attribution is None else host.details.attribution.slab_caches]
        if part is not None
    ]
    return top_caches(listings, no_roles_of(judged))


def _inputs(inputs: Sequence[Input], origins: Mapping[str, int]) -> tuple[MergedInput, ...]:
    used = Counter(origins.values())
    return tuple(
        MergedInput(
            source.source,
            source.audit.run_id,
            source.audit.started_at,
            source.audit.generated_at,
            len(source.audit.hosts),
            used[number],
        )
        for number, source in enumerate(inputs)
    )


def _run_id(audits: Sequence[Audit]) -> str:
    ids = sorted({audit.run_id for audit in audits})
    if len(ids) == 1:
        return ids[0]
    return "merged-" + hashlib.blake2b("\n".join(ids).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _policies(policies: Sequence[JudgedBy]) -> tuple[JudgedBy, list[str]]:
    """Return the policies as one, and notes on environments that they judge differently; the first input's settings
    stand for those.
    """
    environments: dict[str, Json] = {}
    unlike: dict[str, None] = {}
    for policy in policies:
        for name, settings in policy.environments.items():
            if environments.setdefault(name, settings) != settings:
                unlike[name] = None
    names, sources = {policy.name for policy in policies}, {policy.source for policy in policies}
    merged = JudgedBy(
        name=names.pop() if len(names) == 1 else SEVERAL,
        source=sources.pop() if len(sources) == 1 else "merged",
        environments=environments,
    )
    notes = [
        f"The inputs judge {name} by different settings; each host keeps the verdict that it was given."
        for name in unlike
    ]
    return merged, notes


def _gaps(inputs: int, missing: Sequence[str], expected: int | None) -> list[str]:
    gaps = []
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        gaps.append(f"{len(missing)} {'input is' if len(missing) == 1 else 'inputs are'} not there: {shown}.")
    if expected is not None and inputs + len(missing) < expected:
        lost = expected - inputs - len(missing)
        gaps.append(
            f"{lost} of {expected} expected slices {'is' if lost == 1 else 'are'} missing, with all hosts of "
            f"{'it' if lost == 1 else 'them'}."
        )
    if expected is not None and inputs > expected:
        gaps.append(f"There are {inputs} inputs and {expected} were expected, so one may be of another run.")
    return gaps


def _not_whole(decision: Decision, gaps: Sequence[str]) -> Decision:
    """Hosts that nobody knows of can't be counted, so what is missing is no pass."""
    if decision.decision in ("pass", "hold"):
        sentence = "A part of the audit is missing"
        return Decision("inconclusive", sentence, (*gaps, *decision.reasons))
    return replace(decision, reasons=(*decision.reasons, *gaps))


def _only(values: Iterable[T]) -> T | None:
    """Return what all inputs say alike, else None."""
    first, *rest = values
    return first if all(value == first for value in rest) else None


def _changes(audits: Sequence[Audit], origins: Mapping[str, int]) -> Changes | None:
    """Return the changes of each host as the input has them that the host is taken from."""
    found: dict[str, list[Change]] = {way: [] for way in WAYS}
    times, ongoing, known = [], 0, False
    silent, back = list[str](), list[str]()
    for number, audit in enumerate(audits):
        if audit.changes is not None:
            known, ongoing = True, ongoing + audit.changes.ongoing
            times.append(audit.changes.previous_run_at)
            silent += [name for name in audit.changes.silent if origins.get(name) == number]
            back += [name for name in audit.changes.back if origins.get(name) == number]
            for way, listed in found.items():
                listed += [change for change in audit.changes.of(way) if origins.get(change.name) == number]
    if not known:
        return None
    return Changes.in_order(max(filter(None, times), default=None), found, ongoing, sorted(silent), sorted(back))


def _fleet_findings(audits: Sequence[Audit]) -> tuple[FleetFinding, ...]:
    """Return the leaks that single inputs show; of one that several show, what is said of most hosts."""
    found: dict[tuple[str, str, str], FleetFinding] = {}
    for audit in audits:
        for leak in audit.fleet_findings:
            key = (leak.kind, leak.dimension, leak.of)
            if key not in found or leak.hosts > found[key].hosts:
                found[key] = leak
    ordered = sorted(found.values(), key=lambda leak: (rank(leak.severity), -leak.hosts, leak.of, leak.dimension))
    return tuple(ordered)


def _waivers(audits: Sequence[Audit]) -> tuple[Waived, ...]:
    merged: dict[Waived, Waived] = {}
    for audit in audits:
        for waiver in audit.waivers:
            key = replace(waiver, used=0, expired=False)
            known = merged.get(key, key)
            merged[key] = replace(known, used=known.used + waiver.used, expired=known.expired or waiver.expired)
    return tuple(merged.values())
