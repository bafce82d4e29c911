# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""findings.csv: one row a finding, for pivot tables and tickets. The rules of hosts.csv hold here, too."""

from __future__ import annotations

from collections.abc import Iterator

from ..audit.audit import Audit
from ..audit.entry import Entry, SeenFinding
from ..words.outlook import days_left
from .hosts_csv import Cell, row_text

COLUMNS = (
    "environment",
    "host",
    "verdict",
    "dimension",
    "kind",
    "severity",
    "status",
    "waived",
    "value",
    "limit",
    "unit",
    "expected",
    "explanation",
    "next_step",
    "command",
    "first_seen_at",
    "kernel_release",
    "collected_at",
    "days_left",
)


def pieces(audit: Audit) -> Iterator[str]:
    """Yield the rows of findings.csv in the order of the audit; what a waiver took out of the verdict comes after a
    host's findings.
    """
    yield row_text(COLUMNS)
    for host in audit.hosts:
        for finding in host.findings:
            yield row_text(_row(host, finding, "no"))
        for finding in host.waived:
            yield row_text(_row(host, finding, "yes"))


def _row(host: Entry, finding: SeenFinding, waived: str) -> list[Cell]:
    return [
        host.environment,
        host.name,
        host.verdict,
        finding.dimension,
        finding.kind,
        finding.severity,
        finding.status,
        waived,
        finding.value,
        finding.limit,
        finding.unit,
        finding.expected,
        finding.explanation,
        finding.next_step,
        finding.command,
        finding.first_seen_at,
        host.kernel_release,
        host.collected_at,
        days_left({"evidence": finding.evidence}),
    ]
