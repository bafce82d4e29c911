# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A known incident with the numbers that were made public.

What a report does not say (RAM, the size of what was quiet) is chosen so that the incident hurts, as it did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding

MIB = 1024**2
RHEL_6 = {
    "VmallocUsed": 400_000,
    "VmallocChunk": 34_350_000_000,
    "KReclaimable": None,
    "SecPageTables": None,
    "Hugetlb": None,
    "Percpu": None,
}
RHEL_7 = {name: value for name, value in RHEL_6.items() if name != "Percpu"}
TAINTED = {"proc/sys/kernel/tainted": "4096\n"}


def growth(dimension: str, mib_a_day: float, severity: str = "warning") -> Finding:
    """Return a finding of growth, as the rule over history makes it."""
    grown = int(14 * mib_a_day * MIB)
    return Finding(
        dimension,
        "growth",
        severity,
        status="confirmed",
        value=grown,
        limit=grown // 2,
        unit="bytes",
        expected="",
        explanation="It grows.",
        next_step="Look.",
        command="true",
        evidence={"slope_bytes_per_day": mib_a_day * MIB},
    )


def growing(**mib_a_day: float) -> dict[str, float]:
    """Return the bytes a day of dimensions."""
    return {dimension: slope * MIB for dimension, slope in mib_a_day.items()}


@dataclass(frozen=True)
class Incident:
    """One row: its number and public reference, the host, what is found, and the pattern (or why there is none)."""

    number: int
    reference: str
    host: dict[str, Any]
    verdict: str
    found: dict[str, str | None] = field(default_factory=dict)
    """{dimension: pattern} of the findings that count for the verdict."""
    more: tuple[Finding, ...] = ()
    growing: dict[str, float] = field(default_factory=dict)
    not_recognised: str = ""
