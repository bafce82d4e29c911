# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as an inventory: groups and variables of its hosts, so that anybody's own play can act on what was found."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeGuard

from ..history.opening import open_store
from ..history.store import PastFinding
from ..model.finding import SEVERITIES
from ..model.times import seconds_of, utc_text
from ..words.commands import investigate_command
from .audited import Audited, AuditedFinding, AuditedHost, NoData, kernel_of, read_audit
from .document import is_investigation
from .shapes import CulpritShape
from .whole import SCHEMA, read_investigation

_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")
UNITS = (".service", ".scope", ".socket")

# Where the owner of a dimension stands: part of the attribution, its list, the name in a row.
OWNERS = {
    "slab_unreclaimable": ("slab_caches", "caches", "name", "slab cache"),
    "slab_reclaimable": ("slab_caches", "caches", "name", "slab cache"),
    "vmalloc": ("vmalloc_callers", "callers", "caller", "kernel function"),
    "page_tables": ("page_table_processes", "processes", "command", "process"),
    "kernel_stack": ("thread_processes", "processes", "command", "process"),
}


class KeptFinding(TypedDict):
    """A finding as a history keeps it, too."""

    dimension: str
    kind: str
    severity: str
    status: str
    value: float
    limit: float
    pattern: str | None


class ActedOn(KeptFinding, total=False):
    """A finding as a play acts on it: the fields of an audit, or the time of a history."""

    unit: str
    explanation: str | None
    next_step: str | None
    command: str | None
    days_left: float | None
    owner: str | None
    unit_name: str | None
    first_seen_at: str


class Variables(TypedDict):
    """What a play knows of a host as ``kernel_memory``; a history knows neither kernel nor environment."""

    verdict: str
    environment: str | None
    kernel: str | None
    audited_at: str | None
    run_id: str | None
    findings: list[ActedOn]
    days_left: float | None
    owner: str | None
    unit: str | None
    no_data: NoData | None
    investigate: str
    culprit: CulpritShape | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A host with the groups that it is in (without prefix) and what is known of it."""

    name: str
    groups: tuple[str, ...]
    variables: Variables


def entries_of_report(path: str, investigation: str | None = None) -> tuple[Entry, ...]:
    """Return the hosts of a report, with the culprits of an investigation.json where one is given."""
    audit = read_audit(path, os.getcwd())
    return entries_of_audit(audit, _culprits(investigation) if investigation else {})


def _culprits(path: str) -> dict[str, CulpritShape]:
    whole = os.path.join(path, "investigation.json") if os.path.isdir(path) else path
    try:
        with open(whole, "rb") as handle:
            document = read_investigation(handle.read(), whole)
    except OSError as exc:
        raise ValueError(f"{whole} can't be read ({SCHEMA} is needed): {exc.strerror}.") from exc
    return {
        host["name"]: host["culprits"][0] for host in document["hosts"] if is_investigation(host) and host["culprits"]
    }


def entries_of_audit(audit: Audited, culprits: Mapping[str, CulpritShape]) -> tuple[Entry, ...]:
    """Return the hosts of an audit."""
    return tuple(_entry(audit, host, culprits.get(host["name"])) for host in audit["hosts"])


def _entry(audit: Audited, host: AuditedHost, culprit: CulpritShape | None) -> Entry:
    findings = [_finding(host, finding) for finding in host["findings"]]
    kernel = kernel_of(host)
    groups = [host["verdict"], f"environment_{host['environment']}", *_groups(findings)]
    groups += [f"kernel_{kernel}"] if kernel else []
    groups += [f"no_data_{host['no_data']['reason']}"] if host["no_data"] else []
    units = [finding["unit_name"] for finding in findings if finding["unit_name"]]
    left = [finding["days_left"] for finding in findings if finding["days_left"] is not None]
    told: Variables = {
        "verdict": host["verdict"],
        "environment": host["environment"],
        "kernel": kernel,
        "audited_at": host["collected_at"] or audit["generated_at"],
        "run_id": audit["run_id"],
        "findings": findings,
        "days_left": min(left, default=None),
        "owner": next((one["owner"] for one in findings if one["owner"]), None),
        "unit": units[0] if units else None,
        "no_data": host["no_data"],
        "investigate": investigate_command(str(host["name"])),
        "culprit": None,
    }
    if culprit is not None:
        told["culprit"] = culprit
        process = culprit["process"]
        if process is not None:
            told["unit"] = process["unit"] if is_unit(process.get("unit")) else told["unit"]
            groups.append(f"culprit_{process['command']}")
    return Entry(str(host["name"]), _names(groups), told)


def _groups(findings: Iterable[ActedOn]) -> list[str]:
    groups = []
    for finding in findings:
        groups += [f"finding_{finding['kind']}", f"dimension_{finding['dimension']}", f"severity_{finding['severity']}"]
        if finding["pattern"]:
            groups.append(f"pattern_{finding['pattern']}")
    return groups


def _names(groups: Iterable[str]) -> tuple[str, ...]:
    """Return names that Ansible takes for groups, each once."""
    return tuple(dict.fromkeys(_NO_NAME.sub("_", group)[:120] for group in groups))


def _finding(host: AuditedHost, finding: AuditedFinding) -> ActedOn:
    owner, unit = _owner(host, finding)
    left = (finding["evidence"] or {}).get("time_to_limit_days")
    return {
        "dimension": finding["dimension"],
        "kind": finding["kind"],
        "severity": finding["severity"],
        "status": finding["status"],
        "value": finding["value"],
        "limit": finding["limit"],
        "unit": finding["unit"],
        "pattern": finding["pattern"],
        "explanation": finding["explanation"],
        "next_step": finding["next_step"],
        "command": finding["command"],
        "days_left": left.get("estimate") if isinstance(left, Mapping) else None,
        "owner": owner,
        "unit_name": unit,
    }


def _owner(host: AuditedHost, finding: AuditedFinding) -> tuple[str | None, str | None]:
    """Return who holds most of a finding's dimension, as the attribution has it, and the unit of that process."""
    if finding["dimension"] not in OWNERS:
        return None, None
    part, rows, field, what = OWNERS[finding["dimension"]]
    found = ((host["attribution"] or {}).get(part) or {}).get(rows)
    first = found[0] if isinstance(found, list) and found else None
    if not isinstance(first, Mapping) or not first.get(field):
        return None, None
    unit = str(first.get("cgroup") or "").rpartition("/")[2]
    return f"{what} {first[field]}", unit if is_unit(unit) else None


def is_unit(name: object) -> TypeGuard[str]:
    """Whether a name is that of a systemd unit that can be restarted or stopped."""
    return isinstance(name, str) and name.endswith(UNITS)


def entries_of_history(where: str) -> tuple[Entry, ...]:
    """Return the hosts of a history store with the findings of their latest runs. It keeps neither causes nor owners
    nor environments.
    """
    store = open_store(where, create=False)
    try:
        found = store.last_findings()
        return tuple(_past_entry(str(name), found[name]) for name in sorted(found))
    finally:
        store.close()


def check_age(entries: Iterable[Entry], hours: float | None, now: float) -> None:
    """Raise :class:`ValueError` where the newest audit of all hosts is older than so many hours: it would be acted on.

    Parameters: hours, None where any age will do; now, in seconds since 1970.
    """
    if hours is None:
        return
    times = [at for entry in entries for at in [entry.variables["audited_at"]] if at is not None]
    if not times:
        raise ValueError(f"no host has the time of an audit, and maximum_age is {hours:g}.")
    age = (now - max(map(seconds_of, times))) / 3600
    if age > hours:
        raise ValueError(f"the newest audit is {age:,.0f} hours old, and maximum_age is {hours:g}.")


def _past_entry(name: str, past: Sequence[PastFinding]) -> Entry:
    findings: list[ActedOn] = [
        {
            "dimension": one.dimension,
            "kind": one.kind,
            "severity": one.severity,
            "status": one.status,
            "value": one.value,
            "limit": one.limit,
            "pattern": None,
            "first_seen_at": utc_text(one.first_seen_at),
        }
        for one in past
    ]
    severities = [one.severity for one in past if one.severity in SEVERITIES]
    worst = min(severities, key=SEVERITIES.index, default="info")
    verdict = "ok" if worst == "info" else worst
    told: Variables = {
        "verdict": verdict,
        "environment": None,
        "kernel": None,
        "run_id": None,
        "no_data": None,
        "audited_at": utc_text(max((one.seen_at for one in past), default=0)) if past else None,
        "findings": findings,
        "days_left": None,
        "owner": None,
        "unit": None,
        "culprit": None,
        "investigate": investigate_command(name),
    }
    return Entry(name, _names([verdict, *_groups(findings)]), told)


def chosen(
    entries: Iterable[Entry], verdict: Sequence[str], dimension: Sequence[str], pattern: Sequence[str]
) -> list[dict[str, object]]:
    """Return hosts as plain data, those that have what is asked for; an empty list asks for nothing."""
    found: list[dict[str, object]] = []
    for entry in entries:
        told = entry.variables
        dimensions = {finding["dimension"] for finding in told["findings"]}
        patterns = {finding["pattern"] for finding in told["findings"]}
        if (
            (not verdict or told["verdict"] in verdict)
            and (not dimension or dimensions & set(dimension))
            and (not pattern or patterns & set(pattern))
        ):
            found.append({"name": entry.name, "groups": list(entry.groups), **told})
    return found
