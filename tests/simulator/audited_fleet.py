# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet that is audited day by day in earnest: simulated hosts answer, the rules judge, a store keeps it.

Nothing of an audit is made by hand here: readings go through the accounting, and verdicts, causes, changes and the past
are what the collection says of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import RunInfo
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.stream import Streamed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.location import location_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import (
    keep,
    open_past,
    reported,
    run_record,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import RunRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import sample_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY, seconds_of, utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import Policy, policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import spool
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import START, Simulated, Trouble, simulate
from ansible_collections.fleetaudit.kernel_memory.tests.unit import machines

NOW = seconds_of("2026-11-24T02:00:00Z")
KERNELS = ("6.1.0-28-amd64", "6.1.0-31-amd64", "6.1.0-35-amd64", "6.1.0-37-amd64")
ENVIRONMENTS = ("production", "production", "production", "staging", "development")
MIB_IN_KIB = 1024


@dataclass(frozen=True)
class Role:
    """What hosts of a role are: their RAM in GiB, the share of the fleet, and the command that has most of it."""

    ram: int
    share: float
    command: str
    signs: tuple[str, ...] = machines.VM


ROLES = {
    "web": Role(16, 0.45, "nginx"),
    "db": Role(256, 0.12, "postgres", machines.PHYSICAL),
    "k8s": Role(64, 0.2, "java", machines.KUBERNETES),
    "mq": Role(64, 0.1, "beam.smp"),
    "log": Role(32, 0.13, "java"),
}


@dataclass(frozen=True)
class Planted:
    """What is wrong with some hosts of a role, and who holds it. ``day`` counts back from the last audit."""

    role: str
    hosts: int
    dimension: str
    since: float
    holder: str
    percent_a_day: float = 0.0
    share: float = 0.0
    with_reboot: bool = False
    apart: float = 0.0
    """So many days later on each next host, as a rollout in waves."""

    def trouble(self, place: int, days: int) -> Trouble:
        """Return what goes wrong on the host of this place."""
        day = days - self.since + self.apart * place
        return Trouble(self.dimension, day, self.percent_a_day / (1 + 0.15 * place), self.share, self.with_reboot)


PLANTED = (
    Planted("mq", 3, "slab_unreclaimable", 21, "kmalloc-512", percent_a_day=0.55),
    Planted("web", 9, "slab_unreclaimable", 8, "nf_conntrack", share=9.0),
    Planted("k8s", 6, "vmalloc", 18, "bpf_prog_alloc_no_stats", percent_a_day=0.07, with_reboot=True, apart=2),
    Planted("db", 2, "page_tables", 26, "postgres", percent_a_day=0.35),
    Planted("log", 1, "unaccounted", 19, "", percent_a_day=0.6),
    Planted("db", 1, "slab_unreclaimable", 38, "kmalloc-4k", share=24.0),
    Planted("k8s", 2, "kernel_stack", 12, "java", percent_a_day=0.06),
)
OUT_OF_REACH = (
    ("unreachable", "ssh: connect to host port 22: Connection timed out"),
    ("unreachable", "Permission denied (publickey)."),
    ("failed", "sudo: a password is required"),
    ("timed_out", None),
)


@dataclass(frozen=True)
class Member:
    """One host of the fleet: where it is, and what it showed over the days."""

    name: str
    role: Role
    groups: tuple[str, ...]
    series: Simulated
    planted: Planted | None = None
    places: Mapping[int, int] = field(default_factory=dict)
    """The place of its sample by the day."""

    def answer(self, day: int) -> dict[str, Any] | None:
        """Return what it answers on a day; None where it does not answer then."""
        place = self.places.get(day)
        if place is None:
            return None
        row = {name: column[place] for name, column in self.series.columns.items()}
        sizes = {name: max(1, row[f"{name}_kib"] // MIB_IN_KIB) for name in _SIZES}
        least = {name: max(1, min(self.series.columns[f"{name}_kib"]) // MIB_IN_KIB) for name in _SIZES}
        boot = self.series.texts[row["boot_key"]]
        kernel = self.series.texts[row["kernel_key"]].partition(" ")[0]
        threads = max(100, row["kernel_stack_kib"] // 16)
        facts = machines.answer(
            row["memory_total_kib"] // MIB_IN_KIB,
            su=sizes["slab_unreclaimable"],
            sr=sizes["slab_reclaimable"],
            vmalloc=sizes["vmalloc"],
            threads=threads,
            page_tables=sizes["page_tables"],
            percpu=sizes["percpu"],
            unaccounted=sizes["unaccounted"],
            available=row["memory_available_kib"] // MIB_IN_KIB,
            cpus=16,
            release=KERNELS[int(kernel.partition(".")[2]) % len(KERNELS)],
            signs=self.role.signs,
            parts=self._parts(sizes, least, threads),
            uptime=row["uptime_seconds"],
        )
        facts["collected_at"] = utc_text(moment(day) + 60)
        facts["host"].update(boot_id=boot, booted_at=utc_text(moment(day) - row["uptime_seconds"]))
        facts["duration_ms"] = 9
        return facts

    def _parts(self, sizes: Mapping[str, int], least: Mapping[str, int], threads: int) -> dict[str, Any]:
        """Return who uses the memory: what came to a dimension that is troubled is its holder's."""
        held = self.planted.dimension if self.planted is not None else ""
        holder = self.planted.holder if self.planted is not None else ""
        base = {name: least[name] if name == held else sizes[name] for name in sizes}
        more = {name: sizes[name] - base[name] for name in sizes}
        caches = [(name, part * base["slab_unreclaimable"] // 100, size) for name, part, size in _UNRECLAIMABLE]
        if held == "slab_unreclaimable":
            known = {name: amount for name, amount, _size in caches}
            caches = [one for one in caches if one[0] != holder]
            caches.append((holder, more["slab_unreclaimable"] + known.get(holder, 0), 512))
        caches += [(name, part * sizes["slab_reclaimable"] // 100, size) for name, part, size in _RECLAIMABLE]
        caches = sorted((one for one in caches if one[1] > 0), key=lambda one: -one[1])
        callers = [(name, part * base["vmalloc"] // 100) for name, part in _CALLERS]
        if held == "vmalloc":
            callers = [one for one in callers if one[0] != holder] + [(holder, more["vmalloc"])]
        callers = sorted((one for one in callers if one[1] > 0), key=lambda one: -one[1])
        tables = sizes["page_tables"]
        shown = machines.processes((self.role.command, tables * 6 // 10), threads=threads)["processes"]
        shown["page_tables_kib"] = tables * MIB_IN_KIB
        shown["threads"] = [[1001, self.role.command, threads * 6 // 10, None]]
        shown["commands"] = [
            [self.role.command, 12, tables * MIB_IN_KIB * 8 // 10, threads * 7 // 10, 0],
            ["systemd", 4, tables * MIB_IN_KIB // 50, 12, 0],
        ]
        return {**machines.slabs(*caches), **machines.callers(*callers), "processes": shown}


_SIZES = ("slab_unreclaimable", "slab_reclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu", "unaccounted")
_UNRECLAIMABLE = (
    ("kmalloc-1k", 21, 1024),
    ("kmalloc-512", 17, 512),
    ("vm_area_struct", 14, 200),
    ("task_struct", 12, 9728),
    ("kmalloc-64", 9, 64),
    ("filp", 7, 256),
)
_RECLAIMABLE = (("ext4_inode_cache", 41, 1176), ("dentry", 34, 192), ("buffer_head", 9, 104))
_CALLERS = (("load_module [ext4]", 22), ("alloc_large_system_hash", 30), ("bpf_prog_alloc_no_stats", 4))


def moment(days_ago: int) -> int:
    """Return when the audit so many days ago began."""
    return NOW - days_ago * DAY


def members(hosts: int, days: int, seed: int = 1) -> list[Member]:
    """Return the hosts of the fleet, the same for the same arguments."""
    chance = random.Random(seed)
    left = {planted: planted.hosts for planted in PLANTED}
    found = []
    for number in range(hosts):
        role = _role(number, hosts)
        planted = next((one for one, count in left.items() if count and one.role == role), None)
        place = 0
        if planted is not None:
            place = planted.hosts - left[planted]
            left[planted] -= 1
        environment = ENVIRONMENTS[0] if planted is not None else chance.choice(ENVIRONMENTS)
        name = f"{role}-{number:04d}.{environment[:4]}.example.net"
        series = simulate(
            1000 * seed + number,
            days=days + 1,
            missing=0.01,
            mean_boot_days=60,
            ram_gib=(ROLES[role].ram,),
            trouble=planted.trouble(place, days) if planted is not None else None,
        )
        places = {days - (time - START) // DAY: at for at, time in enumerate(series.columns["collected_at"])}
        if planted is not None and 0 not in places:
            places[0] = max(places.values())
        found.append(Member(name, ROLES[role], (environment, role), series, planted, places))
    return found


def _role(number: int, hosts: int) -> str:
    at, end = number / hosts, 0.0
    for name, role in ROLES.items():
        end += role.share
        if at < end:
            return name
    return "log"


@contextmanager
def audited(
    folder: Path,
    hosts: int,
    *,
    days: int = 44,
    live: int = 20,
    seed: int = 1,
    policy: Policy | None = None,
    fleet: Sequence[Member] | None = None,
) -> Iterator[Audit]:
    """Give the audit of the last of *days* days. So many of them as *live* says were audited and reported; those before
    came from another tool's past.
    """
    told = policy if policy is not None else policy_of(None)
    fleet = members(hosts, days, seed) if fleet is None else fleet
    file = str(folder / "history.sqlite3")
    _import(file, fleet, range(days, live, -1))
    with_scrap = Scrap(str(folder))
    try:
        for day in range(min(live, days), 0, -1):
            scrap = Scrap(str(folder))
            _audit(file, fleet, day, told, scrap)
            scrap.close()
        yield _audit(file, fleet, 0, told, with_scrap)
    finally:
        with_scrap.close()


def _import(file: str, fleet: Sequence[Member], days: Sequence[int]) -> None:
    store = open_store(location_of(file), create=True)
    for day in days:
        answers = ((member.name, member.answer(day)) for member in fleet)
        samples = [sample_of(name, checked_facts(facts), moment(day)) for name, facts in answers if facts is not None]
        store.append(RunRecord(f"import-{day}", moment(day), "0"), samples, {})
    store.close()


def _audit(file: str, fleet: Sequence[Member], day: int, policy: Policy, scrap: Scrap) -> Audit:
    run_id, names = f"run-{day}", tuple(member.name for member in fleet)
    records = {member.name: _record(run_id, member, day, place) for place, member in enumerate(fleet)}
    run = RunInfo(
        run_id=run_id,
        started_at=utc_text(moment(day)),
        generated_at=utc_text(moment(day) + 120),
        tool_version="1.0.0",
        targets=names,
        groups={member.name: list(member.groups) for member in fleet},
        environments={},
    )
    past = open_past(file, run_id, names)
    making = Streamed(run, records, policy, scrap, past=past)
    audit = making.audit()
    keep(
        past,
        run_record(run_id, run.started_at),
        making.samples,
        audit.hosts.entries,
        moment(day),
        owners=making.owners(),
    )
    reported(past, run_id)
    past.close()
    return audit


def _record(run_id: str, member: Member, day: int, place: int) -> Mapping[str, Any]:
    facts = member.answer(day)
    outcome, message = ("facts", None) if facts is not None else OUT_OF_REACH[place % len(OUT_OF_REACH)]
    return spool.record(
        run_id=run_id,
        host=member.name,
        written_at=utc_text(moment(day) + 61),
        outcome=outcome,
        message=message,
        groups=member.groups,
        environment=None,
        facts=facts,
    )
