# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says of itself to the jobs after it in a workflow, and to notifications: small, whatever the fleet's
size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

LARGEST_BYTES = 8 * 1024
"""AWX copies it into the variables of every job that follows."""

MOST_HOSTS = 20
_MOST_BYTES = LARGEST_BYTES - 64  # for the name of the variable around it
_LONGEST_TEXT = 500
_LONGEST_NAME = 120


class HostInShort(TypedDict):
    """A host that is not ok: its first finding, or why it gave no data."""

    name: str
    verdict: str
    finding: str | None


class RunResult(TypedDict):
    """What a run says of itself. *written* are the paths of its outputs, *hosts_left_out* counts hosts with a verdict
    other than ok that are not in *worst_hosts*.
    """

    run_id: str
    generated_at: str
    decision: str
    sentence: str
    reasons: list[str]
    counts: dict[str, int]
    history: str | None
    report_dir: str | None
    written: dict[str, str]
    worst_hosts: list[HostInShort]
    hosts_left_out: int


def run_result(audit: Mapping[str, Any], report_dir: str | None, written: Mapping[str, str]) -> RunResult:
    """Return the result of a run, at most 8 KiB of JSON: decision, counts, where the report is, and the worst hosts.

    Where it would be larger, hosts go first, then paths.
    """
    decision, history = audit["decision"], audit["history"] or {}
    bad = [host for host in audit["hosts"] if host["verdict"] != "ok"]
    result: RunResult = {
        "run_id": audit["run_id"],
        "generated_at": audit["generated_at"],
        "decision": decision["decision"],
        "sentence": _short(decision["sentence"]),
        "reasons": [_short(reason) for reason in decision["reasons"][:5]],
        "counts": dict(audit["counts"]["all"]),
        "history": history.get("state"),
        "report_dir": report_dir,
        "written": dict(written),
        "worst_hosts": [_host(host) for host in bad[:MOST_HOSTS]],
        "hosts_left_out": max(len(bad) - MOST_HOSTS, 0),
    }
    while _size(result) > _MOST_BYTES and result["worst_hosts"]:
        result["worst_hosts"].pop()
        result["hosts_left_out"] += 1
    if _size(result) > _MOST_BYTES:
        result["written"] = {}
    if _size(result) > _MOST_BYTES:
        result["reasons"] = []
    if _size(result) > _MOST_BYTES:
        result["report_dir"] = None
    return result


def _host(host: Mapping[str, Any]) -> HostInShort:
    first = next((finding for finding in host["findings"] if finding["severity"] == host["verdict"]), None)
    why = host["no_data"]["reason"] if host["no_data"] else None
    return {
        "name": _short(host["name"], _LONGEST_NAME),
        "verdict": host["verdict"],
        "finding": why if first is None else f"{first['dimension']} {first['kind']}",
    }


def _short(text: str, longest: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _size(result: RunResult) -> int:
    return len(json.dumps(result, ensure_ascii=True))
