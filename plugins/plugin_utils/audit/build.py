# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an audit of what the hosts of a run answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..facts.facts import checked_facts
from ..history.of_a_run import Past
from ..judging.explained import OwnersOf
from ..judging.judge import FleetJudgement, judge_fleet
from ..judging.subject import subject_of
from ..model.facts import Facts
from ..model.kernel import shared_kernels
from ..model.plain import plain
from ..model.sample import Sample, Series
from ..model.subject import Subject
from ..model.times import seconds_of
from ..policy.policy import Policy
from ..policy.waivers import Waiver, summaries, waiver_notes
from ..rules.similar_hosts import environment_groups
from ..run.checked_line import ToldFacts
from ..run.spool import KeptFacts
from .audit import TOOL, Audit, JudgedBy, Tool
from .caches import FleetCache, listings_of, top_caches
from .changes import answering, changes
from .consolidated import counts_of, in_order
from .entry import Entry
from .fleet_runs import fleet_runs
from .groups import group_findings
from .host import judged_entry
from .hosts import Hosts
from .not_judged import NoData, no_data, outcome_of
from .summary import decide

JudgeFleet = Callable[[Sequence[Subject], Iterable[Series] | None, Sequence[Waiver], date, OwnersOf], FleetJudgement]


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


def build_audit(
    run: RunInfo,
    records: Mapping[str, Mapping[str, object]],
    policy: Policy,
    *,
    past: Past | None = None,
    notes: Iterable[str] = (),
    samples: list[Sample] | None = None,
    judge: JudgeFleet = judge_fleet,
) -> Audit:
    """Return the audit of *run*: every target exactly once, with its verdict or with why it has none.

    *records* are the spool's records by host, *policy* is a resolved policy, *past* what the history knows of the
    hosts, *notes* are sentences on what was left out before; *samples* gets the samples of the judged hosts, for the
    history. A record that is not what the collector writes makes its host one without data; it never raises. A host
    that names an environment that the policy does not have is judged without that name, and a note says so. Raises
    ValueError where the run has no hosts.
    """
    targets = targets_of(run)
    past = past or Past()
    remarks = [*notes, *ignored(targets, records)]
    entries, subjects = _entries(targets, run, records, policy, remarks)
    fleet = judge(subjects, past.series, policy.waivers, day_of(run.generated_at), past.owners_of)
    for name, judged in fleet.hosts.items():
        entries[name] = judged_entry(entries[name], judged, past.last.get(name), run.generated_at)
    if samples is not None:
        samples += [subject.sample for subject in subjects]
    hosts = in_order(entries.values())
    counts = counts_of(hosts)
    sound = [judged for judged in fleet.hosts.values() if judged.problem is None]
    waivers = summaries(policy.waivers, [judged.waivers for judged in sound], day_of(run.generated_at))
    return Audit(
        run_id=run.run_id,
        generated_at=run.generated_at,
        started_at=run.started_at,
        tool=Tool(TOOL, run.tool_version),
        policy=judged_by(policy),
        decision=decide(hosts),
        counts=counts,
        history=past.summary(),
        changes=changes(hosts, past.last, past.previous_run_at, *answering(entries.values(), past.last, past.last_run))
        if past.state == "ready"
        else None,
        groups=group_findings(hosts),
        fleet_findings=tuple(fleet.fleet_findings),
        caches=tuple(_caches([judged.subject for judged in sound])),
        waivers=tuple(waivers),
        hosts=Hosts(hosts),
        notes=(*remarks, *fleet.notes, *waiver_notes(waivers)),
        runs=fleet_runs(past, [one.sample for one in subjects], counts.all, run.started_at),
    )


def targets_of(run: RunInfo) -> list[str]:
    """Return the hosts of a run, each once. Raises ValueError where it has none."""
    targets = sorted(set(run.targets))
    if not targets:
        raise ValueError("The run has no hosts: check the inventory, the hosts pattern and --limit.")
    return targets


def judged_by(policy: Policy) -> JudgedBy:
    """Return what an audit says of the policy that it was judged by."""
    settings = plain(policy.plain["environments"])
    return JudgedBy(policy.name, policy.source, settings if isinstance(settings, dict) else {})


def _caches(subjects: Sequence[Subject]) -> list[FleetCache]:
    return top_caches(listings_of(subjects), environment_groups(subjects))


def _entries(
    targets: Sequence[str],
    run: RunInfo,
    records: Mapping[str, Mapping[str, object]],
    policy: Policy,
    remarks: list[str],
) -> tuple[dict[str, Entry], list[Subject]]:
    """Return the entry of each target, and those that can be judged as subjects."""
    answers = {name: answer_of(name, records.get(name)) for name in targets}
    facts = {name: answer for name, answer in answers.items() if isinstance(answer, Facts)}
    judged_as, contradictions = shared_kernels({name: one.kernel() for name, one in facts.items()})
    remarks += [one.sentence for one in contradictions]
    entries, subjects, now = {}, [], seconds_of(run.generated_at)
    for name in targets:
        groups, environment, source = place_of(name, run, records.get(name), policy, remarks)
        entry, answer = Entry(name, environment, source, groups), answers[name]
        if isinstance(answer, NoData):
            entries[name] = replace(entry, no_data=answer)
            continue
        reason = why_not_judged(name, answer, judged_as.get(name))
        entries[name] = entry.answered(answer, reason)
        if reason is None:
            subjects.append(subject_of(name, answer, policy, environment, groups=groups, now=now, remarks=remarks))
    return entries, subjects


def why_not_judged(name: str, facts: Facts, judged_as: str | None) -> NoData | None:
    """Return why a host that answered is not judged, or None. Its numbers would be counted twice by whoever adds
    them up.
    """
    if judged_as is not None:
        return no_data("shared_kernel", name, f"both are one boot of one kernel, which is judged as {judged_as}.")
    if not facts.platform.auditable:
        return no_data("not_auditable", name, facts.platform.reason)
    return None


def answer_of(name: str, record: object) -> Facts | NoData:
    """Return the checked facts of a record, or why there are none."""
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
        facts = record.get("facts")
        told = facts.told() if isinstance(facts, KeptFacts) else ToldFacts(facts)
        return checked_facts(told.facts, told.ready)
    except ValueError as exc:
        return no_data("unreadable", name, str(exc))


def place_of(
    name: str, run: RunInfo, record: object, policy: Policy, remarks: list[str]
) -> tuple[tuple[str, ...], str, str]:
    """Return the inventory groups of a host, its environment, and where that comes from. The run knows better than a
    record.
    """
    noted: Mapping[str, object] = record if isinstance(record, Mapping) and record.get("host") == name else {}
    groups = run.groups.get(name)
    if groups is None:
        noted_groups = noted.get("groups")
        groups = [group for group in noted_groups if isinstance(group, str)] if isinstance(noted_groups, list) else []
    override = run.environments[name] if name in run.environments else noted.get("environment")
    try:
        environment, source = policy.environment_of(
            groups, override if isinstance(override, str) and override else None
        )
    except ValueError as exc:
        # One mistyped variable must not cost the report of a whole fleet.
        environment, source = policy.environment_of(groups, None)
        remarks.append(f"{name} is judged as {environment}, since its own environment can't be used: {exc}")
    return tuple(groups), environment, source


def ignored(targets: Sequence[str], records: Mapping[str, object]) -> list[str]:
    """Return a note on records of hosts that are no targets."""
    others = len(set(records) - set(targets))
    if not others:
        return []
    what = "1 record is of a host that is" if others == 1 else f"{others:,} records are of hosts that are"
    return [f"{what} no target of this run, and left out."]


def day_of(text: str) -> date:
    """Return the day of a time."""
    return date.fromisoformat(text[:10])
