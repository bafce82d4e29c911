# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts.csv: one row a host, for spreadsheets and scripts.

RFC 4180: UTF-8 without a byte order mark, lines end with CR LF, texts are quoted and numbers are not; an unknown value
is an empty cell. Line breaks and other control characters inside a text are visible escapes, so a row is always one
line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ..audit.audit import Audit
from ..audit.consolidated import days_of
from ..audit.entry import Entry
from ..dimensions.table import DIMENSIONS
from ..text.safe import defused

LEADING = (
    "environment",
    "host",
    "verdict",
    "no_data_reason",
    "kernel_release",
    "architecture",
    "platform",
    "memory_total_bytes",
)
TOTALS = ("kernel_total_bytes", "kernel_unreclaimable_bytes", "bound")
TRAILING = ("findings", "next_step", "coverage", "collected_at", "days_left", "memory_available_bytes")
COLUMNS = (*LEADING, *(f"{name}_bytes" for name in DIMENSIONS), *TOTALS, *TRAILING)

Cell = str | int | float | None


def pieces(audit: Audit) -> Iterator[str]:
    """Yield the rows of hosts.csv."""
    yield row_text(COLUMNS)
    for host in audit.hosts:
        yield row_text(_row(host))


def render(audit: Audit) -> str:
    """Return the whole text of hosts.csv."""
    return "".join(pieces(audit))


def row_text(cells: Sequence[Cell]) -> str:
    """Return a row of a table: numbers bare; texts, and the empty cells of unknown values, quoted; texts can't be
    formulas.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect="excel", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def _row(host: Entry) -> list[Cell]:
    machine, no_data = host.host, host.no_data
    findings = " ".join(f"[{finding.severity}] {finding.explanation}" for finding in host.findings)
    return [
        host.environment,
        host.name,
        host.verdict,
        None if no_data is None else no_data.reason,
        host.kernel_release,
        None if machine is None else machine.architecture,
        None if host.platform is None else host.platform.kind,
        host.memory_total_bytes,
        *(host.amount(name) for name in DIMENSIONS),
        host.kernel_total_bytes,
        host.kernel_unreclaimable_bytes,
        host.bound,
        findings or (None if no_data is None else no_data.message),
        host.findings[0].next_step if host.findings else None if no_data is None else no_data.next_step,
        None if host.coverage is None else host.coverage.text,
        host.collected_at,
        days_of(host),
        None if machine is None else machine.memory_available_bytes,
    ]
