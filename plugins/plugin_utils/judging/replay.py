# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay: what today's rules would have said of stored samples, day by day.

A sample holds dimensions and not the whole account of a host, so what needs more (owners, similar hosts, control groups
that are ending) is not replayed. Limits and the rules of a host's own history are.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..model.dimensions import TOTAL
from ..model.sample import KIB, SAMPLED, UNKNOWN, VMALLOC_MEANINGS, Sample, Series, key_of
from ..model.times import utc_text
from ..words.labels import KINDS

ALARMS = ("warning", "critical")
NOT_KEPT = "The history does not keep it."

Judge = Callable[[str, Mapping[str, Any], Sample, Series], Iterable[Mapping[str, Any]]]
"""Host, facts, sample and the earlier samples in; findings out."""


@dataclass(frozen=True)
class Alarm:
    """A finding that was not there at the host's sample before."""

    day: str
    host: str
    dimension: str
    kind: str
    severity: str
    explanation: str


@dataclass
class Replay:
    """What a replay found: alarms in the order of time, and how much was judged."""

    alarms: list[Alarm] = field(default_factory=list)
    hosts: int = 0
    samples: int = 0
    host_days: int = 0

    def by_day(self) -> list[dict[str, Any]]:
        """Return, for each day with alarms, how many of each severity there were and on how many hosts."""
        days: dict[str, list[Alarm]] = {}
        for alarm in self.alarms:
            days.setdefault(alarm.day, []).append(alarm)
        return [
            {
                "day": day,
                **{severity: Counter(alarm.severity for alarm in days[day])[severity] for severity in ALARMS},
                "hosts": sorted({alarm.host for alarm in days[day]}),
            }
            for day in sorted(days)
        ]

    def rates(self) -> dict[str, float | None]:
        """Return the alarms of each severity for 1,000 host-days, or null where there was no day."""
        counts = Counter(alarm.severity for alarm in self.alarms)
        return {
            severity: round(1000 * counts[severity] / self.host_days, 2) if self.host_days else None
            for severity in ALARMS
        }


def replay(histories: Iterable[Series], kernels: Mapping[int, str], judge: Judge, *, since: int = 0) -> Replay:
    """Judge every stored sample from *since* on as if it were the newest, and return the alarms there would have
    been.
    """
    found = Replay()
    for series in histories:
        moments = series.columns["collected_at"]
        first = next((place for place, moment in enumerate(moments) if moment >= since), len(moments))
        if first == len(moments):
            continue
        found.hosts += 1
        found.samples += len(moments) - first
        found.host_days += len({moments[place] // 86400 for place in range(first, len(moments))})
        found.alarms += _of_host(series, first, kernels, judge)
    found.alarms.sort(key=lambda alarm: (alarm.day, alarm.host, alarm.dimension, alarm.kind))
    return found


def _of_host(series: Series, first: int, kernels: Mapping[int, str], judge: Judge) -> list[Alarm]:
    before: set[tuple[str, str, str]] = set()
    alarms = []
    columns = {**series.columns, "boot_key": array("q", map(_renamed_boot, series.columns["boot_key"]))}
    for place in range(first, len(series)):
        sample = sample_at(series, place, kernels)
        earlier = Series(series.host, {name: column[:place] for name, column in columns.items()})
        findings = [
            finding
            for finding in judge(series.host, facts_of(sample), sample, earlier)
            if finding["severity"] in ALARMS
        ]
        now = {(finding["dimension"], finding["kind"], finding["severity"]) for finding in findings}
        day = utc_text(sample.collected_at)[:10]
        alarms += [
            Alarm(day, series.host, finding["dimension"], finding["kind"], finding["severity"], finding["explanation"])
            for finding in findings
            if (finding["dimension"], finding["kind"], finding["severity"]) not in before
        ]
        before = now
    return alarms


def sample_at(series: Series, place: int, kernels: Mapping[int, str]) -> Sample:
    """Return one sample of a series."""
    columns = series.columns
    release, _space, architecture = kernels.get(columns["kernel_key"][place], "").rpartition(" ")
    boot = columns["boot_key"][place]
    return Sample(
        host=series.host,
        collected_at=columns["collected_at"][place],
        boot_id=_boot_id(boot),
        kernel_release=release or None,
        architecture=architecture or None,
        uptime_seconds=_known(columns["uptime_seconds"], place),
        memory_total_bytes=_bytes(columns["memory_total_kib"], place),
        memory_available_bytes=_bytes(columns["memory_available_kib"], place),
        cpus_possible=_known(columns["cpus_possible"], place),
        threads=_known(columns["threads"], place),
        cgroups=_known(columns["cgroups"], place),
        vmalloc_meaning=VMALLOC_MEANINGS[columns["vmalloc_meaning"][place]],
        balloon_bytes=_bytes(columns["balloon_kib"], place),
        amounts={name: _bytes(columns[f"{name}_kib"], place) for name in SAMPLED},
    )


def facts_of(sample: Sample) -> dict[str, Any]:
    """Return checked facts that hold what a sample holds; everything else is null with a reason."""
    return {
        "schema_version": 1,
        "collected_at": utc_text(sample.collected_at),
        "duration_ms": None,
        "transport": None,
        "host": {
            "boot_id": sample.boot_id,
            "machine_id": None,
            "uptime_seconds": sample.uptime_seconds,
            "kernel_release": sample.kernel_release,
            "architecture": sample.architecture,
            "page_size_bytes": None,
            "cpus_possible": sample.cpus_possible,
            "cpus_online": None,
            "memory_total_bytes": sample.memory_total_bytes,
            "memory_available_bytes": sample.memory_available_bytes,
            "memory_low_total_bytes": None,
            "vmalloc_total_bytes": None,
            "threads": sample.threads,
            "threads_limit": None,
            "cgroups": sample.cgroups,
        },
        "platform": {
            "kind": "unknown",
            "auditable": True,
            "reason": None,
            "container_host": None,
            "kubernetes_node": None,
            "evidence": [],
        },
        "dimensions": {f"{name}_bytes": sample.amounts.get(name) for name in KINDS},
        "kernel_total_bytes": None,
        "kernel_unreclaimable_bytes": sample.amounts.get(TOTAL),
        "accounting": {
            "bound": "estimate",
            "reasons": [NOT_KEPT],
            "vmalloc_meaning": sample.vmalloc_meaning,
            "stacks_in_vmalloc": None,
            "unaccounted_band_bytes": None,
            "terms": {},
            "holders": [],
            "unknown_fields": [],
        },
        "unavailable": {name: NOT_KEPT for name in SAMPLED if sample.amounts.get(name) is None},
        "attribution": {},
    }


def _boot_id(boot_key: int) -> str | None:
    return None if boot_key == UNKNOWN else f"boot {boot_key}"


@lru_cache(maxsize=1024)
def _renamed_boot(boot_key: int) -> int:
    # A store keeps keys of boot ids and not the ids, so boots get new ones, in the sample and in its past alike.
    return key_of(_boot_id(boot_key))


def _known(column: array[int], place: int) -> int | None:
    return None if column[place] == UNKNOWN else column[place]


def _bytes(column: array[int], place: int) -> int | None:
    return None if column[place] == UNKNOWN else column[place] * KIB
