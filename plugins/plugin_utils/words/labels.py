# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for people: names of verdicts, kinds and reasons, and findings in a few words, the same in every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..checks.object_limits import OBJECT_LABELS
from ..checks.table import CHECKS
from ..dimensions.table import TABLE
from ..model.finding import Finding
from ..text.units import distinct_bytes

LONGEST_NAME_IN_A_LIST = 80

VERDICT_LABELS = {
    "critical": "Critical",
    "warning": "Warning",
    "unknown": "No data",
    "ok": "OK",
    "info": "For information",
}

OTHER_LABELS = {"kernel_total": "Kernel memory", "threads": "Threads"}
"""What is shown beside dimensions, and has no file of its own."""

KIND_LABELS = {
    "limit": "Limit",
    "growth": "Growth",
    "spike": "Sudden rise",
    "drop": "Sudden drop",
    "disproportion": "Unlike similar hosts",
}

NO_DATA_LABELS = {
    "unreachable": "Unreachable",
    "name_unknown": "Name not known",
    "no_route": "No route",
    "connect_timed_out": "No answer to connecting",
    "refused": "Connection refused",
    "connection_closed": "Connection closed",
    "jump_host": "Jump host failed",
    "host_key_unknown": "Host key not known",
    "host_key_changed": "Host key changed",
    "no_common_algorithm": "No common algorithm",
    "permission_denied": "Login denied",
    "login_password": "Wrong login password",
    "account_expired": "Account expired",
    "no_login": "No login shell",
    "become_password_wrong": "Wrong become password",
    "become_password_missing": "No become password",
    "become_denied": "Become denied",
    "timed_out": "Timed out",
    "flood": "Endless answer",
    "interrupted": "Interrupted",
    "failed": "Gathering failed",
    "no_python": "No usable Python",
    "not_linux": "Not Linux",
    "no_answer": "No answer",
    "not_run": "Not run",
    "not_auditable": "Not auditable",
    "shared_kernel": "Shares a kernel",
    "not_sure": "Not sure",
    "unreadable": "Answer not readable",
}

BOUND_LABELS = {
    "exact": "Every counter was there, so the total is exact.",
    "lower": "A counter is missing, so the total is at least this much.",
    "estimate": "An assumption was needed, so the total is an estimate.",
}


def dimension_label(dimension: str) -> str:
    """Return the name of a dimension or a check for people; one that has none is named by its key."""
    known = TABLE.get(dimension) or CHECKS.get(dimension)
    return known.label if known else OTHER_LABELS.get(dimension) or dimension.replace("_", " ").capitalize()


def hosts_phrase(number: int) -> str:
    """Return ``1 host`` or ``1,234 hosts``."""
    return f"{number:,} {'host' if number == 1 else 'hosts'}"


def some_names(names: list[str], most: int) -> str:
    """Return the first *most* names, each cut to 80 characters, and how many more there are."""
    shown = ", ".join(
        name if len(name) <= LONGEST_NAME_IN_A_LIST else name[: LONGEST_NAME_IN_A_LIST - 3] + "..."
        for name in names[:most]
    )
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def phrase_of(finding: Finding) -> str:
    """Return a finding in a few words, for lists: ``Per-CPU 1.9 GiB (limit 655.4 MiB)``.

    Of growth it is what was added, of a sudden change the new value, of similar hosts the value beside theirs.
    """
    evidence = finding.evidence
    label = OBJECT_LABELS.get(str(evidence.get("object")), dimension_label(finding.dimension))
    seen, limit = _amounts(finding.value, finding.limit, finding.unit)
    kind, suspected = finding.kind, ", suspected" if finding.status == "suspected" else ""
    if kind == "growth":
        days = evidence.get("window_days")
        window = f" in {days:,.10g} {'day' if days == 1 else 'days'}" if isinstance(days, (int, float)) else ""
        end = "levelling off" if finding.status == "levelling_off" else f"limit {limit}{suspected}"
        allowed = evidence.get("allowed")
        if isinstance(allowed, int):
            # Of objects the number counts that there may be, and not by how much they may grow.
            end = f"{allowed:,} allowed{suspected}"
        return f"{label} +{seen}{window} ({end})"
    if kind in ("spike", "drop"):
        return (
            f"{label} {'rose' if kind == 'spike' else 'fell'} to {seen} (usual: at "
            f"{'most' if kind == 'spike' else 'least'} {limit}{suspected})"
        )
    if kind == "disproportion":
        ratio = evidence.get("ratio")
        times = f", {ratio:.1f} times similar hosts" if isinstance(ratio, (int, float)) else ", unlike similar hosts"
        return f"{label} {seen}{times} (limit {limit}{suspected})"
    return f"{label} {seen} (limit {limit}{', long-standing' if finding.status == 'long_standing' else ''})"


def finding_phrase(finding: Mapping[str, Any]) -> str:
    """Return the same of a finding as plain data."""
    return phrase_of(
        Finding(
            dimension=finding["dimension"],
            kind=finding["kind"],
            severity=finding["severity"],
            status=finding["status"],
            value=finding["value"],
            limit=finding["limit"],
            unit=finding["unit"],
            expected="",
            explanation="",
            next_step="",
            command="",
            evidence=finding.get("evidence") or {},
        )
    )


def _amounts(seen: float, limit: float, unit: str) -> tuple[str, str]:
    """Return a value and its limit as text; the value has the unit, the limit only where it is a size."""
    if unit.split("_per_")[0] == "bytes":
        first, second = distinct_bytes(round(seen), round(limit))
        return first + (" per " + unit.split("_per_")[1].replace("cpu", "CPU") if "_per_" in unit else ""), second
    if unit == "percent":
        return f"{seen:.1f} %", f"{limit:.10g} %"
    # A count is of what the dimension is called.
    return f"{seen:,}" + ("" if unit == "count" else f" {unit.replace('_', ' ')}"), f"{limit:,}"
