# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts.jsonl: one line of JSON a host, for log systems, databases and jq; each line says of which run it is."""

from __future__ import annotations

from collections.abc import Iterator

from ..audit.audit import Audit
from .audit_json import compact

SCHEMA = "fleetaudit.kernel_memory.host/1"


def pieces(audit: Audit) -> Iterator[str]:
    """Yield the lines of hosts.jsonl, in the order of the audit."""
    generated = f'"generated_at":{compact(audit.generated_at)},'
    run = f'"run_id":{compact(audit.run_id)},"schema":{compact(SCHEMA)},'
    for line in audit.hosts.lines(generated, run):
        yield line + "\n"
