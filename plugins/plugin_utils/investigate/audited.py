# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation takes from an audit, as ``audit.json`` has it; its schema says what each field means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, cast

from ..audit.merge_inputs import read_report


class AuditedFinding(TypedDict):
    """A finding of a host."""

    dimension: str
    kind: str
    severity: str
    status: str
    value: float
    limit: float
    unit: str
    pattern: str | None
    explanation: str | None
    next_step: str | None
    command: str | None
    evidence: Mapping[str, object] | None


class AuditedMachine(TypedDict):
    """What a host is."""

    kernel_release: str | None


class NoData(TypedDict):
    """Why a host gave no data."""

    reason: str
    message: str
    next_step: str


class AuditedHost(TypedDict):
    """A host of an audit."""

    name: str
    groups: list[str]
    environment: str
    verdict: str
    collected_at: str | None
    findings: list[AuditedFinding]
    host: AuditedMachine | None
    no_data: NoData | None
    attribution: Mapping[str, Mapping[str, object] | None] | None


class Audited(TypedDict):
    """An audit."""

    run_id: str
    generated_at: str
    hosts: list[AuditedHost]


def read_audit(path: str, working_folder: str) -> Audited:
    """Return the audit of a file or folder. Raises :class:`ValueError` with one sentence where there is none."""
    return cast(Audited, read_report(path, working_folder).as_plain())


def kernel_of(host: AuditedHost) -> str | None:
    """Return the kernel that a host ran."""
    machine = host["host"]
    return str(machine["kernel_release"]) if machine and machine["kernel_release"] else None
