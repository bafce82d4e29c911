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
from dataclasses import dataclass
from typing import Any

from ..facts.attribution import attribution_of
from ..model.finding import SEVERITIES
from ..model.plain import plain
from ..policy.policy import Policy
from .caches import FleetCache, Listing, top_caches
from .consolidated import counts_of, in_order
from .groups import group_findings
from .host import member_of_entry, no_roles_of
from .merge_hosts import missing_hosts, newest_entries, with_shared_kernels
from .summary import decide

SEVERAL = "several policies"
CHANGES = ("new", "worse", "better", "resolved")


@dataclass(frozen=True)
class Input:
    """An audit and where it came from. *audit* has every key (see ``checked_audit``)."""

    source: str
    audit: Mapping[str, Any]


def merge_audits(
    inputs: Sequence[Input],
    *,
    tool_version: str,
    run_id: str | None = None,
    missing: Sequence[str] = (),
    expected_slices: int | None = None,
    expected_hosts: Mapping[str, Sequence[str]] | None = None,
    policy: Policy | None = None,
) -> dict[str, Any]:
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
    judged_by, notes = _policies([source.audit["policy"] for source in inputs])
    entries, origins, remarks = newest_entries([source.audit for source in inputs])
    remarks += with_shared_kernels(entries)
    remarks += missing_hosts(entries, expected_hosts or {}, policy)
    hosts = in_order(entries.values())
    decision, gaps = decide(hosts), _gaps(len(inputs), missing, expected_slices)
    audits = [source.audit for source in inputs]
    return {
        "schema": audits[0]["schema"],
        "run_id": run_id or _run_id(audits),
        "generated_at": max(audit["generated_at"] for audit in audits),
        "started_at": min(audit["started_at"] for audit in audits),
        "tool": {"name": audits[0]["tool"]["name"], "version": tool_version},
        "policy": judged_by,
        "decision": _not_whole(decision, gaps) if gaps else decision,
        "counts": counts_of(hosts),
        "history": _only([audit["history"] for audit in audits]),
        "changes": _changes(audits, origins),
        "groups": group_findings(hosts),
        "fleet_findings": _fleet_findings(audits),
        "caches": plain(_caches(hosts)),
        "waivers": _waivers(audits),
        "hosts": hosts,
        "notes": list(dict.fromkeys([*gaps, *remarks, *notes, *(note for audit in audits for note in audit["notes"])])),
        "merged": {
            "inputs": _inputs(inputs, origins),
            "missing": list(missing),
            "expected_slices": expected_slices,
            "gaps": gaps,
        },
    }


def _caches(hosts: Sequence[Mapping[str, Any]]) -> list[FleetCache]:
    judged = [host for host in hosts if host["verdict"] != "unknown"]
    listings = [
        Listing(member_of_entry(host), part.caches)
        for host in judged
        for part in [attribution_of(host["attribution"]).slab_caches]
        if part is not None
    ]
    return top_caches(listings, no_roles_of(judged))


def _inputs(inputs: Sequence[Input], origins: Mapping[str, int]) -> list[dict[str, Any]]:
    used = Counter(origins.values())
    return [
        {
            "source": source.source,
            **{field: source.audit[field] for field in ("run_id", "started_at", "generated_at")},
            "hosts": len(source.audit["hosts"]),
            "used": used[number],
        }
        for number, source in enumerate(inputs)
    ]


def _run_id(audits: Sequence[Mapping[str, Any]]) -> str:
    ids = sorted({audit["run_id"] for audit in audits})
    if len(ids) == 1:
        return str(ids[0])
    return "merged-" + hashlib.blake2b("\n".join(ids).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _policies(policies: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Return the policies as one, and notes on environments that they judge differently; the first input's settings
    stand for those.
    """
    environments: dict[str, Any] = {}
    unlike: dict[str, None] = {}
    for policy in policies:
        for name, settings in policy["environments"].items():
            if environments.setdefault(name, settings) != settings:
                unlike[name] = None
    names, sources = {policy["name"] for policy in policies}, {policy["source"] for policy in policies}
    merged = {
        "name": names.pop() if len(names) == 1 else SEVERAL,
        "source": sources.pop() if len(sources) == 1 else "merged",
        "environments": environments,
    }
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


def _not_whole(decision: dict[str, Any], gaps: list[str]) -> dict[str, Any]:
    """Hosts that nobody knows of can't be counted, so what is missing is no pass."""
    if decision["decision"] in ("pass", "hold"):
        return {
            "decision": "inconclusive",
            "sentence": "Not known: a part of the audit is missing",
            "reasons": [*gaps, *decision["reasons"]],
        }
    return {**decision, "reasons": [*decision["reasons"], *gaps]}


def _only(values: Iterable[Any]) -> Any:
    """Return what all inputs say alike, else None."""
    first, *rest = values
    return first if all(value == first for value in rest) else None


def _changes(audits: Sequence[Mapping[str, Any]], origins: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the changes of each host as the input has them that the host is taken from."""
    known = [(number, audit["changes"]) for number, audit in enumerate(audits) if audit["changes"]]
    if not known:
        return None
    merged: dict[str, Any] = {name: [] for name in CHANGES}
    for number, changes in known:
        for name in CHANGES:
            merged[name].extend(change for change in changes[name] if origins.get(change["name"]) == number)
    for name in CHANGES:
        merged[name].sort(
            key=lambda change: (
                SEVERITIES.index(change["severity"]),
                change["name"],
                change["dimension"],
                change["kind"],
            )
        )
    times = [changes["previous_run_at"] for _unused, changes in known if changes["previous_run_at"]]
    return {
        "previous_run_at": max(times, default=None),
        **merged,
        "ongoing": sum(changes["ongoing"] for _unused, changes in known),
    }


def _fleet_findings(audits: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the leaks that single inputs show; of one that several show, what is said of most hosts."""
    found: dict[tuple[str, str, str], Any] = {}
    for audit in audits:
        for leak in audit["fleet_findings"]:
            key = (leak["kind"], leak["dimension"], leak["kernel"])
            if key not in found or leak["hosts"] > found[key]["hosts"]:
                found[key] = leak
    return sorted(
        found.values(),
        key=lambda leak: (SEVERITIES.index(leak["severity"]), -leak["hosts"], leak["kernel"], leak["dimension"]),
    )


def _waivers(audits: Sequence[Mapping[str, Any]]) -> list[Any]:
    merged: dict[str, dict[str, Any]] = {}
    for audit in audits:
        for waiver in audit["waivers"]:
            key = repr(sorted((name, value) for name, value in waiver.items() if name not in ("used", "expired")))
            if key in merged:
                merged[key]["used"] += waiver["used"]
                merged[key]["expired"] = merged[key]["expired"] or waiver["expired"]
            else:
                merged[key] = dict(waiver)
    return list(merged.values())
