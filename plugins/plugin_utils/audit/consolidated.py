# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted over the hosts of an audit, and their order: worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..model.finding import VERDICTS

Host = Mapping[str, Any]


def in_order(hosts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return hosts by verdict, then by how far the worst finding is above its limit, then by name."""
    return sorted(hosts, key=lambda host: (VERDICTS.index(host["verdict"]), -worst_share(host), host["name"]))


def worst_share(host: Host) -> float:
    """Return the largest share of its limit that a finding has reached (1.5 = half above it); 0 without findings."""
    shares = [
        finding["value"] / finding["limit"]
        for finding in host["findings"]
        if finding["severity"] == host["verdict"] and finding["limit"] and finding["value"] is not None
    ]
    return max(shares, default=0.0)


def counts_of(hosts: Sequence[Host]) -> dict[str, Any]:
    """Return the numbers of hosts by verdict, for all and by environment."""
    by_environment: dict[str, list[Host]] = {}
    for host in hosts:
        by_environment.setdefault(host["environment"], []).append(host)
    return {
        "all": _counts(hosts),
        "by_environment": {name: _counts(by_environment[name]) for name in sorted(by_environment)},
    }


def _counts(hosts: Iterable[Host]) -> dict[str, int]:
    counts = dict.fromkeys(("ok", "warning", "critical", "unknown", "total"), 0)
    for host in hosts:
        counts[host["verdict"]] += 1
        counts["total"] += 1
    return counts
