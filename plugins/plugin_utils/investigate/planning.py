# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two ends of an investigation on the controller are told, and which hosts are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..audit.merge_inputs import read_report
from .choose import Choice, of_an_audit, of_the_play

PHASES = ("plan", "report")
OUTPUTS = ("investigation.json", "investigation.md")


def argument_spec() -> dict[str, dict[str, Any]]:
    """Return the argument specification of kernel_memory_investigation."""
    return {
        "phase": {"type": "str", "choices": list(PHASES), "required": True},
        "hosts_pattern": {"type": "raw"},
        "audit": {"type": "str"},
        "hosts": {"type": "int", "default": 10},
        "healthy": {"type": "int", "default": 2},
        "plan": {"type": "dict"},
        "results": {
            "type": "list",
            "elements": "str",
            "default": ["kernel_mem_audit_investigated", "kernel_mem_audit_traced"],
        },
        "dest": {"type": "str"},
        "outputs": {"type": "list", "elements": "str", "choices": list(OUTPUTS), "default": list(OUTPUTS)},
        "bundle": {"type": "bool", "default": False},
        "pseudonyms": {"type": "bool", "default": True},
    }


def check(arguments: Mapping[str, Any]) -> None:
    """Raise :class:`ValueError` for what the specification alone can't say."""
    if arguments["hosts"] < 1:
        raise ValueError(f"kernel_mem_audit_investigate_hosts is {arguments['hosts']}; give 1 or more.")
    if not 0 <= arguments["healthy"] <= 100:
        raise ValueError(f"kernel_mem_audit_investigate_healthy is {arguments['healthy']}; give 0 to 100.")
    if arguments["phase"] == "report" and not isinstance((arguments["plan"] or {}).get("roles"), Mapping):
        raise ValueError("plan is missing; give what the phase plan returned.")


def choose(arguments: Mapping[str, Any], targets: Sequence[str], working_folder: str) -> tuple[Choice, str | None]:
    """Return the hosts of an investigation, and the run id of the audit that they come from."""
    if not arguments["audit"]:
        return of_the_play(targets, arguments["hosts"]), None
    audit = read_report(arguments["audit"], working_folder).as_plain()
    return of_an_audit(audit, targets, arguments["hosts"], arguments["healthy"]), str(audit["run_id"])


def plain_choice(choice: Choice, run_id: str | None) -> dict[str, Any]:
    """Return a choice as a task's result."""
    return {
        "hosts": [host.name for host in choice.hosts],
        "roles": {host.name: host.role for host in choice.hosts},
        "dimensions": {host.name: list(host.dimensions) for host in choice.hosts},
        "notes": list(choice.notes),
        "audit_run_id": run_id,
    }
