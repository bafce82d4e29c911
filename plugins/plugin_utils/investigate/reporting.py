# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ends of an investigation on the controller: which hosts, and what is written of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..audit.merge_inputs import read_report
from ..outputs.write import replace_file, write_files
from .choose import ROLES, Choice, of_an_audit, of_the_play
from .document import failed_document
from .show.bundle import bundle, names_text
from .show.ticket import ticket
from .whole import investigation_text

PHASES = ("plan", "report")
OUTPUTS = ("investigation.json", "investigation.md")
BUNDLE, NAMES = "investigation-bundle.tar.gz", "investigation-names.json"


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
    audit = read_report(arguments["audit"], working_folder)
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


def host_of_results(name: str, role: str, results: Sequence[object]) -> dict[str, Any]:
    """Return the document of a host from what its tasks returned, the last that has an answer; a host without any has
    the reason.
    """
    document = failed_document(name, "not_run", "No task was run on the host.")
    for result in results:
        if not isinstance(result, Mapping) or result.get("skipped"):
            continue
        told = result.get("investigation")
        if isinstance(told, Mapping) and (told.get("outcome") == "investigated" or "readings" not in document):
            document = dict(told)
        elif "readings" not in document:
            outcome = "unreachable" if result.get("unreachable") else "failed"
            document = failed_document(name, outcome, str(result.get("msg") or "The task failed without a message."))
    return {**document, "role": role if role in ROLES else "asked"}


def write_investigation(document: Mapping[str, Any], folder: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Write what is wanted to a folder, and return the path of each. Raises :class:`ValueError` where that fails."""
    makers = {"investigation.json": investigation_text, "investigation.md": ticket}
    wanted = list(dict.fromkeys(arguments["outputs"]))
    paths = write_files({os.path.join(folder, name): makers[name](document) for name in wanted})
    written = dict(zip(wanted, paths, strict=True))
    if arguments["bundle"]:
        content, meant = bundle(document, pseudonyms=arguments["pseudonyms"])
        os.makedirs(folder, exist_ok=True)
        written[BUNDLE] = replace_file(os.path.join(folder, BUNDLE), content)
        if meant:
            written[NAMES] = replace_file(os.path.join(folder, NAMES), names_text(meant).encode("ascii"))
    return written
