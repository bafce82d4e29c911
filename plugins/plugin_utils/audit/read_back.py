# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for an audit.json that comes back: it becomes the classes that it was made from, each field checked once.

What older versions did not write is filled in as not known; what this one does not know is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..dimensions.table import DIMENSIONS
from ..facts.attribution import attribution_of
from ..facts.checks import Form, decided, difference, mapping, one_of
from ..facts.facts import ACCOUNT, MACHINE, PLATFORM
from ..history.of_a_run import HistorySummary
from ..judging.verdict import Coverage, Covered, HistoryCovered
from ..model.attribution import Attribution
from ..model.finding import KINDS_OF_FINDING, SEVERITIES, VERDICTS
from ..model.stack import Stack
from ..policy.waivers import Waived
from ..rules.baseline import STATES, Baseline, Recent
from ..rules.kernel_difference import KIND as DIFFERENCE_KIND
from ..rules.kernel_difference import FleetFinding, KernelDifference
from ..rules.uptime import SCOPES, UptimeGrowth
from .audit import SCHEMA, Audit, JudgedBy, Merged, MergedInput, Tool
from .caches import FleetCache
from .changes import Change, Changes
from .checks import BY_TYPE, TEXTS, anything, by_name, count, finite, many, moment, optional, text
from .consolidated import Counts, FleetCounts
from .entry import Details, Entry, SeenFinding
from .fleet_runs import FleetRun
from .groups import Group, InCommon
from .hosts import Hosts
from .not_judged import REASONS, NoData
from .summary import DECISIONS, Decision

severity = one_of(SEVERITIES)


def _scope(value: object, where: str) -> str:
    return "kernel" if value is None else one_of(SCOPES)(value, where)


def _text_or_empty(value: object, where: str) -> str:
    return "" if value is None else text(value, where)


def _or_false(value: object, where: str) -> bool:
    return False if value is None else decided(value, where)


NO_DATA = Form.of(NoData, BY_TYPE, reason=one_of(REASONS))
FINDING = Form.of(SeenFinding, BY_TYPE, kind=one_of(KINDS_OF_FINDING), severity=severity, evidence=by_name(anything))
COVERED = Form.of(Covered, BY_TYPE)
HISTORY_COVERED = Form.of(HistoryCovered, BY_TYPE)
COVERAGE = Form.of(
    Coverage,
    BY_TYPE,
    checks=lambda value, where: COVERED.read({} if value is None else value, where),
    history=optional(HISTORY_COVERED.read),
)
BASELINE = Form.of(Baseline, BY_TYPE, state=one_of(STATES))
STACK = Form.of(Stack, BY_TYPE)
RECENT = Form.of(
    Recent,
    BY_TYPE,
    collected_at=many(count),
    amounts=by_name(many(difference)),
    stack=optional(STACK.read),
    booted_at=many(count),
    new_kernel_at=many(count),
)
DECISION = Form.of(Decision, BY_TYPE, decision=one_of(DECISIONS))
COUNTS = Form.of(Counts, BY_TYPE)
FLEET_COUNTS = Form.of(FleetCounts, BY_TYPE, all=COUNTS.read, by_environment=by_name(COUNTS.read))
HISTORY = Form.of(HistorySummary, BY_TYPE)
CHANGE = Form.of(Change, BY_TYPE, severity=severity, was=optional(severity))
CHANGES = Form.of(Changes, BY_TYPE, **dict.fromkeys(("new", "worse", "better", "resolved"), many(CHANGE.read)))
IN_COMMON = Form.of(InCommon, BY_TYPE)
GROUP = Form.of(Group, BY_TYPE, severity=severity, shared=optional(IN_COMMON.read), regression=_or_false)
LEAK = Form.of(
    UptimeGrowth, BY_TYPE, severity=severity, low=difference, high=difference, what=_scope, role=_text_or_empty
)
DIFFERENCE = Form.of(KernelDifference, BY_TYPE, severity=severity)
CACHE = Form.of(FleetCache, BY_TYPE)
WAIVED = Form.of(Waived, BY_TYPE)
TOOL = Form.of(Tool, BY_TYPE)
JUDGED_BY = Form.of(JudgedBy, BY_TYPE, environments=by_name(by_name(anything)))
FLEET_RUN = Form.of(
    FleetRun, BY_TYPE, started_at=moment, **dict.fromkeys(("unreclaimable", "available"), many(optional(finite)))
)
MERGED = Form.of(Merged, BY_TYPE, inputs=many(Form.of(MergedInput, BY_TYPE).read))


def checked_audit(document: object, source: str) -> Audit:
    """Return the audit in *document*. Raises ValueError with one sentence that names *source* and the field."""
    if not isinstance(document, dict):
        raise ValueError(f"{source} is not an audit: it holds no JSON object; give an audit.json of this collection.")
    schema = document.get("schema")
    if schema != SCHEMA:
        shown = f"its schema is {str(schema)[:100]!r}" if schema else "it has no schema"
        raise ValueError(f"{source} is not an audit that this version reads: {shown}, and {SCHEMA} is needed.")
    try:
        return _audit(document)
    except ValueError as exc:
        raise ValueError(f"{source} is not a sound audit: {exc}") from None


def _audit(given: dict[str, object]) -> Audit:
    return Audit(
        run_id=text(given.get("run_id"), "run_id"),
        generated_at=moment(given.get("generated_at"), "generated_at"),
        started_at=moment(given.get("started_at"), "started_at"),
        tool=TOOL.read(given.get("tool"), "tool"),
        policy=JUDGED_BY.read(given.get("policy"), "policy"),
        decision=DECISION.read(given.get("decision"), "decision"),
        counts=FLEET_COUNTS.read(given.get("counts"), "counts"),
        history=optional(HISTORY.read)(given.get("history"), "history"),
        changes=optional(CHANGES.read)(given.get("changes"), "changes"),
        groups=many(GROUP.read)(given.get("groups"), "groups"),
        fleet_findings=many(_fleet_finding)(given.get("fleet_findings"), "fleet_findings"),
        caches=many(CACHE.read)(given.get("caches"), "caches"),
        waivers=many(WAIVED.read)(given.get("waivers"), "waivers"),
        notes=TEXTS(given.get("notes"), "notes"),
        merged=optional(MERGED.read)(given.get("merged"), "merged"),
        hosts=Hosts(_entries(given.get("hosts"))),
        runs=many(FLEET_RUN.read)(given.get("runs"), "runs"),
    )


def _fleet_finding(value: object, where: str) -> FleetFinding:
    of_a_kernel = mapping(value, where).get("kind") == DIFFERENCE_KIND
    return DIFFERENCE.read(value, where) if of_a_kernel else LEAK.read(value, where)


def _entries(hosts: object) -> list[Entry]:
    if not isinstance(hosts, list) or not hosts:
        raise ValueError("hosts is no list, or an empty one.")
    entries = [checked_entry(one, f"hosts[{place}]") for place, one in enumerate(hosts)]
    if len({one.name for one in entries}) < len(entries):
        raise ValueError("a host stands in it more than once.")
    return entries


def checked_entry(value: object, where: str) -> Entry:
    """Return one host of an audit. Raises ValueError with a sentence that names the field, and the host by name."""
    given = mapping(value, where)
    name = text(given.get("name"), f"{where}.name")
    if not name:
        raise ValueError(f"{where}.name is empty.")
    where = f"host {name[:80]!r}"
    entry = Entry(
        name=name,
        environment=text(given.get("environment"), f"{where}: environment"),
        environment_source=text(given.get("environment_source", "default"), f"{where}: environment_source"),
        groups=TEXTS(given.get("groups"), f"{where}: groups"),
        profiles=TEXTS(given.get("profiles"), f"{where}: profiles"),
        verdict=one_of(VERDICTS)(given.get("verdict"), f"{where}: verdict"),
        no_data=optional(NO_DATA.read)(given.get("no_data"), f"{where}: no_data"),
        host=optional(MACHINE.read)(given.get("host"), f"{where}: host"),
        platform=optional(PLATFORM.read)(given.get("platform"), f"{where}: platform"),
        dimensions=optional(_dimensions)(given.get("dimensions"), f"{where}: dimensions"),
        kernel_total_bytes=optional(count)(given.get("kernel_total_bytes"), f"{where}: kernel_total_bytes"),
        kernel_unreclaimable_bytes=optional(count)(
            given.get("kernel_unreclaimable_bytes"), f"{where}: kernel_unreclaimable_bytes"
        ),
        findings=_findings(given, "findings", f"{where}: findings"),
        waived=_findings(given, "waived", f"{where}: waived"),
        coverage=optional(COVERAGE.read)(given.get("coverage"), f"{where}: coverage"),
        collected_at=optional(text)(given.get("collected_at"), f"{where}: collected_at"),
        duration_ms=optional(count)(given.get("duration_ms"), f"{where}: duration_ms"),
        transport=optional(text)(given.get("transport"), f"{where}: transport"),
    ).with_details(_details(given, where))
    # A host without data that says it is well would be believed by everything that reads the audit.
    if (entry.no_data is not None) != (entry.verdict == "unknown"):
        raise ValueError(f"{where} has a verdict and no data, or neither.")
    if entry.no_data is None and None in (entry.host, entry.platform, entry.dimensions, entry.details.accounting):
        raise ValueError(f"{where} has a verdict, and host, platform, dimensions or accounting is missing.")
    return entry


def _details(given: object, where: str) -> Details:
    of = mapping(given, where)
    return Details(
        accounting=optional(ACCOUNT.read)(of.get("accounting"), f"{where}: accounting"),
        unavailable=by_name(text)(of.get("unavailable"), f"{where}: unavailable"),
        attribution=optional(_attribution)(of.get("attribution"), f"{where}: attribution"),
        baseline=by_name(BASELINE.read)(of.get("baseline"), f"{where}: baseline"),
        trend=optional(_trend)(of.get("trend"), f"{where}: trend"),
        critical_limits=by_name(count)(of.get("critical_limits"), f"{where}: critical_limits"),
    )


def _attribution(value: object, where: str) -> Attribution:
    return attribution_of(mapping(value, where))


def _findings(given: Mapping[str, object], field: str, where: str) -> tuple[SeenFinding, ...]:
    found = given.get(field, [])
    if found is None:
        raise ValueError(f"{where} is no list.")
    return many(FINDING.read)(found, where)


def _dimensions(value: object, where: str) -> dict[str, int | None]:
    given = mapping(value, where)
    return {
        field: difference(given.get(field), f"{where}.{field}") for field in (f"{name}_bytes" for name in DIMENSIONS)
    }


def _trend(value: object, where: str) -> Recent:
    trend = RECENT.read(value, where)
    if any(len(amounts) != len(trend.collected_at) for amounts in trend.amounts.values()):
        raise ValueError(f"{where} has not one amount for each time.")
    if trend.stack is not None:
        try:
            trend.stack.amounts(len(trend.collected_at))
        except ValueError as exc:
            raise ValueError(f"{where}: {exc}") from None
    return trend
