# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last run: which warnings are new, worse, better or gone, and how many go on.

Only warnings and criticals count. Information that becomes a warning is new, and one that becomes information is
better. Gone is only what could be judged now, on a host that was judged before: what could not be looked at has not
been cured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..dimensions.table import TOTAL
from ..history.store import PastFinding
from ..model.finding import SEVERITIES
from ..model.times import utc_text
from ..text.safe import one_line
from ..words.labels import dimension_label

ALARMS = ("critical", "warning")
OF_THE_HISTORY = ("growth", "spike", "drop")

_KINDS = {
    "limit": "{label} above its limit",
    "growth": "{label} that grows",
    "spike": "{label} that has risen suddenly",
    "drop": "{label} that has dropped suddenly",
    "disproportion": "{label} far above that of similar hosts",
}

Key = tuple[str, str]


def changes(
    hosts: Iterable[Mapping[str, Any]], last: Mapping[str, Sequence[PastFinding]], previous_run_at: str | None
) -> dict[str, Any]:
    """Return what changed from *last* (the findings of each host's latest run before) to *hosts* (as in an audit).

    Without an earlier run (*previous_run_at* is None) there is nothing to compare with, and every list is empty.
    """
    found: dict[str, Any] = {
        "previous_run_at": previous_run_at,
        "new": [],
        "worse": [],
        "better": [],
        "resolved": [],
        "ongoing": 0,
    }
    if previous_run_at is None:
        return found
    for host in hosts:
        if host["verdict"] == "unknown":
            continue
        now = _worst_now(host["findings"])
        before = _worst_before(last.get(host["name"], ()))
        for key in sorted({*now, *before}):
            how, change = _change(host, key, now.get(key), before.get(key), host["name"] in last)
            if how == "ongoing":
                found["ongoing"] += 1
            elif how:
                found[how].append(change)
    for how in ("new", "worse", "better", "resolved"):
        found[how].sort(key=_order)
    return found


def _order(change: Mapping[str, Any]) -> tuple[Any, ...]:
    return SEVERITIES.index(change["severity"]), change["name"], change["dimension"], change["kind"]


def _worst_now(findings: Iterable[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """Return the worst finding of each dimension and kind: the store does not tell units apart."""
    worst: dict[Key, Mapping[str, Any]] = {}
    for finding in findings:
        key = finding["dimension"], finding["kind"]
        if key not in worst or SEVERITIES.index(finding["severity"]) < SEVERITIES.index(worst[key]["severity"]):
            worst[key] = finding
    return worst


def _worst_before(findings: Iterable[PastFinding]) -> dict[Key, PastFinding]:
    worst: dict[Key, PastFinding] = {}
    for past in findings:
        key = past.dimension, past.kind
        if past.severity not in SEVERITIES or past.status == "waived":
            continue
        if key not in worst or SEVERITIES.index(past.severity) < SEVERITIES.index(worst[key].severity):
            worst[key] = past
    return worst


def _change(
    host: Mapping[str, Any], key: Key, finding: Mapping[str, Any] | None, past: PastFinding | None, known: bool
) -> tuple[str | None, dict[str, Any]]:
    """Return what became of a finding, with its record. None: nothing worth a word."""
    was = past.severity if past is not None else None
    severity = finding["severity"] if finding is not None else None
    how = _how(host, key, severity, was)
    if how is None or how == "ongoing":
        return how, {}
    since = (
        (finding or {}).get("first_seen_at")
        or (utc_text(past.first_seen_at) if past is not None else None)
        or host.get("collected_at")
    )
    return how, {
        "name": host["name"],
        "dimension": key[0],
        "kind": key[1],
        "severity": severity or was,
        "was": was,
        "first_seen_at": since,
        "text": _text(how, key, finding, past, known),
    }


def _how(host: Mapping[str, Any], key: Key, severity: str | None, was: str | None) -> str | None:
    if severity in ALARMS:
        if was not in ALARMS:
            return "new"
        if severity == was:
            return "ongoing"
        return "worse" if severity == "critical" else "better"
    if was not in ALARMS:
        return None
    if severity is not None:
        return "better"
    return "resolved" if _was_judged(host, *key) else None


def _was_judged(host: Mapping[str, Any], dimension: str, kind: str) -> bool:
    """Whether the absence of a finding says that there is nothing to find."""
    if any(waived["dimension"] == dimension and waived["kind"] == kind for waived in host.get("waived") or ()):
        return False
    coverage = host.get("coverage") or {}
    if kind in OF_THE_HISTORY:
        # Hosts that are ok keep one baseline only. The states of all dimensions are alike but for the rarest changes.
        baselines = host.get("baseline") or {}
        baseline = baselines.get(dimension) or baselines.get(TOTAL) or {}
        return baseline.get("state") == "ready" and dimension not in (
            (coverage.get("history") or {}).get("not_judged") or {}
        )
    if kind == "disproportion" and coverage.get("similar_hosts", 0) is None:
        return False
    return not any(
        dimension in (part.get("not_judged") or {}) and dimension not in (part.get("judged") or ())
        for part in (coverage, coverage.get("checks") or {})
    )


def _text(how: str, key: Key, finding: Mapping[str, Any] | None, past: PastFinding | None, known: bool) -> str:
    label = one_line(dimension_label(key[0]), 60)
    subject = _KINDS.get(key[1], "{label}").format(label=label)
    if past is not None:
        seen = f"first seen on {utc_text(past.first_seen_at)[:10]}, last on {utc_text(past.seen_at)[:10]}"
    if finding is None:
        if past is None:
            raise AssertionError("only called where there is one")
        return f"{subject} is no longer found; it was {past.severity}, {seen}."
    explanation = one_line(finding["explanation"], 600)
    if how == "new":
        if past is not None:
            return f"It was information until now ({seen}). {explanation}"
        return explanation if known else f"The host was not judged before. {explanation}"
    if past is None:
        raise AssertionError("only called where there is one")
    became = "information" if finding["severity"] == "info" else finding["severity"]
    return f"{subject} was {past.severity} and is {became} now ({seen}). {explanation}"
