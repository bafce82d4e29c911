# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted over the hosts of an audit, and their order: first what strikes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from ..model.finding import SEVERITIES, VERDICTS
from ..model.plain import Plain
from ..words.outlook import consequence, days_left
from .entry import Entry


@dataclass(frozen=True, slots=True)
class Counts(Plain):
    """Numbers of hosts by verdict; unknown is no data."""

    ok: int = 0
    warning: int = 0
    critical: int = 0
    unknown: int = 0
    total: int = 0

    def of(self, verdict: str) -> int:
        """Return the number of hosts with a verdict."""
        return {"ok": self.ok, "warning": self.warning, "critical": self.critical, "unknown": self.unknown}[verdict]

    @property
    def by_trouble(self) -> tuple[int, int, int]:
        """What orders counts, most trouble first."""
        return -self.critical, -self.warning, -self.unknown

    @classmethod
    def together(cls, counts: Iterable[Counts]) -> Counts:
        """Return the sums of some counts."""
        listed = list(counts)
        return cls(*[sum(getattr(one, name.name) for one in listed) for name in fields(cls)])


@dataclass(frozen=True, slots=True)
class FleetCounts(Plain):
    """The counts of all hosts, and by environment in the order of their names."""

    all: Counts
    by_environment: Mapping[str, Counts]


_NOTHING_AHEAD = consequence(None, False, 1.0, 0.0)


def in_order(hosts: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return hosts by verdict, then by what strikes first (see :attr:`Outlook.order`), then by name."""
    return tuple(sorted(hosts, key=lambda host: (VERDICTS.index(host.verdict), *_strikes(host), host.name)))


def days_of(host: Entry) -> float | None:
    """Return the days until a finding of a host reaches a limit; None where no end is in sight."""
    alarms = (one for one in host.findings if one.severity in SEVERITIES[:2])
    return min(
        (left for left in (days_left({"evidence": one.evidence}) for one in alarms) if left is not None), default=None
    )


def available_share(host: Entry) -> float | None:
    """Return how much of its RAM a host has available (0 to 1)."""
    machine = host.host
    if machine is None or machine.memory_available_bytes is None or not machine.memory_total_bytes:
        return None
    return machine.memory_available_bytes / machine.memory_total_bytes


def worst_share(host: Entry) -> float:
    """Return the largest share of its limit that a finding has reached (1.5 = half above it); 0 without findings."""
    shares = [one.value / one.limit for one in host.findings if one.severity == host.verdict and one.limit]
    return max(shares, default=0.0)


def _strikes(host: Entry) -> tuple[float, ...]:
    if not host.findings:
        return _NOTHING_AHEAD
    over = any(one.kind == "limit" and one.severity == "critical" for one in host.findings)
    available = available_share(host)
    return consequence(days_of(host), over, 1.0 if available is None else available, worst_share(host))


def counts_of(hosts: Iterable[Entry]) -> FleetCounts:
    """Return the numbers of hosts by verdict, for all and by environment."""
    numbers: dict[str, dict[str, int]] = {}
    for host in hosts:
        of_environment = numbers.setdefault(host.environment, {})
        of_environment[host.verdict] = of_environment.get(host.verdict, 0) + 1
    by_environment = {name: Counts(**numbers[name], total=sum(numbers[name].values())) for name in sorted(numbers)}
    return FleetCounts(Counts.together(by_environment.values()), by_environment)
