# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says of itself to the jobs after it in a workflow, and to notifications: small, whatever the fleet's
size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..model.plain import Json
from .audit import Audit
from .entry import Entry

LARGEST_BYTES = 8 * 1024
"""AWX copies it into the variables of every job that follows."""

MOST_HOSTS = 20
_MOST_BYTES = LARGEST_BYTES - 64  # for the name of the variable around it
_LONGEST_TEXT = 500
_LONGEST_NAME = 120


def run_result(audit: Audit, report_dir: str | None, written: Mapping[str, str]) -> dict[str, Json]:
    """Return the result of a run, at most 8 KiB of JSON: decision, counts, where the report is, and the worst hosts.

    Where it would be larger, hosts go first, then paths; ``hosts_left_out`` counts hosts with a verdict other than ok
    that are not in it.
    """
    decision, bad = audit.decision, [host for host in audit.hosts if host.verdict != "ok"]
    worst: list[Json] = [_host(host) for host in bad[:MOST_HOSTS]]
    left_out = max(len(bad) - MOST_HOSTS, 0)
    result: dict[str, Json] = {
        "run_id": audit.run_id,
        "generated_at": audit.generated_at,
        "decision": decision.decision,
        "sentence": _short(decision.sentence),
        "reasons": [_short(reason) for reason in decision.reasons[:5]],
        "counts": dict(audit.counts.all.as_plain()),
        "history": None if audit.history is None else audit.history.state,
        "report_dir": report_dir,
        "written": dict(written),
        "worst_hosts": worst,
        "hosts_left_out": left_out,
    }
    while _size(result) > _MOST_BYTES and worst:
        worst.pop()
        left_out += 1
        result["hosts_left_out"] = left_out
    less: dict[str, Json] = {"written": {}, "reasons": [], "report_dir": None}
    for name, value in less.items():
        if _size(result) > _MOST_BYTES:
            result[name] = value
    return result


def _host(host: Entry) -> dict[str, Json]:
    first = next((finding for finding in host.findings if finding.severity == host.verdict), None)
    why = None if host.no_data is None else host.no_data.reason
    return {
        "name": _short(host.name, _LONGEST_NAME),
        "verdict": host.verdict,
        "finding": why if first is None else f"{first.dimension} {first.kind}",
    }


def _short(text: str, longest: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _size(result: Mapping[str, Json]) -> int:
    return len(json.dumps(result, ensure_ascii=True))
