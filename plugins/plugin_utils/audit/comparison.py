# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison of two audits says: the differences by host, group, environment and kernel, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..model.finding import Finding, rank
from ..model.plain import Json, Plain, plain
from ..words.labels import hosts_phrase
from .consolidated import Counts

SCHEMA = "fleetaudit.kernel_memory.compare/1"


@dataclass(frozen=True, slots=True)
class Compared(Plain):
    """What is said of one of the two audits."""

    run_id: str
    generated_at: str
    decision: str
    sentence: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Measured(Plain):
    """A finding in one of the audits, in numbers."""

    severity: str
    value: float
    limit: float

    @classmethod
    def of(cls, finding: Finding | None) -> Measured | None:
        """Return a finding in numbers, or None of none."""
        return None if finding is None else cls(finding.severity, finding.value, finding.limit)


@dataclass(frozen=True, slots=True)
class Difference(Plain):
    """A finding that is not the same in both audits; None where one of them has it not."""

    name: str
    dimension: str
    kind: str
    unit: str
    severity: str
    was: Measured | None
    now: Measured | None
    text: str

    @property
    def order(self) -> tuple[int, str, str, str, str]:
        """What orders differences: the worst first."""
        return rank(self.severity), self.name, self.dimension, self.kind, self.unit


@dataclass(frozen=True, slots=True)
class GroupDifference(Plain):
    """Findings, by dimension, kind and severity, that more or fewer hosts have than before."""

    dimension: str
    kind: str
    severity: str
    hosts_before: int
    hosts_after: int


@dataclass(frozen=True, slots=True)
class KernelDifference(Plain):
    """How many hosts were judged on a kernel, and how many of them need attention."""

    kernel: str
    hosts_before: int
    attention_before: int
    hosts_after: int
    attention_after: int


@dataclass(frozen=True, slots=True)
class AmountDifference(Plain):
    """The unreclaimable kernel memory of a host."""

    name: str
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class EnvironmentDifference(Plain):
    """The counts of an environment; None where an audit has no host in it."""

    before: Counts | None
    after: Counts | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two audits.

    A finding is known again by host, dimension, kind and unit. It is in ``worse`` or ``better`` where its severity
    changed, in ``appeared`` or ``vanished`` where it is in one audit only, always of hosts that were judged in both: a
    host without data is not cured, nor is a dimension that could not be judged (``no_longer_judged``) or whose finding
    somebody waived (``waived``).
    """

    before: Compared
    after: Compared
    worse: tuple[Difference, ...]
    better: tuple[Difference, ...]
    appeared: tuple[Difference, ...]
    vanished: tuple[Difference, ...]
    no_longer_judged: tuple[Difference, ...]
    waived: tuple[Difference, ...]
    unchanged: int
    hosts_added: tuple[str, ...]
    hosts_added_in_trouble: tuple[str, ...]
    hosts_gone: tuple[str, ...]
    data_lost: tuple[str, ...]
    data_regained: tuple[str, ...]
    rebooted: tuple[str, ...]
    groups: tuple[GroupDifference, ...]
    environments: Mapping[str, EnvironmentDifference]
    kernels: tuple[KernelDifference, ...]
    amounts: tuple[AmountDifference, ...]
    policy_changed: bool

    @property
    def sentence(self) -> str:
        """The comparison in one sentence."""
        worse, better = (
            len({one.name for one in found if one.severity != "info"})
            for found in ((*self.worse, *self.appeared), (*self.better, *self.vanished))
        )
        parts = [
            f"{hosts_phrase(worse)} {'is' if worse == 1 else 'are'} worse",
            f"{better:,} {'is' if better == 1 else 'are'} better",
        ]
        if self.hosts_added_in_trouble:
            parts.append(f"{hosts_phrase(len(self.hosts_added_in_trouble))} came with findings")
        if self.data_lost:
            parts.append(f"{hosts_phrase(len(self.data_lost))} gave no data this time")
        return ", ".join(parts[:-1]) + f" and {parts[-1]}"

    def differences(self, way: str) -> tuple[Difference, ...]:
        """Return the differences of a way: ``worse``, ``appeared`` ..."""
        found: tuple[Difference, ...] = getattr(self, way)
        return found

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names of a list of hosts: ``data_lost``, ``hosts_added`` ..."""
        found: tuple[str, ...] = getattr(self, what)
        return found

    def as_plain(self) -> dict[str, Json]:
        """Return the comparison as compare.json has it."""
        own = {one.name: plain(getattr(self, one.name)) for one in fields(self)}
        return {"schema": SCHEMA, **own, "sentence": self.sentence}

    def numbers(self) -> dict[str, int]:
        """Return how long each list is, by its name."""
        return {name: len(value) for name, value in self.as_plain().items() if isinstance(value, list)}
