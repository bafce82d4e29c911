# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts as they stand in an audit: the entry of one quiet host, with the findings that a test gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts


def entry(
    name: str = "web1", findings: Sequence[Mapping[str, Any]] = (), groups: Sequence[str] = (), **changes: Any
) -> dict[str, Any]:
    """Return the entry of a judged host of production; *changes* are those of ``healthy_facts``."""
    facts = checked_facts(healthy_facts(**changes))
    severities = {finding["severity"] for finding in findings}
    verdict = "critical" if "critical" in severities else "warning" if "warning" in severities else "ok"
    made: dict[str, Any] = Entry(name, "production", "group production", tuple(groups)).answered(facts, None).as_plain()
    shown = facts.as_plain()
    made.update({name: shown[name] for name in ("dimensions", "accounting", "attribution", "unavailable")})
    made.update(
        verdict=verdict,
        findings=list(findings),
        coverage={"judged": ["slab_unreclaimable"], "not_judged": {}, "text": ""},
    )
    return made
