# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation of several hosts: the document of ``investigation.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard, cast

from ..model.version import VERSION
from ..outputs.audit_json import compact
from .choose import ASKED, HEALTHY, ROLES, SICK
from .document import failed_document, is_investigation
from .fleet import differences, fleet_sentence, shared_culprits
from .shapes import HostShape, InvestigatedHost, InvestigationShape

SCHEMA = "fleetaudit.kernel_memory.investigation/1"


def investigation(
    hosts: Sequence[HostShape], *, at: str, audit_run_id: str | None = None, notes: Sequence[str] = ()
) -> InvestigationShape:
    """Return the document of all hosts, the sick ones first.

    Parameters: hosts, documents of hosts with their ``role``; at, when it was made (UTC); audit_run_id, the audit that
    they were chosen from; notes, sentences on what was left out.
    """
    ordered = sorted(hosts, key=lambda host: (host["role"] == HEALTHY, not is_investigation(host), host["name"]))
    return {
        "schema": SCHEMA,
        "tool": {"name": "fleetaudit.kernel_memory", "version": VERSION},
        "generated_at": at,
        "audit_run_id": audit_run_id,
        "sentence": fleet_sentence(ordered),
        "shared": [one.plain() for one in shared_culprits(ordered)],
        "differences": list(differences(ordered)),
        "counts": {
            "hosts": len(ordered),
            "investigated": sum(is_investigation(host) for host in ordered),
            "sick": sum(host["role"] == SICK for host in ordered),
            "healthy": sum(host["role"] == HEALTHY for host in ordered),
        },
        "notes": list(notes),
        "hosts": list(ordered),
    }


def investigation_text(document: InvestigationShape) -> str:
    """Return the text of investigation.json, a host a line, ASCII only."""
    lines = []
    for name, value in sorted(document.items()):
        told = "[\n" + ",\n".join(map(compact, document["hosts"])) + "\n]" if name == "hosts" else compact(value)
        lines.append(f"{compact(name)}: {told}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_investigation(text: str | bytes, source: str) -> InvestigationShape:
    """Return an investigation.json as a document. Raises :class:`ValueError` with one sentence where it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{source} is no JSON; give an investigation.json of this collection.") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"{source} is no investigation that this version reads: {SCHEMA} is needed.")
    hosts = document.get("hosts")
    if not isinstance(hosts, list) or not all(map(_is_host, hosts)) or not isinstance(document.get("sentence"), str):
        raise ValueError(f"{source} is no sound investigation: its hosts or its sentence are missing.")
    return cast(InvestigationShape, document)


def _is_host(host: object) -> bool:
    """Whether plain data is a host: its name and role, and culprits that can be told to somebody."""
    if not isinstance(host, Mapping) or not isinstance(host.get("name"), str) or host.get("role") not in ROLES:
        return False
    if not isinstance(host.get("outcome"), str):
        return False
    culprits = host.get("culprits", [])
    return isinstance(culprits, list) and all(map(_is_culprit, culprits))


def _is_culprit(culprit: object) -> bool:
    if not isinstance(culprit, Mapping) or not isinstance(culprit.get("sentence"), str):
        return False
    process = culprit.get("process")
    return process is None or (isinstance(process, Mapping) and isinstance(process.get("command"), str))


def is_answer(told: object) -> TypeGuard[InvestigatedHost]:
    """Whether plain data from a task is the investigation of a host that answered."""
    return (
        isinstance(told, Mapping) and told.get("outcome") == "investigated" and isinstance(told.get("readings"), dict)
    )


def earlier_answer(told: object) -> InvestigatedHost | None:
    """Return what an earlier task found of a host, None where nothing is given. Raises :class:`ValueError` for what is
    no investigation.
    """
    if told is None:
        return None
    if not is_answer(told):
        raise ValueError("continue_from holds no investigation; give what an earlier task returned.")
    return told


def host_of_results(name: str, role: str, results: Sequence[object]) -> HostShape:
    """Return the document of a host from what its tasks returned, the last that has an answer; a host without any has
    the reason.
    """
    role = role if role in ROLES else ASKED
    found: HostShape = failed_document(name, "not_run", "No task was run on the host.", role)
    for result in results:
        if not isinstance(result, Mapping) or result.get("skipped"):
            continue
        told = result.get("investigation")
        if is_answer(told):
            found = {**told, "role": role}
        elif is_investigation(found):
            continue
        elif isinstance(told, Mapping):
            found = failed_document(name, str(told.get("outcome")), str(told.get("message")), role)
        else:
            outcome = "unreachable" if result.get("unreachable") else "failed"
            why = str(result.get("msg") or "The task failed without a message.")
            found = failed_document(name, outcome, why, role)
    return found
