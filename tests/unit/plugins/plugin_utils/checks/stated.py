# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Healthy 64 GiB hosts with hand-made parts of their attribution, and what all checks together say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Judgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of, subject_of

Parts = Mapping[str, Mapping[str, Any]]

BUSY = {
    "some_avg10": 30.0,
    "some_avg60": 30.0,
    "some_avg300": 30.0,
    "full_avg10": 9.0,
    "full_avg60": 9.0,
    "full_avg300": 9.0,
    "oom_kills": 3,
}
IDLE = dict.fromkeys(BUSY, 0)


def host(parts: Parts | None = None, settings: Settings | None = None, **changes: Any) -> Subject:
    """Return a healthy host with these parts and changes."""
    whole = {name: {"complete": True, **part} for name, part in (parts or {}).items()}
    return subject_of(facts_of(attribution=whole, **changes), settings)


def state(parts: Parts | None = None, settings: Settings | None = None, **changes: Any) -> Judgement:
    """Return the judgement on such a host."""
    return judge_state(host(parts, settings, **changes))


def found(judgement: Judgement) -> list[tuple[str, str]]:
    """Return the check and the severity of each finding."""
    return [(one.dimension, one.severity) for one in judgement.findings]


def cache(name: str, size: int, use: float | None) -> dict[str, Any]:
    """Return a slab cache of which so many percent of the objects are in use."""
    return {"name": name, "bytes": size, "use_percent": use, "aliases": []}


def groups(dying: int | None) -> dict[str, dict[str, Any]]:
    """Return the part of control groups, of which so many have ended."""
    return {"cgroups": {"dying": dying, "cgroups": []}}
