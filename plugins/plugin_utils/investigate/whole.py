# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation of several hosts: the document of ``investigation.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..model.version import VERSION
from ..outputs.audit_json import compact
from .choose import HEALTHY, ROLES, SICK
from .document import failed_document, is_investigation
from .fleet import differences, fleet_sentence, shared_culprits

SCHEMA = "fleetaudit.kernel_memory.investigation/1"


def investigation(
    hosts: Sequence[Mapping[str, Any]], *, at: str, audit_run_id: str | None = None, notes: Sequence[str] = ()
) -> dict[str, Any]:
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


def investigation_text(document: Mapping[str, Any]) -> str:
    """Return the text of investigation.json, a host a line, ASCII only."""
    lines = []
    for name in sorted(document):
        value = document[name]
        told = "[\n" + ",\n".join(map(compact, value)) + "\n]" if name == "hosts" else compact(value)
        lines.append(f"{compact(name)}: {told}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_investigation(text: str | bytes, source: str) -> dict[str, Any]:
    """Return an investigation.json as a document. Raises :class:`ValueError` with one sentence where it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{source} is no JSON; give an investigation.json of this collection.") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"{source} is no investigation that this version reads: {SCHEMA} is needed.")
    hosts = document.get("hosts")
    sound = isinstance(hosts, list) and all(
        isinstance(host, dict) and isinstance(host.get("name"), str) and host.get("role") in ROLES for host in hosts
    )
    if not sound or not isinstance(document.get("sentence"), str):
        raise ValueError(f"{source} is no sound investigation: its hosts or its sentence are missing.")
    return dict(document)


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
