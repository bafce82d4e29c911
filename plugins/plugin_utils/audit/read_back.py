# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit.json that is read back, checked as far as the outputs rely on it. What older ones lack is filled in as
not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dimensions.table import DIMENSIONS
from ..model.finding import KINDS_OF_FINDING, SEVERITIES, VERDICTS
from ..model.times import is_time_text
from ..words.labels import NO_DATA_LABELS

SCHEMA = "fleetaudit.kernel_memory.audit/1"
DECISIONS = ("pass", "hold", "fail", "inconclusive")

_ABSENT: dict[str, Any] = {
    "history": None,
    "changes": None,
    "fleet_findings": [],
    "caches": [],
    "waivers": [],
    "groups": [],
    "notes": [],
}
_ABSENT_OF_A_HOST: dict[str, Any] = {
    "groups": [],
    "profiles": [],
    "waived": [],
    "baseline": {},
    "trend": None,
    "attribution": None,
    "coverage": None,
    "duration_ms": None,
    "transport": None,
    "unavailable": {},
    "environment_source": "default",
}
_ABSENT_OF_A_FINDING: dict[str, Any] = {"meaning": "", "pattern": None, "evidence": {}, "first_seen_at": None}


def checked_audit(document: object, source: str) -> dict[str, Any]:
    """Return the audit in *document* with every key that outputs read. Raises ValueError with one sentence that
    names *source*.
    """
    if not isinstance(document, Mapping):
        raise ValueError(f"{source} is not an audit: it holds no JSON object; give an audit.json of this collection.")
    schema = document.get("schema")
    if schema != SCHEMA:
        shown = f"its schema is {str(schema)[:100]!r}" if schema else "it has no schema"
        raise ValueError(f"{source} is not an audit that this version reads: {shown}, and {SCHEMA} is needed.")
    try:
        return _audit(document)
    except _Wrong as exc:
        raise ValueError(f"{source} is not a sound audit: {exc}") from None


class _Wrong(Exception):
    """A sentence on what is wrong in an audit."""


def _audit(document: Mapping[str, Any]) -> dict[str, Any]:
    audit = {**_ABSENT, **document}
    for field in ("started_at", "generated_at"):
        _need(is_time_text(audit.get(field)), f"{field} is no time such as 2026-11-24T12:00:00Z.")
    _need(isinstance(audit.get("run_id"), str), "run_id is no text.")
    for field in ("tool", "policy", "decision", "counts"):
        _need(isinstance(audit.get(field), Mapping), f"{field} is no mapping.")
    _need(_texts(audit["tool"], "version"), "tool.version is no text.")
    policy = audit["policy"]
    _need(
        _texts(policy, "name", "source") and isinstance(policy.get("environments"), Mapping),
        "policy has no name, source or environments.",
    )
    decision = audit["decision"]
    _need(
        decision.get("decision") in DECISIONS and _texts(decision, "sentence"),
        "decision has no word that is known, or no sentence.",
    )
    _need(_is_texts(decision.get("reasons")), "decision.reasons is no list of texts.")
    for field in ("groups", "caches", "fleet_findings", "waivers"):
        _need(
            isinstance(audit[field], list) and all(isinstance(entry, Mapping) for entry in audit[field]),
            f"{field} is no list of mappings.",
        )
    leak = ("kind", "dimension", "kernel", "severity", "explanation", "next_step", "command")
    _need(
        all(_texts(entry, *leak) and _is_count(entry.get("hosts")) for entry in audit["fleet_findings"]),
        "a fleet finding lacks a field.",
    )
    _need(
        all(entry["severity"] in SEVERITIES for entry in audit["fleet_findings"]),
        "a fleet finding has a severity that is not known.",
    )
    _need(
        all(_is_count(entry.get("used")) and isinstance(entry.get("expired"), bool) for entry in audit["waivers"]),
        "a waiver lacks a field.",
    )
    _need(
        audit["changes"] is None or _is_changes(audit["changes"]), "changes lacks a field, or has one of another type."
    )
    _need(audit["history"] is None or isinstance(audit["history"], Mapping), "history is no mapping.")
    _need(_is_texts(audit["notes"]), "notes is no list of texts.")
    _need(isinstance(audit.get("hosts"), list) and bool(audit["hosts"]), "hosts is no list, or an empty one.")
    audit["hosts"] = [_host(host) for host in audit["hosts"]]
    names = {host["name"] for host in audit["hosts"]}
    _need(len(names) == len(audit["hosts"]), "a host stands in it more than once.")
    return audit


def _host(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str) or not given["name"]:
        raise _Wrong("a host has no name.")
    where = f"host {given['name'][:80]!r}"
    host = {**_ABSENT_OF_A_HOST, **given}
    _need(host.get("verdict") in VERDICTS, f"{where} has a verdict that is not known.")
    _need(isinstance(host.get("environment"), str), f"{where} has no environment.")
    no_data = host.get("no_data")
    # A host without data that says it is well would be believed by everything that reads the merged audit.
    _need((no_data is not None) == (host["verdict"] == "unknown"), f"{where} has a verdict and no data, or neither.")
    if no_data is not None:
        sound = (
            isinstance(no_data, Mapping)
            and no_data.get("reason") in NO_DATA_LABELS
            and _texts(no_data, "message", "next_step")
        )
        _need(sound, f"no_data of {where} has no reason that is known, or no sentences.")
    for field in ("host", "platform", "dimensions", "accounting"):
        value = host.setdefault(field, None)
        _need(isinstance(value, Mapping) or (value is None and no_data is not None), f"{field} of {where} is missing.")
    if host["platform"] is not None:
        sound = isinstance(host["platform"].get("kind"), str) and isinstance(host["platform"].get("auditable"), bool)
        _need(sound, f"platform of {where} has no kind, or does not say whether it is auditable.")
    for field in ("kernel_total_bytes", "kernel_unreclaimable_bytes"):
        _need(_is_number(host.setdefault(field, None)), f"{field} of {where} is no number.")
    for field in (f"{name}_bytes" for name in DIMENSIONS):
        _need(_is_number((host["dimensions"] or {}).get(field)), f"{field} of {where} is no number.")
    _need(_is_number((host["host"] or {}).get("memory_total_bytes")), f"memory_total_bytes of {where} is no number.")
    if host["host"] is not None:
        host["host"] = {"boot_id": None, "kernel_release": None, **host["host"]}
        _need(
            all(isinstance(host["host"][field], (str, type(None))) for field in ("boot_id", "kernel_release")),
            f"boot_id of {where} is no text.",
        )
    collected = host.setdefault("collected_at", None)
    _need(collected is None or isinstance(collected, str), f"collected_at of {where} is no text.")
    for field in ("findings", "waived"):
        _need(isinstance(host.setdefault(field, []), list), f"{field} of {where} is no list.")
        host[field] = [_finding(finding, where) for finding in host[field]]
    return host


def _finding(given: object, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _Wrong(f"a finding of {where} is no mapping.")
    finding = {**_ABSENT_OF_A_FINDING, **given}
    known = finding.get("severity") in SEVERITIES and finding.get("kind") in KINDS_OF_FINDING
    texts = _texts(finding, "dimension", "status", "unit", "expected", "explanation", "next_step", "command", "meaning")
    numbers = all(finding.get(field) is not None and _is_number(finding[field]) for field in ("value", "limit"))
    _need(known and texts and numbers, f"a finding of {where} lacks a field, or has one of another type.")
    return finding


def _need(holds: bool, sentence: str) -> None:
    if not holds:
        raise _Wrong(sentence)


def _texts(mapping: Mapping[str, Any], *fields: str) -> bool:
    return all(isinstance(mapping.get(field), str) for field in fields)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_changes(value: object) -> bool:
    if (
        not isinstance(value, Mapping)
        or not isinstance(value.get("previous_run_at"), (str, type(None)))
        or not _is_count(value.get("ongoing"))
    ):
        return False
    lists = [value.get(name) for name in ("new", "worse", "better", "resolved")]
    return all(
        isinstance(changes, list)
        and all(
            isinstance(one, Mapping)
            and _texts(one, "name", "dimension", "kind", "text")
            and one.get("severity") in SEVERITIES
            for one in changes
        )
        for changes in lists
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
