# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit: everything that a run found out, as one object that every output is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..history.of_a_run import HistorySummary
from ..model.plain import Json, Plain, plain
from ..policy.waivers import Waived
from ..rules.kernel_difference import FleetFinding
from .caches import FleetCache
from .changes import Changes
from .consolidated import FleetCounts
from .fleet_runs import FleetRun
from .groups import Group
from .hosts import Hosts
from .summary import Decision

SCHEMA = "fleetaudit.kernel_memory.audit/1"
TOOL = "fleetaudit.kernel_memory"


@dataclass(frozen=True, slots=True)
class Tool(Plain):
    """What made the audit."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class JudgedBy(Plain):
    """The policy that the hosts were judged by, with the settings of its environments as a policy file has them."""

    name: str
    source: str
    environments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MergedInput(Plain):
    """An audit that became a part of another. ``used`` is how many of its hosts were taken."""

    source: str
    run_id: str
    started_at: str
    generated_at: str
    hosts: int
    used: int


@dataclass(frozen=True, slots=True)
class Merged(Plain):
    """What an audit was merged of, and what is missing in it."""

    inputs: tuple[MergedInput, ...]
    missing: tuple[str, ...]
    expected_slices: int | None
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit. Times are UTC, ISO 8601. ``hosts`` are in order, the worst first."""

    run_id: str
    generated_at: str
    started_at: str
    tool: Tool
    policy: JudgedBy
    decision: Decision
    counts: FleetCounts
    hosts: Hosts
    history: HistorySummary | None = None
    changes: Changes | None = None
    """None where nothing is known of an earlier run."""
    groups: tuple[Group, ...] = ()
    fleet_findings: tuple[FleetFinding, ...] = ()
    caches: tuple[FleetCache, ...] = ()
    waivers: tuple[Waived, ...] = ()
    notes: tuple[str, ...] = ()
    merged: Merged | None = None
    runs: tuple[FleetRun, ...] = ()
    """The last runs over the fleet with this one, the oldest first; nothing without an earlier one."""

    def frame(self) -> dict[str, Json]:
        """Return the audit as audit.json has it, without its hosts."""
        own = {one.name: plain(getattr(self, one.name)) for one in fields(self) if one.name != "hosts"}
        for name in ("merged", "runs"):
            if not own[name]:
                del own[name]
        return {"schema": SCHEMA, **own}

    def as_plain(self) -> dict[str, Json]:
        """Return the audit as audit.json has it."""
        return {**self.frame(), "hosts": [self.hosts.whole(host).as_plain() for host in self.hosts]}
