# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of findings: the same finding on many hosts is one cause to look for, not many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _explain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._words import SEVERITIES, dimension_label, hosts_phrase, some_names

FEWEST_HOSTS = 2


def group_findings(hosts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings that at least two hosts share (same dimension, kind, severity and unit).

    Critical first, then by number of hosts, then by dimension. The next step is the one that most of the hosts have.
    """
    members: dict[tuple[str, str, str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for host in hosts:
        seen = set()
        for finding in host["findings"]:
            key = (finding["dimension"], finding["kind"], finding["severity"], finding["unit"])
            if key not in seen:
                seen.add(key)
                members.setdefault(key, []).append((host, finding))
    groups = [_group(key, pairs) for key, pairs in members.items() if len(pairs) >= FEWEST_HOSTS]
    return sorted(groups, key=lambda group: (SEVERITIES.index(group["severity"]), -len(group["hosts"]), group["dimension"], group["kind"]))


def _group(key: tuple[str, str, str, str], pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, Any]:
    dimension, kind, severity, unit = key
    places = Counter(host["environment"] for host, _unused in pairs)
    environments = sorted(places, key=lambda name: (-places[name], name))
    steps = Counter((finding["next_step"], finding["command"]) for _unused, finding in pairs)
    next_step, command = min(steps, key=lambda step: (-steps[step], str(step)))
    limit = "a limit" if severity == "info" else f"its {severity} limit"
    where = some_names([f"{name} ({places[name]:,})" for name in environments], 4)
    return {
        "dimension": dimension,
        "kind": kind,
        "severity": severity,
        "hosts": sorted(host["name"] for host, _unused in pairs),
        "environments": environments,
        "explanation": f"{_subject(dimension, kind, unit)} is above {limit} on {hosts_phrase(len(pairs))}: {where}.",
        "next_step": next_step,
        "command": command,
    }


def _subject(dimension: str, kind: str, unit: str) -> str:
    try:
        return _explain.words(dimension, kind, unit).subject
    except KeyError:
        return dimension_label(dimension)
