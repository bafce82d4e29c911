# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic fleets for tests: records as the gathering writes them, with known trouble planted in some hosts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import JudgeFleet, RunInfo
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import FleetJudgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, Judgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.tests.unit import attributions

GIB = 1024**3
MIB = 1024**2
RELEASES = ("6.1.0-28-amd64", "5.14.0-570.12.1.el9_6.x86_64", "6.8.0-51-generic", "4.18.0-553.el8_10.x86_64")
ENVIRONMENTS = ("production", "production", "production", "staging", "development")
ROLES = ("web", "db", "k8s", "log", "mq", "edge")
JudgeHost = Callable[[Subject], Judged]


def facts(
    name: str = "web1",
    *,
    slab_share: float = 0.03,
    percpu_bytes: int = 64 * MIB,
    memory_bytes: int = 64 * GIB,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the facts of one host, healthy unless asked otherwise."""
    chance = random.Random(ascii(f"{name}/{seed}"))
    threads = chance.randint(300, 3000)
    dimensions = dict.fromkeys((f"{name}_bytes" for name in DIMENSIONS), 0) | {
        "slab_unreclaimable_bytes": int(memory_bytes * slab_share),
        "slab_reclaimable_bytes": int(memory_bytes * chance.uniform(0.01, 0.05)),
        "vmalloc_bytes": int(chance.uniform(60, 300) * MIB),
        "kernel_stack_bytes": threads * 16384,
        "page_tables_bytes": int(memory_bytes * chance.uniform(0.001, 0.01)),
        "percpu_bytes": percpu_bytes,
        "unaccounted_bytes": int(memory_bytes * chance.uniform(-0.001, 0.01)),
    }
    total = sum(amount for key, amount in dimensions.items() if key != "unaccounted_bytes")
    return {
        "schema_version": 2,
        "collected_at": "2026-11-24T12:00:00Z",
        "duration_ms": chance.randint(4, 30),
        "transport": "lean",
        "run_id": "run-1",
        "host": {
            "boot_id": f"boot-of-{name}",
            "machine_id": f"machine-of-{name}",
            "uptime_seconds": chance.randint(3600, 90 * 86400),
            "kernel_release": chance.choice(RELEASES),
            "architecture": "x86_64",
            "page_size_bytes": 4096,
            "cpus_possible": 16,
            "cpus_online": 16,
            "memory_total_bytes": memory_bytes,
            "memory_available_bytes": memory_bytes // 2,
            "memory_low_total_bytes": None,
            "threads": threads,
            "threads_limit": 500000,
            "cgroups": chance.randint(80, 400),
        },
        "platform": {
            "kind": chance.choice(["physical", "vm"]),
            "auditable": True,
            "reason": None,
            "container_host": False,
            "kubernetes_node": False,
            "evidence": ["the CPU has no hypervisor flag"],
        },
        "dimensions": dimensions,
        "kernel_total_bytes": total,
        "kernel_unreclaimable_bytes": total - dimensions["slab_reclaimable_bytes"],
        "accounting": {
            "bound": "exact",
            "reasons": [],
            "vmalloc_meaning": "pages",
            "stacks_in_vmalloc": True,
            "unaccounted_band_bytes": 64 * MIB,
            "terms": {"free_bytes": memory_bytes // 3},
            "holders": [],
            "unknown_fields": [],
        },
        "unavailable": {},
        "attribution": attributions.attribution(),
    }


def record(name: str, outcome: str = "facts", message: str | None = None, **overrides: Any) -> dict[str, Any]:
    """Return the spool record of one host."""
    entry = {
        "format": 1,
        "run_id": "run-1",
        "phase": "audit",
        "host": name,
        "written_at": "2026-11-24T12:00:01Z",
        "outcome": outcome,
        "message": message,
        "groups": [],
        "environment": None,
        "facts": facts(name) if outcome == "facts" else None,
    }
    return entry | overrides


def run(targets: tuple[str, ...], groups: Mapping[str, list[str]] | None = None, **overrides: Any) -> RunInfo:
    """Return what the controller knows of a run over *targets*."""
    settings: dict[str, Any] = {
        "run_id": "run-1",
        "started_at": "2026-11-24T11:58:00Z",
        "generated_at": "2026-11-24T12:00:30Z",
        "tool_version": "0.1.0",
        "targets": targets,
        "groups": groups or {name: [] for name in targets},
        "environments": {},
    }
    return RunInfo(**(settings | overrides))


def fleet(hosts: int, seed: int = 1) -> tuple[RunInfo, dict[str, dict[str, Any]]]:
    """Return a run over *hosts* hosts, about 1 % critical, 5 % with a warning and 2 % without data, and its records."""
    chance = random.Random(seed)
    records, groups = {}, {}
    for number in range(hosts):
        environment = chance.choice(ENVIRONMENTS)
        name = f"{chance.choice(ROLES)}-{number:05d}.{environment[:4]}.example.net"
        groups[name] = [environment]
        records[name] = _host(name, chance, groups[name])
    names = tuple(groups)
    return run(names, groups), {name: entry for name, entry in records.items() if entry["outcome"] != "lost"}


def _host(name: str, chance: random.Random, groups: list[str]) -> dict[str, Any]:
    luck, memory = chance.random(), chance.choice([8, 16, 64, 256]) * GIB
    if luck < 0.02:
        outcome, message = chance.choice(
            [
                ("unreachable", "ssh: connect to host port 22: Connection timed out"),
                ("timed_out", None),
                ("lost", None),
                ("failed", "sudo: a password is required"),
                ("no_python", None),
            ]
        )
        return record(name, outcome, message, groups=groups)
    share = 0.2 + chance.random() / 5 if luck < 0.03 else 0.12 if luck < 0.05 else 0.03
    percpu = max(300 * MIB, int(memory * 0.03)) if 0.05 <= luck < 0.08 else 64 * MIB
    return record(name, groups=groups, facts=facts(name, memory_bytes=memory, percpu_bytes=percpu, slab_share=share))


def finding(dimension: str = "slab_unreclaimable", severity: str = "warning", **overrides: Any) -> dict[str, Any]:
    """Return one finding."""
    base = {
        "dimension": dimension,
        "kind": "limit",
        "severity": severity,
        "status": "current",
        "value": 12 * GIB,
        "limit": 8 * GIB,
        "unit": "bytes",
        "expected": "at most 12.5 % of RAM",
        "explanation": "Unreclaimable slab is 12 GiB; the limit is 8 GiB.",
        "next_step": "See which cache is largest.",
        "command": "sudo slabtop --once --sort=c",
    }
    return base | overrides


def growth(dimension: str = "slab_unreclaimable", severity: str = "info", **overrides: Any) -> dict[str, Any]:
    """Return one finding of growth."""
    return finding(
        dimension,
        severity,
        **{"kind": "growth", "status": "confirmed", "value": 500 * MIB, "limit": 330 * MIB, **overrides},
    )


def judge_by_slab(subject: Subject) -> Judged:
    """A stand-in for the rules, with limits that are easy to work out by hand: slab above 10 % warns, above 20 % is
    critical.
    """
    slab, memory = subject.sample.amounts["slab_unreclaimable"] or 0, subject.sample.memory_total_bytes or 0
    severity = "critical" if slab > memory * 0.2 else "warning" if slab > memory * 0.1 else None
    limit = memory // 5 if severity == "critical" else memory // 10
    return Judged(
        subject,
        Judgement(judged=["slab_unreclaimable"], not_judged={"vmalloc": "not looked at"}),
        findings=[Finding(**finding(severity=severity, value=slab, limit=limit))] if severity else [],
    )


def judging_with(judge_host: JudgeHost) -> JudgeFleet:
    """Return what judges a fleet host by host, in the place of all the rules."""

    def judge(subjects: Sequence[Subject], _past: Any, _waivers: Any, _today: Any, _owners: Any) -> FleetJudgement:
        return FleetJudgement({subject.name: judge_host(subject) for subject in subjects})

    return judge
