# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects for the rules over the fleet: one with round numbers, and random fleets that are healthy or have one
known trouble.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Details, Entry, SeenFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, worst
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import (
    Change,
    Settings,
    SimilarHosts,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, facts_of, subject_of

KIB, MIB, GIB = 1024, 1024**2, 1024**3
SHIPPED = replace(BUILT_IN.environments["production"], groups=("production",))


def _level(percent: float) -> dict[str, Change | None]:
    return {"warning": Change(percent, 50, at_least=64 * MIB, at_most=4 * GIB)}


NO_LEVEL: dict[str, Change | None] = {"warning": None}

# Round numbers for tests worked by hand, whatever the collection ships.
SETTINGS = replace(
    SHIPPED,
    similar_hosts=SimilarHosts(minimum=8, times_median=1.5, z=5),
    level={
        **dict.fromkeys(LIMITED, _level(1)),
        "slab_reclaimable": NO_LEVEL,
        "unaccounted": _level(3),
        "percpu": _level(0.5),
        "kernel_stack": _level(0.5),
    },
)
PARTS = ("slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu")

# Usual levels in percent of RAM (from, to): each role draws its own.
LEVELS = {
    "slab_unreclaimable": (0.4, 2.0),
    "slab_reclaimable": (0.8, 6.0),
    "vmalloc": (0.1, 0.8),
    "page_tables": (0.1, 1.5),
    "unaccounted": (0.8, 4.0),
}


def subject(
    name: str = "web1",
    *,
    groups: Sequence[str] = (),
    settings: Settings = SETTINGS,
    environment: str = "production",
    **changes: Any,
) -> Subject:
    """Return a healthy subject of 64 GiB; changes are those of ``healthy_facts``, and the sum of the parts is kept
    true.
    """
    facts = facts_of(**changes)
    if "kernel_unreclaimable_bytes" not in changes:
        whole = sum(facts.amounts[part] or 0 for part in PARTS)
        facts = replace(facts, amounts={**facts.amounts, TOTAL: whole})
    return subject_of(facts, settings, environment=environment, name=name, groups=groups)


def growth(dimension: str = "slab_unreclaimable", severity: str = "info", status: str = "confirmed") -> Finding:
    """Return a finding of growth."""
    return Finding(
        dimension=dimension,
        kind="growth",
        severity=severity,
        status=status,
        value=500 * MIB,
        limit=330 * MIB,
        unit="bytes",
        expected="0.5 % of RAM",
        explanation="It has grown steadily.",
        next_step="Look.",
        command="true",
        evidence={"samples": 14},
    )


class Fleet:
    """A random fleet, the same for the same seed. *spread* is that of hosts of one role, as the standard deviation
    of logarithms.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        spread: float = 0.3,
        roles: int = 10,
        kernels: int = 5,
        memories: Sequence[int] = (16, 64, 64, 128),
        mean_uptime: float = 30.0,
    ) -> None:
        self.chance = random.Random(seed)
        self.spread, self.mean_uptime, self.memories = spread, mean_uptime, memories
        self.kernels = [f"6.{number}.0-{self.chance.randint(10, 99)}.el10" for number in range(1, kernels + 1)]
        self.roles = [f"role{number}" for number in range(roles)]
        self.levels = {(role, part): self.chance.uniform(*LEVELS[part]) for role in self.roles for part in LEVELS}

    def amounts(self, role: str, memory: int, cpus: int, threads: int, cgroups: int) -> dict[str, int]:
        """Return the healthy amounts of a host."""
        amounts = {
            part: int(memory * self.levels[role, part] / 100 * math.exp(self.chance.gauss(0, self.spread)))
            for part in LEVELS
        }
        amounts["kernel_stack"] = threads * 16 * KIB
        amounts["percpu"] = int(
            cpus * (600 * KIB + 6 * KIB * cgroups) * math.exp(self.chance.gauss(0, self.spread / 2))
        )
        return amounts

    def host(
        self,
        number: int,
        *,
        role: str | None = None,
        kernel: str | None = None,
        uptime_days: float | None = None,
        extra: Mapping[str, float] | None = None,
        memory_gib: int | None = None,
    ) -> Subject:
        """Return one host; *extra* are bytes by dimension on top of what is healthy."""
        chance = self.chance
        role = chance.choice(self.roles) if role is None else role
        memory = (chance.choice(self.memories) if memory_gib is None else memory_gib) * GIB
        memory = int(memory * chance.uniform(0.95, 0.99))
        cpus, threads, cgroups = 16, chance.randint(600, 3000), chance.randint(60, 200)
        amounts = self.amounts(role, memory, cpus, threads, cgroups)
        for part, more in (extra or {}).items():
            amounts[part] = max(0, int(amounts[part] + more))
        uptime = min(chance.expovariate(1 / self.mean_uptime), 200) if uptime_days is None else uptime_days
        dimensions: dict[str, Any] = {f"{part}_bytes": amount for part, amount in amounts.items()}
        return subject(
            f"{role}-{number:06d}",
            settings=SHIPPED,
            groups=("production", role, "linux"),
            boot_id=f"boot-{number}",
            uptime_seconds=int(uptime * 86400),
            kernel_release=chance.choice(self.kernels) if kernel is None else kernel,
            memory_total_bytes=memory,
            memory_available_bytes=memory // 2,
            cpus_possible=cpus,
            threads=threads,
            cgroups=cgroups,
            unaccounted_band_bytes=max(memory // 200, 64 * MIB),
            **dimensions,
        )

    def hosts(self, number: int) -> list[Subject]:
        """Return healthy hosts."""
        return [self.host(one) for one in range(number)]


def as_in_audit(one: Subject, findings: Sequence[Finding] = ()) -> Entry:
    """Return a subject with its findings as it stands in an audit, as far as groups and changes look at it."""
    assert one.facts is not None
    verdict = worst(finding.severity for finding in findings if finding.severity != "info") or "ok"
    seen = tuple(SeenFinding.of(finding, one.name, "2026-11-24T12:00:00Z") for finding in findings)
    entry = Entry(one.name, one.environment, "group production", one.groups, verdict=verdict, findings=seen)
    return entry.answered(one.facts, None).with_details(Details(attribution=one.facts.attribution))
