# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: everything that a run found out, as one plain object that every output is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _classify, _policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._checked_attribution import of_verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._checked_facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._decision import decide
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._groups import group_findings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._kernels import shared_kernels
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._no_data import no_data, outcome_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._words import VERDICTS

SCHEMA = "fleetaudit.kernel_memory.audit/1"
TOOL = "fleetaudit.kernel_memory"
FINDING_FIELDS = (
    "dimension", "kind", "severity", "status", "value", "limit", "unit", "expected", "explanation", "next_step", "command",
)

Classify = Callable[[Mapping[str, Any], Mapping[str, Any], str], Mapping[str, Any]]
EnvironmentOf = Callable[[Mapping[str, Any], Sequence[str], "str | None"], "tuple[str, str]"]


@dataclass(frozen=True)
class RunInfo:
    """What the controller knows of a run before any host has answered. Times are UTC, ISO 8601."""

    run_id: str
    started_at: str
    generated_at: str
    tool_version: str
    targets: tuple[str, ...]
    groups: Mapping[str, Sequence[str]]
    environments: Mapping[str, str | None]
    policy_source: str = "default"


def build_audit(
    run: RunInfo,
    records: Mapping[str, Mapping[str, Any]],
    policy: Mapping[str, Any],
    *,
    notes: Iterable[str] = (),
    classify: Classify = _classify.classify,
    environment_of: EnvironmentOf = _policy.environment_of,
) -> dict[str, Any]:
    """Return the audit of *run*: every target exactly once, with its verdict or with why it has none.

    *records* are the spool's records by host, *policy* is a resolved policy, *notes* are sentences on what was left out
    before. A record that is not what the collector writes makes its host one without data; it never raises.
    A host that names an environment that the policy does not have is judged without that name, and a note says so.
    Raises ValueError where the run has no hosts.
    """
    targets = sorted(set(run.targets))
    if not targets:
        raise ValueError("The run has no hosts: check the inventory, the hosts pattern and --limit.")
    answers: dict[str, dict[str, Any]] = {}
    reasons: dict[str, dict[str, Any]] = {}
    for name in targets:
        answer = _answer(name, records.get(name))
        if "facts" in answer:
            answers[name] = answer["facts"]
        else:
            reasons[name] = answer
    judged_as = shared_kernels(answers)
    hosts, remarks = [], [*notes, *_ignored(targets, records)]
    for name in targets:
        groups, override = _place(name, run, records.get(name))
        try:
            environment, source = environment_of(policy, groups, override)
        except ValueError as exc:
            # One mistyped variable must not cost the report of a whole fleet.
            environment, source = environment_of(policy, groups, None)
            remarks.append(f"{name} is judged as {environment}, since its own environment can't be used: {exc}")
        entry = _without_data(name, environment, source)
        if name in reasons:
            entry["no_data"] = reasons[name]
        else:
            _fill(entry, answers[name], policy, classify, judged_as.get(name))
        hosts.append(entry)
    hosts.sort(key=lambda host: (VERDICTS.index(host["verdict"]), -_worst_share(host), host["name"]))
    return {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "generated_at": run.generated_at,
        "started_at": run.started_at,
        "tool": {"name": TOOL, "version": run.tool_version},
        "policy": {
            "name": str(policy.get("name") or "default"), "source": run.policy_source, "environments": dict(policy["environments"]),
        },
        "decision": decide(hosts),
        "counts": {"all": _counts(hosts), "by_environment": _counts_by_environment(hosts)},
        "groups": group_findings(hosts),
        "hosts": hosts,
        "notes": remarks,
    }


def _answer(name: str, record: object) -> dict[str, Any]:
    """Return ``{"facts": …}`` with the checked facts of a record, or why there are none."""
    if record is None:
        return no_data("not_run", name)
    if not isinstance(record, Mapping):
        return no_data("unreadable", name, "its record is not a mapping.")
    if record.get("host") != name:
        return no_data("unreadable", name, "its record is of another host.")
    outcome, message = outcome_of(record)
    if outcome != "facts":
        return no_data(outcome, name, message)
    try:
        checked = checked_facts(record.get("facts"))
    except ValueError as exc:
        return no_data("unreadable", name, str(exc))
    return {"facts": checked}


def _place(name: str, run: RunInfo, record: object) -> tuple[Sequence[str], str | None]:
    """Return the inventory groups of a host and the environment that its variables name. The run knows better than a record."""
    noted: Mapping[str, Any] = record if isinstance(record, Mapping) and record.get("host") == name else {}
    groups = run.groups.get(name)
    if groups is None:
        noted_groups = noted.get("groups")
        groups = [group for group in noted_groups if isinstance(group, str)] if isinstance(noted_groups, list) else []
    override = run.environments[name] if name in run.environments else noted.get("environment")
    return groups, override if isinstance(override, str) and override else None


def _without_data(name: str, environment: str, source: str) -> dict[str, Any]:
    return {
        "name": name, "environment": environment, "environment_source": source, "verdict": "unknown", "no_data": None,
        "host": None, "platform": None, "dimensions": None, "kernel_total_bytes": None, "kernel_unreclaimable_bytes": None,
        "accounting": None, "unavailable": {}, "attribution": None, "findings": [], "coverage": None, "baseline": {},
        "collected_at": None, "duration_ms": None, "transport": None,
    }


def _fill(
    entry: dict[str, Any], checked: Mapping[str, Any], policy: Mapping[str, Any], classify: Classify, judged_as: str | None,
) -> None:
    """Put what the host showed, and its verdict, into *entry*."""
    name = entry["name"]
    entry.update({field: checked[field] for field in ("host", "platform", "collected_at", "duration_ms", "transport")})
    if judged_as is not None:
        # Its numbers are those of the other name; a second copy would be counted twice by whoever adds them up.
        entry["no_data"] = no_data("shared_kernel", name, f"both are one boot of one kernel, which is judged as {judged_as}.")
        return
    if not checked["platform"]["auditable"]:
        entry["no_data"] = no_data("not_auditable", name, checked["platform"]["reason"])
        return
    try:
        judgement = classify(checked, policy, entry["environment"])
        findings = [{field: finding[field] for field in FINDING_FIELDS} for finding in judgement["findings"]]
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as exc:
        entry["no_data"] = no_data("unreadable", name, f"judging it failed with {type(exc).__name__}: {exc}")
        return
    entry.update({
        field: checked[field]
        for field in ("dimensions", "kernel_total_bytes", "kernel_unreclaimable_bytes", "accounting", "unavailable")
    })
    entry.update(verdict=judgement["verdict"], findings=findings, coverage=judgement["coverage"])
    entry["attribution"] = of_verdict(checked["attribution"], entry["verdict"])
    if entry["verdict"] == "unknown":
        entry["no_data"] = no_data("not_auditable", name, "no dimension could be judged, since each counter is missing.")


def _worst_share(host: Mapping[str, Any]) -> float:
    """Return the largest share of its limit that a finding has reached (1.5 = half above it); 0 without findings."""
    shares = [
        finding["value"] / finding["limit"]
        for finding in host["findings"]
        if finding["severity"] == host["verdict"] and finding["limit"] and finding["value"] is not None
    ]
    return max(shares, default=0.0)


def _counts(hosts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts = dict.fromkeys(("ok", "warning", "critical", "unknown", "total"), 0)
    for host in hosts:
        counts[host["verdict"]] += 1
        counts["total"] += 1
    return counts


def _counts_by_environment(hosts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    by_environment: dict[str, list[Mapping[str, Any]]] = {}
    for host in hosts:
        by_environment.setdefault(host["environment"], []).append(host)
    return {environment: _counts(by_environment[environment]) for environment in sorted(by_environment)}


def _ignored(targets: Sequence[str], records: Mapping[str, Any]) -> list[str]:
    others = len(set(records) - set(targets))
    if not others:
        return []
    what = "1 record is of a host that is" if others == 1 else f"{others:,} records are of hosts that are"
    return [f"{what} no target of this run, and left out."]
