# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as an inventory: groups and variables of its hosts, so that anybody's own play can act on what was found."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..audit.merge_inputs import read_report
from ..history.opening import open_store
from ..history.store import PastFinding
from ..model.finding import SEVERITIES
from ..model.times import utc_text
from .next_steps import PLAYBOOK
from .whole import SCHEMA, read_investigation

_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")
_OF_A_REPORT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d{1,6})?")
UNITS = (".service", ".scope", ".socket")

# Where the owner of a dimension stands: part of the attribution, its list, the name in a row.
OWNERS = {
    "slab_unreclaimable": ("slab_caches", "caches", "name", "slab cache"),
    "slab_reclaimable": ("slab_caches", "caches", "name", "slab cache"),
    "vmalloc": ("vmalloc_callers", "callers", "caller", "kernel function"),
    "page_tables": ("page_table_processes", "processes", "command", "process"),
    "kernel_stack": ("thread_processes", "processes", "command", "process"),
}

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A host with the groups that it is in (without prefix) and its variables (with the key ``kernel_memory``)."""

    name: str
    groups: tuple[str, ...]
    variables: dict[str, Any]


def newest_report(path: str) -> str:
    """Return the audit.json that *path* stands for: a file, a report's folder, or the newest report in a folder.

    Reports are told by the names that the audit gives them, or by their age. Raises :class:`ValueError` where there is
    none.
    """
    if os.path.isfile(path) or not os.path.isdir(path):
        return path
    inside = os.path.join(path, "audit.json")
    if os.path.isfile(inside):
        return inside
    with os.scandir(path) as entries:
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    reports = [one for one in (os.path.join(folder, "audit.json") for folder in folders) if os.path.isfile(one)]
    if not reports:
        raise ValueError(f"{path} holds neither an audit.json nor folders with one.")
    named = [one for one in reports if _OF_A_REPORT.fullmatch(os.path.basename(os.path.dirname(one)))]
    return max(named, key=_age) if named else max(reports, key=os.path.getmtime)


def _age(path: str) -> tuple[str, int]:
    """Order the names of reports: time, then the number of the report within a second."""
    time, _dash, number = os.path.basename(os.path.dirname(path)).partition("Z-")
    return time.rstrip("Z"), int(number or 1)


def entries_of_report(path: str, investigation: str | None = None) -> tuple[Entry, ...]:
    """Return the hosts of a report, with the culprits of an investigation.json where one is given."""
    audit = read_report(newest_report(path), os.getcwd()).as_plain()
    return entries_of_audit(audit, _culprits(investigation) if investigation else {})


def _culprits(path: str) -> dict[str, Document]:
    whole = os.path.join(path, "investigation.json") if os.path.isdir(path) else path
    try:
        with open(whole, "rb") as handle:
            document = read_investigation(handle.read(), whole)
    except OSError as exc:
        raise ValueError(f"{whole} can't be read ({SCHEMA} is needed): {exc.strerror}.") from exc
    return {host["name"]: host["culprits"][0] for host in document["hosts"] if host.get("culprits")}


def entries_of_audit(audit: Document, culprits: Mapping[str, Document]) -> tuple[Entry, ...]:
    """Return the hosts of an audit."""
    return tuple(_entry(audit, host, culprits.get(host["name"])) for host in audit["hosts"])


def _entry(audit: Document, host: Document, culprit: Document | None) -> Entry:
    findings = [_finding(host, finding) for finding in host["findings"]]
    kernel = (host["host"] or {}).get("kernel_release")
    groups = [host["verdict"], f"environment_{host['environment']}", *_groups(findings)]
    groups += [f"kernel_{kernel}"] if kernel else []
    groups += [f"no_data_{host['no_data']['reason']}"] if host["no_data"] else []
    units = [finding["unit_name"] for finding in findings if finding["unit_name"]]
    told: dict[str, Any] = {
        "verdict": host["verdict"],
        "environment": host["environment"],
        "kernel": kernel,
        "audited_at": host["collected_at"] or audit["generated_at"],
        "run_id": audit["run_id"],
        "findings": findings,
        "days_left": min((one["days_left"] for one in findings if one["days_left"] is not None), default=None),
        "owner": next((one["owner"] for one in findings if one["owner"]), None),
        "unit": units[0] if units else None,
        "no_data": dict(host["no_data"]) if host["no_data"] else None,
        "investigate": f"{PLAYBOOK} --limit {shlex.quote(str(host['name']))} --become",
        "culprit": None,
    }
    if culprit is not None:
        told["culprit"] = dict(culprit)
        process = culprit.get("process") or {}
        told["unit"] = process["unit"] if is_unit(process.get("unit")) else told["unit"]
        groups += [f"culprit_{process['command']}"] if process.get("command") else []
    return Entry(str(host["name"]), _names(groups), {"kernel_memory": told})


def _groups(findings: Iterable[Document]) -> list[str]:
    groups = []
    for finding in findings:
        groups += [f"finding_{finding['kind']}", f"dimension_{finding['dimension']}", f"severity_{finding['severity']}"]
        if finding["pattern"]:
            groups.append(f"pattern_{finding['pattern']}")
    return groups


def _names(groups: Iterable[str]) -> tuple[str, ...]:
    """Return names that Ansible takes for groups, each once."""
    return tuple(dict.fromkeys(_NO_NAME.sub("_", group)[:120] for group in groups))


def _finding(host: Document, finding: Document) -> dict[str, Any]:
    owner, unit = _owner(host, finding)
    kept = ("dimension", "kind", "severity", "status", "value", "limit", "unit", "pattern", "explanation", "next_step")
    left = (finding["evidence"] or {}).get("time_to_limit_days")
    return {
        **{name: finding[name] for name in kept},
        "command": finding["command"],
        "days_left": left.get("estimate") if isinstance(left, Mapping) else None,
        "owner": owner,
        "unit_name": unit,
    }


def _owner(host: Document, finding: Document) -> tuple[str | None, str | None]:
    """Return who holds most of a finding's dimension, as the attribution has it, and the unit of that process."""
    if finding["dimension"] not in OWNERS:
        return None, None
    part, rows, field, what = OWNERS[finding["dimension"]]
    found = ((host["attribution"] or {}).get(part) or {}).get(rows) or ()
    if not found or not found[0].get(field):
        return None, None
    unit = str(found[0].get("cgroup") or "").rpartition("/")[2]
    return f"{what} {found[0][field]}", unit if is_unit(unit) else None


def is_unit(name: object) -> bool:
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


def _past_entry(name: str, past: Sequence[PastFinding]) -> Entry:
    findings = [
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
    told = {
        "verdict": verdict,
        "audited_at": utc_text(max((one.seen_at for one in past), default=0)) if past else None,
        "findings": findings,
        "days_left": None,
        "owner": None,
        "unit": None,
        "culprit": None,
        "investigate": f"{PLAYBOOK} --limit {shlex.quote(name)} --become",
    }
    return Entry(name, _names([verdict, *_groups(findings)]), {"kernel_memory": told})


def chosen(
    entries: Iterable[Entry], verdict: Sequence[str], dimension: Sequence[str], pattern: Sequence[str]
) -> list[dict[str, Any]]:
    """Return hosts as plain data, those that have what is asked for; an empty list asks for nothing."""
    found = []
    for entry in entries:
        told = entry.variables["kernel_memory"]
        dimensions = {finding["dimension"] for finding in told["findings"]}
        patterns = {finding["pattern"] for finding in told["findings"]}
        if (
            (not verdict or told["verdict"] in verdict)
            and (not dimension or dimensions & set(dimension))
            and (not pattern or patterns & set(pattern))
        ):
            found.append({"name": entry.name, "groups": list(entry.groups), **told})
    return found
