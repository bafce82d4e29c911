# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay: what today's rules would have said of stored samples, day by day.

A sample holds dimensions and not the whole account of a host, so what needs more (similar hosts, control groups that
are ending) is not replayed. Limits and the rules of a host's own history are, with the owners that grew where the
history has them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache

from ..model.finding import Finding
from ..model.owners import OwnersHistory
from ..model.plain import Plain
from ..model.sample import COUNTS, SAMPLED, UNKNOWN, VMALLOC_MEANING_OF, Origin, Sample, Series, key_of
from ..model.subject import Subject
from ..model.times import DAY, utc_text
from ..policy.policy import Policy
from ..policy.schema import hint
from ..text.units import KIB
from .explained import OwnersOf, asks_for_owners
from .judge import apply_own_rules, finish
from .verdict import Judged

ALARMS = ("warning", "critical")

JudgeSample = Callable[[Sample, Series], Sequence[Finding]]
"""A sample and the host's earlier samples in, findings out."""


@dataclass(frozen=True, slots=True)
class Alarm(Plain):
    """A finding that was not there at the host's sample before."""

    day: str
    host: str
    dimension: str
    kind: str
    severity: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Day(Plain):
    """A day with alarms: how many of each severity there were, and on which hosts."""

    day: str
    warning: int
    critical: int
    hosts: tuple[str, ...]


@dataclass(slots=True)
class Replay:
    """What a replay found: alarms in the order of time, and how much was judged."""

    alarms: list[Alarm] = field(default_factory=list)
    hosts: int = 0
    samples: int = 0
    host_days: int = 0

    def by_day(self) -> list[Day]:
        """Return the days with alarms."""
        days: dict[str, list[Alarm]] = {}
        for alarm in self.alarms:
            days.setdefault(alarm.day, []).append(alarm)
        return [
            Day(
                day,
                sum(alarm.severity == "warning" for alarm in days[day]),
                sum(alarm.severity == "critical" for alarm in days[day]),
                tuple(sorted({alarm.host for alarm in days[day]})),
            )
            for day in sorted(days)
        ]

    def rates(self) -> dict[str, float | None]:
        """Return the alarms of each severity for 1,000 host-days, or null where there was no day."""
        counts = Counter(alarm.severity for alarm in self.alarms)
        return {
            severity: round(1000 * counts[severity] / self.host_days, 2) if self.host_days else None
            for severity in ALARMS
        }


def replay(histories: Iterable[Series], kernels: Mapping[int, str], judge: JudgeSample, *, since: int = 0) -> Replay:
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
        found.host_days += len({moments[place] // DAY for place in range(first, len(moments))})
        found.alarms += _of_host(series, first, kernels, judge)
    found.alarms.sort(key=lambda alarm: (alarm.day, alarm.host, alarm.dimension, alarm.kind))
    return found


def _of_host(series: Series, first: int, kernels: Mapping[int, str], judge: JudgeSample) -> list[Alarm]:
    before: set[tuple[str, str, str]] = set()
    alarms = []
    columns = {**series.columns, "boot_key": array("q", map(_renamed_boot, series.columns["boot_key"]))}
    for place in range(first, len(series)):
        sample = sample_at(series, place, kernels)
        earlier = Series(series.host, {name: column[:place] for name, column in columns.items()})
        findings = [one for one in judge(sample, earlier) if one.severity in ALARMS]
        now = {(*one.key, one.severity) for one in findings}
        day = utc_text(sample.collected_at)[:10]
        alarms += [
            Alarm(day, series.host, one.dimension, one.kind, one.severity, one.explanation)
            for one in findings
            if (*one.key, one.severity) not in before
        ]
        before = now
    return alarms


def judge_by(
    policy: Policy, environment: str, owners: OwnersOf | None = None, groups: Mapping[str, Sequence[str]] | None = None
) -> JudgeSample:
    """Return the judge of all samples by a policy. Raises ValueError where *environment* is not in the policy.

    *groups* are the inventory groups of each host, as they are now; a history has none. A host that they have is judged
    by the environment that they say, any other by *environment*. Waivers count through the day that they name.
    *owners* is asked for who held the memory of a host that grows.
    """
    if environment not in policy.environments:
        raise ValueError(
            f"The environment {environment!r} is not in the policy; {hint(environment, policy.environments)}"
        )
    known_groups = groups or {}
    known: dict[str, OwnersHistory | None] = {}

    def owners_of(host: str) -> OwnersHistory | None:
        # The samples of one host come one after the other.
        if owners is not None and host not in known:
            known.clear()
            known[host] = owners([host]).get(host)
        return known.get(host)

    def judge(sample: Sample, earlier: Series) -> Sequence[Finding]:
        own = tuple(known_groups.get(sample.host, ()))
        name = policy.environment_of(own)[0] if sample.host in known_groups else environment
        judged = Judged(Subject(sample.host, sample, name, policy.environments[name], groups=own))
        apply_own_rules(judged, earlier, True)
        past = owners_of(sample.host) if asks_for_owners(judged) else None
        finish(judged, policy.waivers, datetime.fromtimestamp(sample.collected_at, timezone.utc).date(), past)
        return judged.findings

    return judge


def left_out(policy: Policy, groups: Mapping[str, Sequence[str]] | None) -> list[str]:
    """Return what an audit would have looked at and a replay can't, in sentences."""
    said = ["Hosts were not compared with similar hosts, and what no sample keeps (control groups, checks) is missing."]
    if policy.plain["profiles"]:
        said.append("The profiles of the policy were left out: they ask for facts that no history keeps.")
    if groups is None:
        said.append(
            "All hosts were judged by one environment, and waivers of groups were left out; give match_inventory."
        )
    return said


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
        vmalloc_meaning=VMALLOC_MEANING_OF[columns["vmalloc_meaning"][place]],
        balloon_bytes=_bytes(columns["balloon_kib"], place),
        amounts={name: _bytes(columns[f"{name}_kib"], place) for name in SAMPLED},
        origin=Origin(_known(columns["origin"], place) or 0),
        **{name: _known(columns[name], place) for name in COUNTS},
    )


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
