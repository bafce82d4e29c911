# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated hosts: kernel memory over weeks, healthy or with one known trouble, from a seed.

Healthy does not mean quiet. Hosts warm up after a boot, fill up towards a plateau for weeks, follow the day and the
week, are deployed to, have bursts and heavy-tailed noise, reboot into other kernels, get more RAM, and miss audits.
Shares are percent of RAM. The ranges are judgement, checked against recordings of real hosts of up to 28 hours; nothing
longer was to be had.
"""

from __future__ import annotations

import math
import random
import statistics
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.percpu import (
    PERCPU_BASE_BYTES,
    PERCPU_CGROUP_BYTES,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    VMALLOC_CODES,
    Sample,
    Series,
    key_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import GIB, KIB
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.kinds import KINDS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of

START = 1_760_000_400
STACK_KIB = 16
_PERCPU_KIB = 4096
"""What a healthy host keeps for a possible CPU at most, while nothing moves its level."""
HEALTHY = facts_of()
LEAKING = ("slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu", "unaccounted")
PARTS = ("slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu")


@dataclass(frozen=True)
class Habit:
    """How one dimension of healthy hosts behaves: ranges from which each host draws. Shares of the level, unless
    said otherwise.
    """

    level: tuple[float, float]  # percent of RAM
    noise: tuple[float, float]
    likeness: float  # of neighbouring hours
    day: float
    week: float
    warm_up: tuple[float, float, float, float]  # growth from, to; hours from, to
    plateau: tuple[float, float, float]  # growth at most (from 0 or the first); days from, to
    deploys: float  # in 30 days
    deploy_size: float
    plateau_from: float = 0.0


HABITS = {
    "slab_unreclaimable": Habit(
        (0.4, 2.0), (0.005, 0.03), 0.85, 0.05, 0.02, (0.1, 0.5, 3, 24), (0.3, 2, 12), 0.7, 0.15
    ),
    "slab_reclaimable": Habit(
        (0.8, 4.0), (0.02, 0.10), 0.95, 0.15, 0.08, (0.3, 1.5, 3, 24), (5.0, 2, 20), 0.7, 0.25, 0.5
    ),
    "vmalloc": Habit((0.1, 1.0), (0.001, 0.01), 0.7, 0.01, 0.0, (0.02, 0.1, 1, 6), (0.1, 2, 12), 1.0, 0.15),
    "kernel_stack": Habit((0.05, 0.4), (0.01, 0.06), 0.6, 0.20, 0.08, (0.1, 0.4, 1, 6), (0.1, 2, 12), 1.0, 0.20),
    "page_tables": Habit((0.1, 1.0), (0.02, 0.10), 0.7, 0.30, 0.10, (0.3, 1.5, 2, 24), (0.3, 2, 12), 1.0, 0.30),
    "percpu": Habit((0.02, 0.6), (0.0005, 0.01), 0.8, 0.02, 0.01, (0.05, 0.3, 1, 12), (0.2, 2, 15), 1.0, 0.15),
    "unaccounted": Habit((0.8, 4.0), (0.01, 0.06), 0.8, 0.06, 0.03, (0.05, 0.3, 2, 24), (0.2, 2, 12), 0.7, 0.15),
}


@dataclass(frozen=True)
class Trouble:
    """What goes wrong on a host. A leak of ``percent_a_day`` of RAM, or a change by ``share`` of the level, from a
    day on.
    """

    dimension: str
    day: float
    percent_a_day: float = 0.0
    share: float = 0.0
    with_reboot: bool = False
    """Whether it begins with a boot into a new kernel, instead of in the middle of a boot."""


@dataclass(frozen=True)
class Simulated:
    """One host over time."""

    name: str
    columns: dict[str, array[int]]
    trouble: Trouble | None
    texts: dict[int, str]
    """The boot ids and kernels behind the keys in the columns."""

    def __len__(self) -> int:
        return len(self.columns["collected_at"])

    def series(self, place: int, most: int = 60) -> Series:
        """Return the samples before a place, as a store would give them."""
        return Series(self.name, {name: column[max(0, place - most) : place] for name, column in self.columns.items()})

    def chosen(self, places: list[int]) -> Series:
        """Return the samples at some places as a series."""
        return Series(
            self.name, {name: array("q", [column[place] for place in places]) for name, column in self.columns.items()}
        )

    def sample(self, place: int) -> Sample:
        """Return the sample at a place."""
        row = {name: column[place] for name, column in self.columns.items()}
        return Sample(
            host=self.name,
            collected_at=row["collected_at"],
            boot_id=self.texts[row["boot_key"]],
            kernel_release=self.texts[row["kernel_key"]].partition(" ")[0],
            architecture="x86_64",
            uptime_seconds=row["uptime_seconds"],
            memory_total_bytes=row["memory_total_kib"] * KIB,
            memory_available_bytes=row["memory_available_kib"] * KIB,
            cpus_possible=row["cpus_possible"],
            threads=row["threads"],
            cgroups=row["cgroups"],
            vmalloc_meaning="pages",
            balloon_bytes=None,
            amounts={name: row[f"{name}_kib"] * KIB for name in (*JUDGED, "kernel_unreclaimable")},
        )

    def subject(self, place: int, settings: Settings) -> Subject:
        """Return the host at a place as one that is judged, in production, with an error band of a thousandth of
        RAM.
        """
        band = self.columns["memory_total_kib"][place] * KIB // 1000
        facts = replace(HEALTHY, account=replace(HEALTHY.account, unaccounted_band_bytes=band))
        return Subject(self.name, self.sample(place), "production", settings, facts)


def simulate(
    seed: int,
    *,
    days: int = 120,
    every_hours: float = 24,
    trouble: Trouble | None = None,
    reboot_every_days: float | None = None,
    mean_boot_days: float = 75,
    missing: float = 0.03,
    quiet: bool = False,
    kind: str | None = None,
    ram_gib: Sequence[float] = (4, 8, 16, 32, 64, 128, 256),
) -> Simulated:
    """Return one host; the same for the same arguments. *quiet* leaves out deploys, bursts and reboots, for tests
    worked by hand. *kind* is one of ``KINDS``: what moves its levels beyond that.
    """
    chance = random.Random(seed)
    name = f"host-{seed}"
    boots = [0.0 - 40] if quiet else _boots(chance, days, trouble, reboot_every_days, mean_boot_days)
    times = _times(chance, days, every_hours, missing)
    ram_kib = round(chance.choice(ram_gib) * GIB) // KIB
    doubled = len(boots) // 2 if len(boots) > 1 and chance.random() < 0.03 else None
    kernels, kernel = [], 0
    for boot in boots:
        kernel += chance.random() < 0.6 or (trouble is not None and trouble.with_reboot and boot == trouble.day)
        kernels.append(kernel)
    boot_numbers = [bisect_right(boots, time) - 1 for time in times]
    rams = [ram_kib * (2 if doubled is not None and number >= doubled else 1) for number in boot_numbers]
    columns: dict[str, list[int]] = {column: [0] * len(times) for column in COLUMNS}
    columns["collected_at"] = [START + round(time * 86400) for time in times]
    columns["uptime_seconds"] = [
        round((time - boots[number]) * 86400) for time, number in zip(times, boot_numbers, strict=True)
    ]
    boot_ids = [f"{name}/{number}" for number in range(len(boots))]
    labels = [f"6.{kernel} x86_64" for kernel in kernels]
    columns["boot_key"] = [key_of(boot_ids[number]) for number in boot_numbers]
    columns["kernel_key"] = [key_of(labels[number]) for number in boot_numbers]
    columns["memory_total_kib"] = rams
    columns["vmalloc_meaning"] = [VMALLOC_CODES["pages"]] * len(times)
    moved = KINDS[kind](random.Random(f"{kind} {seed}"), days, boots) if kind is not None else {}
    for dimension, habit in HABITS.items():
        level = _level(chance, habit, dimension, days, every_hours, boots, kernels, quiet)
        factor = moved.get(dimension)
        extra = _extra(trouble, boots) if trouble is not None and trouble.dimension == dimension else None
        quiet_shares = []
        for place, (time, number) in enumerate(zip(times, boot_numbers, strict=True)):
            share = level(time, number)
            quiet_shares.append(share)
            if factor is not None:
                share *= factor(time)
            if extra is not None:
                share = extra(share, time, number, rams[place] / ram_kib)
            columns[f"{dimension}_kib"][place] = round(share / 100 * ram_kib / 4) * 4
        if dimension == "percpu":
            cpus, cgroups = _machine(random.Random(f"machine {seed}"), ram_kib, statistics.median(quiet_shares))
    free = chance.uniform(0.3, 0.7)
    columns["cpus_possible"] = [cpus] * len(times)
    columns["cgroups"] = [cgroups] * len(times)
    columns["threads"] = [max(100, stacks // STACK_KIB) for stacks in columns["kernel_stack_kib"]]
    for place in range(len(times)):
        total = sum(columns[f"{dimension}_kib"][place] for dimension in PARTS)
        columns["kernel_unreclaimable_kib"][place] = total
        columns["memory_available_kib"][place] = max(0, int(rams[place] * free) - total)
    texts = {key_of(text): text for text in (*boot_ids, *labels)}
    return Simulated(name, {column: array("q", numbers) for column, numbers in columns.items()}, trouble, texts)


def _machine(chance: random.Random, ram_kib: int, percpu_percent: float) -> tuple[int, int]:
    """Return the possible CPUs and the control groups that a healthy host with so much per-CPU memory has: a CPU for
    each 4 GiB of RAM and for each 4 MiB of it at least, and as many groups as explain about that much.
    """
    percpu_kib = ram_kib * percpu_percent / 100
    cpus = 2
    while cpus < max(ram_kib / (4 * GIB // KIB), percpu_kib / _PERCPU_KIB):
        cpus *= 2
    of_groups_kib = max(0.0, percpu_kib / cpus - PERCPU_BASE_BYTES // KIB)
    return cpus, max(20, round(chance.uniform(0.7, 1.4) * of_groups_kib * KIB / PERCPU_CGROUP_BYTES))


def _boots(chance: random.Random, days: int, trouble: Trouble | None, every: float | None, mean: float) -> list[float]:
    boots = [-chance.uniform(0, every or mean)]
    while boots[-1] < days:
        boots.append(boots[-1] + (every or chance.expovariate(1 / mean) + 1 / 24))
    if trouble is not None and every is None:
        # Nothing reboots away what is to be found.
        boots = [boot for boot in boots if boot <= trouble.day - (1 if trouble.with_reboot else 0)] or [
            trouble.day - 60
        ]
        if trouble.with_reboot:
            boots.append(trouble.day)
    return boots


def _times(chance: random.Random, days: int, every_hours: float, missing: float) -> list[float]:
    hour = 3 / 24
    times = [
        hour + step * every_hours / 24 + chance.uniform(-0.2, 0.2) / 24 * min(1, every_hours / 6)
        for step in range(int(days * 24 / every_hours))
    ]
    out_from = chance.uniform(0, days) if missing and chance.random() < 0.2 else math.inf
    out_until = out_from + chance.uniform(1, 3)
    return [time for time in times if not (chance.random() < missing or out_from <= time < out_until)]


def _level(
    chance: random.Random,
    habit: Habit,
    dimension: str,
    days: int,
    every_hours: float,
    boots: list[float],
    kernels: list[int],
    quiet: bool,
) -> Callable[[float, int], float]:
    """Return a function of time (in days) and the number of the boot that gives the level in percent of RAM; call it
    in the order of time.
    """
    base = math.exp(chance.uniform(math.log(habit.level[0]), math.log(habit.level[1])))
    warm, warm_days = chance.uniform(*habit.warm_up[:2]), chance.uniform(*habit.warm_up[2:]) / 24
    plateau, plateau_days = chance.uniform(habit.plateau_from, habit.plateau[0]), chance.uniform(*habit.plateau[1:])
    shifts = [chance.gauss(0, 0.08 if dimension != "slab_reclaimable" else 0.024) for _unused in range(kernels[-1] + 1)]
    number = 0 if quiet else _poisson(chance, habit.deploys * days / 30)
    deploys = [(chance.uniform(0, days), chance.gauss(0, habit.deploy_size)) for _unused in range(number)]
    starts = [] if quiet else [chance.uniform(0, days) for _unused in range(_poisson(chance, days / 15))]
    bursts = [(start, start + chance.uniform(1, 4) / 24, chance.expovariate(1 / 0.15)) for start in starts]
    reclaims = (
        [chance.uniform(0, days) for _unused in range(_poisson(chance, days / 20))]
        if dimension == "slab_reclaimable" and not quiet
        else []
    )
    phase, day, week = chance.uniform(0, 2 * math.pi), chance.uniform(0, habit.day), chance.uniform(0, habit.week)
    noise = chance.uniform(*habit.noise)
    # Neighbouring samples are as alike as the time between them makes them; innovations are Student's t with 3 degrees
    # of freedom.
    likeness = habit.likeness**every_hours
    strength = noise * math.sqrt(1 - likeness * likeness) / math.sqrt(3)
    state = 0.0

    def level(time: float, boot: int) -> float:
        nonlocal state
        state = likeness * state + strength * chance.gauss(0, 1) / math.sqrt(chance.gammavariate(1.5, 2) / 3)
        up = time - boots[boot]
        share = (1 + warm * (1 - math.exp(-up / warm_days))) / (1 + warm) + plateau * (1 - math.exp(-up / plateau_days))
        share *= math.exp(
            shifts[kernels[boot]] + min(max(sum(size for start, size in deploys if start <= time), -0.7), 0.7)
        )
        share *= 1 + day * math.sin(2 * math.pi * time + phase) + week * math.sin(2 * math.pi * time / 7 + phase)
        for start, end, size in bursts:
            if start <= time < end:
                share *= 1 + size
        for start in reclaims:
            if start <= time:
                share *= 1 - 0.6 * math.exp(-(time - start) / 1.5)
        return base * share * math.exp(state)

    return level


def _extra(trouble: Trouble, boots: list[float]) -> Callable[[float, float, int, float], float]:
    def extra(share: float, time: float, boot: int, ram: float) -> float:
        since = min(time - trouble.day, time - boots[boot])
        if since <= 0:
            return share
        # A leak follows the load of the day.
        return share * (1 + trouble.share) + ram * trouble.percent_a_day * (
            since + 0.3 * (1 - math.cos(2 * math.pi * since)) / (2 * math.pi)
        )

    return extra


def _poisson(chance: random.Random, mean: float) -> int:
    limit, number, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number
