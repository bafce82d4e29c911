# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two ends of an investigation on the controller are told, and which hosts are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from .audited import read_audit
from .choose import Choice, of_an_audit, of_the_play

PHASES = ("plan", "report")
OUTPUTS = ("investigation.json", "investigation.md", "investigation.html", "report.html")


class ReportArguments(TypedDict):
    """What is written of an investigation."""

    outputs: list[str]
    bundle: bool
    pseudonyms: bool


class Arguments(ReportArguments):
    """The arguments of kernel_memory_investigation, as Ansible has checked them."""

    phase: str
    hosts_pattern: list[str] | str | None
    audit: str | None
    hosts: int
    healthy: int
    plan: Mapping[str, object] | None
    results: list[str]
    dest: str | None


class PlanShape(TypedDict):
    """What the phase ``plan`` returns: the hosts with why they are asked and for which dimensions."""

    hosts: list[str]
    roles: dict[str, str]
    dimensions: dict[str, list[str]]
    notes: list[str]
    audit_run_id: str | None
    audit: str | None


def argument_spec() -> dict[str, dict[str, object]]:
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


def check(arguments: Arguments) -> None:
    """Raise :class:`ValueError` for what the specification alone can't say."""
    if arguments["hosts"] < 1:
        raise ValueError(f"kernel_mem_audit_investigate_hosts is {arguments['hosts']}; give 1 or more.")
    if not 0 <= arguments["healthy"] <= 100:
        raise ValueError(f"kernel_mem_audit_investigate_healthy is {arguments['healthy']}; give 0 to 100.")
    if arguments["phase"] == "report":
        planned(arguments["plan"])


@dataclass(frozen=True, slots=True)
class Planned:
    """What the phase ``report`` takes from what ``plan`` returned."""

    roles: dict[str, str]
    notes: tuple[str, ...]
    audit_run_id: str | None
    audit: str | None
    dest: str


def planned(plan: Mapping[str, object] | None) -> Planned:
    """Return what a plan says. Raises :class:`ValueError` where it is none."""
    told = plan or {}
    roles, notes, run_id, audit = (told.get(name) for name in ("roles", "notes", "audit_run_id", "audit"))
    if not isinstance(roles, Mapping):
        raise ValueError("plan is missing; give what the phase plan returned.")
    return Planned(
        roles={str(name): str(role) for name, role in roles.items()},
        notes=tuple(map(str, notes)) if isinstance(notes, list) else (),
        audit_run_id=None if run_id is None else str(run_id),
        audit=None if audit is None else str(audit),
        dest=str(told.get("dest") or ""),
    )


def choose(arguments: Arguments, targets: Sequence[str], working_folder: str) -> tuple[Choice, str | None]:
    """Return the hosts of an investigation, and the run id of the audit that they come from."""
    if not arguments["audit"]:
        return of_the_play(targets, arguments["hosts"]), None
    audit = read_audit(arguments["audit"], working_folder)
    return of_an_audit(audit, targets, arguments["hosts"], arguments["healthy"]), str(audit["run_id"])


def plain_choice(choice: Choice, run_id: str | None, audit: str | None = None) -> PlanShape:
    """Return a choice as a task's result; *audit* is where the audit is that it comes from."""
    return {
        "hosts": [host.name for host in choice.hosts],
        "roles": {host.name: host.role for host in choice.hosts},
        "dimensions": {host.name: list(host.dimensions) for host in choice.hosts},
        "notes": list(choice.notes),
        "audit_run_id": run_id,
        "audit": audit,
    }
