# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision of a run: the gate's answer, in one sentence, with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..words.labels import NO_DATA_LABELS, hosts_phrase, some_names

NAMES_IN_A_REASON = 5


def decide(hosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the decision over the *hosts* of an audit: ``fail``, ``inconclusive``, ``hold`` or ``pass``.

    A name that shares its kernel with a judged one does not count as a host without data: its kernel is judged.
    """
    critical = [host["name"] for host in hosts if host["verdict"] == "critical"]
    warning = [host["name"] for host in hosts if host["verdict"] == "warning"]
    ok = sum(host["verdict"] == "ok" for host in hosts)
    shared = [host["name"] for host in hosts if _reason(host) == "shared_kernel"]
    missing = [host for host in hosts if host["verdict"] == "unknown" and _reason(host) != "shared_kernel"]
    return {
        "decision": "fail" if critical else "inconclusive" if missing else "hold" if warning else "pass",
        "sentence": _sentence(len(critical), len(missing), len(warning), ok, len(hosts)),
        "reasons": _reasons(critical, missing, warning, shared),
    }


def _reason(host: Mapping[str, Any]) -> str | None:
    return host["no_data"]["reason"] if host["no_data"] else None


def _sentence(critical: int, missing: int, warning: int, ok: int, total: int) -> str:
    if critical:
        return f"Not ready: {_part(critical, total)} {'is' if critical == 1 else 'are'} critical"
    if missing:
        return f"Not known: {_part(missing, total)} gave no data"
    if warning:
        return f"Ready with care: {_part(warning, total)} {'has' if warning == 1 else 'have'} a warning"
    if ok == 1:
        return (
            "Ready: the only host is within its limits" if total == 1 else "Ready: the only kernel is within its limits"
        )
    return f"Ready: all {ok:,} {'hosts' if ok == total else 'kernels'} are within their limits"


def _part(number: int, total: int) -> str:
    return f"{number:,} of {hosts_phrase(total)}"


def _reasons(critical: list[str], missing: list[Mapping[str, Any]], warning: list[str], shared: list[str]) -> list[str]:
    reasons = []
    if critical:
        verb = "is" if len(critical) == 1 else "are"
        reasons.append(
            f"{hosts_phrase(len(critical))} {verb} critical: {some_names(sorted(critical), NAMES_IN_A_REASON)}."
        )
    if missing:
        causes = Counter(NO_DATA_LABELS[str(_reason(host))].lower() for host in missing)
        ordered = sorted(causes.items(), key=lambda entry: (-entry[1], entry[0]))
        reasons.append(
            f"{hosts_phrase(len(missing))} gave no data "
            f"({', '.join(f'{cause} {number:,}' for cause, number in ordered)})."
        )
    if warning:
        # Unless they decide, warnings need no names here: each output has a list of them.
        names = "" if critical or missing else f": {some_names(sorted(warning), NAMES_IN_A_REASON)}"
        reasons.append(f"{hosts_phrase(len(warning))} {'has' if len(warning) == 1 else 'have'} a warning{names}.")
    if shared:
        words = (
            "shares its kernel with another name and is"
            if len(shared) == 1
            else "share their kernels with other names and are"
        )
        reasons.append(f"{hosts_phrase(len(shared))} {words} judged there.")
    return reasons
