# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting: a variable of this collection that a user may set, what it may be, and which playbooks use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .kinds import Kind

PREFIX = "kernel_mem_audit_"
"""Every variable that begins so is the collection's."""

AUDIT = "audit"
GATE = "gate"
FREE = "rollout_free"
ENTRIES = (
    AUDIT,
    "audit_saved",
    "report",
    GATE,
    "rolling_upgrade",
    FREE,
    "import_history",
    "merge",
    "compare",
    "policy",
    "awx",
    "deliver",
    "investigate",
)
"""The playbooks; the entry points of the role are like the audit and like the gate."""

AUDITS = (AUDIT, "audit_saved", "deliver")
REPORTS = (*AUDITS, "report")
GATES = (GATE, "rolling_upgrade")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable.

    *each_host* says that hosts may differ in it. *before_hosts* says that Ansible reads it before it knows any host,
    so that the inventory is no place for it. *secret* values are never shown.
    """

    name: str
    kind: Kind
    used_by: Sequence[str]
    about: str
    each_host: bool = False
    before_hosts: bool = False
    secret: bool = False
