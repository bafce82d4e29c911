# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: everything that a run found out, as one plain object that every output is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..facts.facts import checked_facts
from ..history.of_a_run import Past
from ..judging import judge as _judging
from ..judging.judge import FleetJudgement
from ..model.sample import Sample, Series, sample_of
from ..model.subject import Subject
from ..model.times import seconds_of
from ..policy import resolve as _policy
from ..policy.profiles import settings_for
from ..policy.waivers import summaries, waiver_notes
from .caches import top_caches
from .changes import changes
from .consolidated import counts_of, in_order
from .groups import group_findings
from .host import empty_entry, fill, show_host
from .kernels import shared_kernels
from .not_judged import no_data, outcome_of
from .summary import decide

SCHEMA = "fleetaudit.kernel_memory.audit/1"
TOOL = "fleetaudit.kernel_memory"

JudgeFleet = Callable[[Sequence[Subject], Iterable[Series] | None, Sequence[Mapping[str, Any]], date], FleetJudgement]
EnvironmentOf = Callable[[Mapping[str, Any], Sequence[str], str | None], tuple[str, str]]


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
    past: Past | None = None,
    notes: Iterable[str] = (),
    samples: list[Sample] | None = None,
    judge: JudgeFleet = _judging.judge_fleet,
    environment_of: EnvironmentOf = _policy.environment_of,
) -> dict[str, Any]:
    """Return the audit of *run*: every target exactly once, with its verdict or with why it has none.

    *records* are the spool's records by host, *policy* is a resolved policy, *past* what the history knows of the
    hosts, *notes* are sentences on what was left out before; *samples* gets the samples of the judged hosts, for the
    history. A record that is not what the collector writes makes its host one without data; it never raises. A host
    that names an environment that the policy does not have is judged without that name, and a note says so. Raises
    ValueError where the run has no hosts.
    """
    targets = sorted(set(run.targets))
    if not targets:
        raise ValueError("The run has no hosts: check the inventory, the hosts pattern and --limit.")
    past = past or Past()
    remarks = [*notes, *_ignored(targets, records)]
    entries, subjects = _entries(targets, run, records, policy, environment_of, remarks)
    fleet = judge(subjects, past.series, policy.get("waivers") or (), _day(run.generated_at))
    for name, judged in fleet.hosts.items():
        fill(entries[name], judged, past.last.get(name), run.generated_at)
    if samples is not None:
        samples += [subject.sample for subject in subjects]
    hosts = in_order(entries.values())
    sound = [judged for judged in fleet.hosts.values() if judged.problem is None]
    waivers = summaries(policy.get("waivers") or (), [judged.waivers for judged in sound], _day(run.generated_at))
    return {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "generated_at": run.generated_at,
        "started_at": run.started_at,
        "tool": {"name": TOOL, "version": run.tool_version},
        "policy": {
            "name": str(policy.get("name") or "default"),
            "source": run.policy_source,
            "environments": dict(policy["environments"]),
        },
        "decision": decide(hosts),
        "counts": counts_of(hosts),
        "history": past.summary(),
        "changes": changes(hosts, past.last, past.previous_run_at) if past.state == "ready" else None,
        "groups": group_findings(hosts),
        "fleet_findings": fleet.fleet_findings,
        "caches": top_caches([_with_caches(judged.subject) for judged in sound]),
        "waivers": waivers,
        "hosts": hosts,
        "notes": [*remarks, *fleet.notes, *waiver_notes(waivers)],
    }


def _with_caches(subject: Subject) -> dict[str, Any]:
    """A host with its slab caches, which the entries of healthy hosts do not keep."""
    return {**subject.facts, "name": subject.name, "environment": subject.environment, "groups": subject.groups}


def _entries(
    targets: Sequence[str],
    run: RunInfo,
    records: Mapping[str, Mapping[str, Any]],
    policy: Mapping[str, Any],
    environment_of: EnvironmentOf,
    remarks: list[str],
) -> tuple[dict[str, dict[str, Any]], list[Subject]]:
    """Return the entry of each target, and those that can be judged as subjects."""
    answers = {name: _answer(name, records.get(name)) for name in targets}
    facts = {name: answer["facts"] for name, answer in answers.items() if "facts" in answer}
    judged_as = shared_kernels(facts)
    entries, subjects, now = {}, [], seconds_of(run.generated_at)
    for name in targets:
        groups, override = _place(name, run, records.get(name))
        try:
            environment, source = environment_of(policy, groups, override)
        except ValueError as exc:
            # One mistyped variable must not cost the report of a whole fleet.
            environment, source = environment_of(policy, groups, None)
            remarks.append(f"{name} is judged as {environment}, since its own environment can't be used: {exc}")
        entry = entries[name] = empty_entry(name, environment, source, groups)
        if name not in facts:
            entry["no_data"] = answers[name]
            continue
        show_host(entry, facts[name])
        entry["no_data"] = _not_judged(name, facts[name], judged_as.get(name))
        if entry["no_data"] is None:
            settings, profiles = _settings(policy, environment, facts[name], name, groups, remarks)
            sample = sample_of(name, facts[name], now)
            subjects.append(Subject(name, facts[name], sample, environment, settings, tuple(groups), profiles))
    return entries, subjects


def _not_judged(name: str, facts: Mapping[str, Any], judged_as: str | None) -> dict[str, Any] | None:
    """Return why a host that answered is not judged, or None. Its numbers would be counted twice by whoever adds
    them up.
    """
    if judged_as is not None:
        return no_data("shared_kernel", name, f"both are one boot of one kernel, which is judged as {judged_as}.")
    if not facts["platform"]["auditable"]:
        return no_data("not_auditable", name, facts["platform"]["reason"])
    return None


def _settings(
    policy: Mapping[str, Any],
    environment: str,
    facts: Mapping[str, Any],
    name: str,
    groups: Sequence[str],
    remarks: list[str],
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    try:
        return settings_for(policy, environment, facts, name, groups)
    except ValueError as exc:
        remarks.append(f"{name} is judged without profiles: {exc}")
        return policy["environments"][environment], ()


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
    """Return the inventory groups of a host and the environment that its variables name. The run knows better than a
    record.
    """
    noted: Mapping[str, Any] = record if isinstance(record, Mapping) and record.get("host") == name else {}
    groups = run.groups.get(name)
    if groups is None:
        noted_groups = noted.get("groups")
        groups = [group for group in noted_groups if isinstance(group, str)] if isinstance(noted_groups, list) else []
    override = run.environments[name] if name in run.environments else noted.get("environment")
    return groups, override if isinstance(override, str) and override else None


def _ignored(targets: Sequence[str], records: Mapping[str, Any]) -> list[str]:
    others = len(set(records) - set(targets))
    if not others:
        return []
    what = "1 record is of a host that is" if others == 1 else f"{others:,} records are of hosts that are"
    return [f"{what} no target of this run, and left out."]


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
