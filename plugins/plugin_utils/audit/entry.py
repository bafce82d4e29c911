# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as it stands in an audit: what it is, what it showed, its verdict; or why it has none.

What outputs read of every host is in the entry; what they read of a few is in its details.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from ..dimensions.table import DIMENSIONS, TOTAL
from ..judging.verdict import Coverage
from ..model.attribution import Attribution
from ..model.facts import Account, Facts, Machine, Platform, kernel_of
from ..model.finding import Finding
from ..model.kernel import KernelIdentity
from ..model.plain import Json, plain, plain_members
from ..model.quick import changed, quickly_made
from ..model.ready_json import ReadyJson
from ..rules.baseline import Baseline, Recent
from ..rules.in_common import Member, Traits, traits_of
from ..words.commands import investigate_command
from .not_judged import NoData
from .trend import Past, Trend, past_of, trend_of


@dataclass(frozen=True, slots=True)
class SeenFinding(Finding):
    """A finding of a host in an audit."""

    first_seen_at: str | None = None
    """The time of the audit that found it first."""
    investigate: str | None = None
    """The command line that finds out who it is; None where a finding is about no memory. Audits of 0.1.0 have none."""

    @classmethod
    def of(cls, finding: Finding, host: str, first_seen_at: str) -> SeenFinding:
        """Return *finding* of a host, first seen at a time."""
        known = {one.name: getattr(finding, one.name) for one in fields(Finding)}
        is_of_memory = finding.dimension in DIMENSIONS or finding.dimension == TOTAL
        return cls(
            **known, first_seen_at=first_seen_at, investigate=investigate_command(host) if is_of_memory else None
        )


@quickly_made
@dataclass(frozen=True, slots=True)
class Nearest:
    """A dimension of a host, the bytes at which it is critical, and how much of these it has (1 is at the limit)."""

    dimension: str
    limit_bytes: int
    share: float


@quickly_made
@dataclass(frozen=True, slots=True)
class Details:
    """What is told of a host beyond its numbers and its verdict."""

    accounting: Account | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Why a number is not known, by its name."""
    attribution: Attribution | None = None
    baseline: Mapping[str, Baseline] = field(default_factory=dict)
    trend: Recent | None = None
    critical_limits: Mapping[str, int] = field(default_factory=dict)
    """The bytes at which each dimension is critical on this host; a limit out of reach is none. Audits of 0.1.0 have
    none.
    """
    ready: ReadyJson | None = field(default=None, compare=False)
    """The JSON of what the host said, where it was made before; nothing of this stands in audit.json itself."""

    def trend_of(self, dimension: str) -> Trend | None:
        """Return the recent amounts of a dimension; None without at least two that are known."""
        return trend_of(self.trend, self.baseline, dimension)

    def why_unknown(self, dimension: str) -> str | None:
        """Return why the amount of a dimension is not known, where something says so."""
        return self.unavailable.get(dimension) or self.unavailable.get(f"{dimension}_bytes") or None

    def as_plain(self) -> dict[str, Json]:
        """Return the fields by name."""
        return {
            "accounting": plain(self.accounting),
            "unavailable": plain(self.unavailable),
            "attribution": None if self.attribution is None else self.attribution.as_plain(),
            **self.as_plain_of_judging(),
        }

    def as_plain_of_judging(self) -> dict[str, Json]:
        """Return what the host did not say itself."""
        return {
            "baseline": plain(self.baseline),
            "trend": plain(self.trend),
            "critical_limits": plain(self.critical_limits),
        }


_NO_DETAILS = Details()
_OF_DETAILS = ("told", "bound", "total_trend", "has_trend", "past", "nearest")


@quickly_made
@dataclass(frozen=True, slots=True)
class Entry:
    """One host. Sizes are bytes; what is not known is None, and a host without data says why in ``no_data``."""

    name: str
    environment: str
    environment_source: str
    groups: tuple[str, ...]
    profiles: tuple[str, ...] = ()
    verdict: str = "unknown"
    no_data: NoData | None = None
    host: Machine | None = None
    platform: Platform | None = None
    dimensions: Mapping[str, int | None] | None = None
    """The amounts as the facts name them: ``percpu_bytes``."""
    kernel_total_bytes: int | None = None
    kernel_unreclaimable_bytes: int | None = None
    findings: tuple[SeenFinding, ...] = ()
    waived: tuple[SeenFinding, ...] = ()
    coverage: Coverage | None = None
    collected_at: str | None = None
    duration_ms: int | None = None
    transport: str | None = None
    told: Details | None = _NO_DETAILS
    """None where the details stand in a file (see ``Hosts.whole``)."""
    bound: str | None = None
    """How exact its total is, one of ``BOUNDS``; one of its details that every output shows."""
    total_trend: Trend | None = None
    """What can't be reclaimed, lately."""
    has_trend: bool = False
    past: Past | None = None
    """All kinds of its memory, lately."""
    nearest: Nearest | None = None
    """The critical limit of which most is used."""

    def with_details(self, details: Details) -> Entry:
        """Return the entry with *details*."""
        return changed(
            self,
            told=details,
            bound=None if details.accounting is None else details.accounting.bound,
            total_trend=details.trend_of(TOTAL),
            has_trend=details.trend is not None,
            past=past_of(details.trend),
            nearest=nearest_of(details.critical_limits, self.dimensions or {}, self.kernel_unreclaimable_bytes),
        )

    @property
    def has_long_standing(self) -> bool:
        """Whether a limit has been exceeded for long, without any harm."""
        return any(one.status == "long_standing" for one in self.findings)

    @property
    def details(self) -> Details:
        """What is told of the host beyond its numbers. Raises AssertionError where it stands in a file."""
        if self.told is None:
            raise AssertionError(f"The details of {self.name} stand in a file; ask the audit for the whole entry.")
        return self.told

    def kernel(self) -> KernelIdentity | None:
        """Return what tells the kernel of the host from another one; None of a host that did not answer."""
        if self.host is None or self.platform is None:
            return None
        known = self.dimensions or {}
        return kernel_of(
            self.host, self.platform, self.collected_at, {name: known.get(f"{name}_bytes") for name in DIMENSIONS}
        )

    def answered(self, facts: Facts, why_not_judged: NoData | None) -> Entry:
        """Return the entry with what the host said of itself, and why it is not judged if it is not."""
        return changed(
            self,
            no_data=why_not_judged,
            host=facts.machine,
            platform=facts.platform,
            collected_at=facts.collected_at,
            duration_ms=facts.duration_ms,
            transport=facts.transport,
        )

    def without_data(self, why: NoData) -> Entry:
        """Return the entry of the host as one that has no verdict: what is known only of judged hosts is not known."""
        return replace(
            Entry(self.name, self.environment, self.environment_source, self.groups, self.profiles),
            no_data=why,
            host=self.host,
            platform=self.platform,
            collected_at=self.collected_at,
            duration_ms=self.duration_ms,
            transport=self.transport,
        )

    @property
    def needs_attention(self) -> bool:
        """Whether the verdict is a warning or critical."""
        return self.verdict in ("critical", "warning")

    @property
    def is_silent(self) -> bool:
        """Whether nothing is known of it. A second name of a kernel is known: its kernel is judged."""
        return self.no_data is not None and self.no_data.reason != "shared_kernel"

    @property
    def kernel_release(self) -> str | None:
        """The release of its kernel."""
        return None if self.host is None else self.host.kernel_release

    @property
    def boot_id(self) -> str | None:
        """The boot of its kernel."""
        return None if self.host is None else self.host.boot_id

    @property
    def memory_total_bytes(self) -> int | None:
        """Its RAM."""
        return None if self.host is None else self.host.memory_total_bytes

    def amount(self, dimension: str) -> int | None:
        """Return the bytes of a dimension."""
        return None if self.dimensions is None else self.dimensions.get(f"{dimension}_bytes")

    def level(self, dimension: str) -> int | None:
        """Return the bytes of a dimension, or of what can't be reclaimed together."""
        return self.kernel_unreclaimable_bytes if dimension == TOTAL else self.amount(dimension)

    def as_plain(self) -> dict[str, Json]:
        """Return the entry as audit.json has it."""
        return {**plain_members(self, OF_AN_ENTRY), **self.details.as_plain()}

    def as_plain_but(self, ready: Container[str]) -> dict[str, Json]:
        """Return the entry as audit.json has it, without members that are *ready*: what the host said of itself."""
        own = plain_members(self, [name for name in OF_AN_ENTRY if name not in ready])
        return {**own, **self.details.as_plain_of_judging()}

    def as_member(self) -> Member:
        """Return the host as one of a fleet."""
        machine = self.host
        return Member(
            self.name,
            self.groups,
            self.environment,
            self.kernel_release,
            None if machine is None else machine.architecture,
            None if self.platform is None else self.platform.kind,
            self.memory_total_bytes,
            None if machine is None else machine.cpus_possible,
            None if machine is None else machine.kernel_command_line,
        )


OF_AN_ENTRY = tuple(one.name for one in fields(Entry) if one.name not in _OF_DETAILS)
"""The fields that audit.json has of a host beside its details."""


def nearest_of(limits: Mapping[str, int], amounts: Mapping[str, int | None], total: int | None) -> Nearest | None:
    """Return the limit of which most is used. *amounts* are named as in the facts, *total* is that of ``TOTAL``."""
    used = [
        Nearest(dimension, limit, amount / limit)
        for dimension, limit in limits.items()
        for amount in [total if dimension == TOTAL else amounts.get(f"{dimension}_bytes")]
        if amount is not None and limit > 0
    ]
    return max(used, key=lambda one: (one.share, one.dimension), default=None)


def traits_of_entries(hosts: Iterable[Entry]) -> Traits:
    """Return the traits of the hosts of an audit that were judged."""
    judged = [host for host in hosts if host.verdict != "unknown"]
    return traits_of([host.as_member() for host in judged], no_roles_of(judged))


def no_roles_of(hosts: Sequence[Entry]) -> set[str]:
    """Return the groups that chose an environment for hosts of an audit, and the names of the environments."""
    named = {host.environment for host in hosts if host.environment}
    return named | {host.environment_source.partition("group ")[2] for host in hosts}
