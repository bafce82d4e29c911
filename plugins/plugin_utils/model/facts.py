# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's facts: what it is, what it holds, how that was added up, and who uses it. Frozen, checked, typed.

Sizes are bytes and times seconds; None is not known. ``plugin_utils/facts`` makes them of what a host said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .attribution import Attribution
from .dimensions import DIMENSIONS, TOTAL
from .kernel import KernelIdentity
from .plain import Json, Plain, plain
from .times import seconds_or_none

SCHEMA_VERSION = 1
PLATFORM_KINDS = ("physical", "vm", "container", "unknown")
BOUNDS = ("exact", "lower", "estimate")
VMALLOC_MEANINGS = ("unavailable", "area", "pages")
HOLDER_KINDS = ("balloon", "zfs", "zram", "gpu", "driver")
NO_REASON = "The host gave no number and no reason."
MISSING_KINDS = ("not_in_this_kernel", "not_readable", "not_gathered", "damaged", "contradictory")
DOUBTFUL_KINDS = ("not_readable", "damaged", "contradictory")
"""What no kernel is excused for: a host of which such a value is missing is not known to be well."""
FAULT_KINDS = ("damaged", "contradictory")


@dataclass(frozen=True, slots=True)
class Machine(Plain):
    """The machine and its kernel. Sizes in bytes, times in seconds; None is not known."""

    boot_id: str | None
    machine_id: str | None
    kernel_release: str | None
    architecture: str | None
    uptime_seconds: float | None
    page_size_bytes: int | None
    cpus_possible: int | None
    cpus_online: int | None
    memory_total_bytes: int | None
    memory_available_bytes: int | None
    memory_low_total_bytes: int | None
    """LowTotal of 32-bit kernels: the memory that the kernel can use for itself."""
    vmalloc_total_bytes: int | None
    """The address space of vmalloc, where it is so small that it can run out."""
    threads: int | None
    threads_limit: int | None
    cgroups: int | None


@dataclass(frozen=True, slots=True)
class Platform(Plain):
    """What kind of machine it is, whether it shows a kernel of its own, and what says so."""

    kind: str
    auditable: bool
    reason: str | None
    container_host: bool | None
    kubernetes_node: bool | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holder(Plain):
    """Something that holds memory which no counter names; ``bytes`` is None where that can't be measured."""

    name: str | None
    kind: str
    bytes: int | None
    explanation: str | None
    plausible_bytes: int | None = None
    """The most that such a holder plausibly takes, where it can't be measured."""

    @property
    def label(self) -> str:
        """What it is called: its name, or its kind."""
        return str(self.name or self.kind)


@dataclass(frozen=True, slots=True)
class Account(Plain):
    """How the sums were made and how sure they are."""

    bound: str
    reasons: tuple[str, ...]
    vmalloc_meaning: str
    stacks_in_vmalloc: bool | None
    unaccounted_band_bytes: int | None
    """How far the unaccounted memory may be off, either way."""
    terms: Mapping[str, int | None]
    """What was added and taken away, by the name of the counter."""
    holders: tuple[Holder, ...]
    unknown_fields: tuple[str, ...]

    def holder_of(self, kind: str) -> list[Holder]:
        """Return the holders of a kind."""
        return [holder for holder in self.holders if holder.kind == kind]


@dataclass(frozen=True, slots=True)
class CounterFault(Plain):
    """A counter of the kernel that can't be believed: what it says, against what that can't be, and what was taken
    instead. Sizes in bytes.
    """

    counter: str | None
    kind: str
    """One of ``FAULT_KINDS``."""
    sentence: str | None
    value: int | None
    against: int | None
    taken: str | None


@dataclass(frozen=True, slots=True)
class ObjectLimit(Plain):
    """Objects of which the kernel allows only so many; None is not known, and then ``reason`` says why."""

    name: str | None
    value: int | None
    limit: int | None
    unit: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a host said, checked. Amounts in bytes by dimension; None is not known, and then ``unavailable`` says
    why.
    """

    collected_at: str | None
    duration_ms: int | None
    transport: str | None
    machine: Machine
    platform: Platform
    amounts: Mapping[str, int | None]
    """By dimension, and by ``TOTAL`` what can't be reclaimed."""
    kernel_total_bytes: int | None
    account: Account
    unavailable: Mapping[str, str]
    attribution: Attribution
    missing_kinds: Mapping[str, str] = field(default_factory=dict)
    """Of what is unavailable, whether this kernel never has it or something is wrong (one of ``MISSING_KINDS``)."""
    contradictions: tuple[CounterFault, ...] = ()
    limits: tuple[ObjectLimit, ...] = ()
    saved: bool | None = None
    """Whether they are of a copy, and ``collected_at`` is when that was made."""

    def is_doubtful(self, dimension: str) -> bool:
        """Whether a dimension has no amount although this kernel has it: damaged, contradictory, or not readable."""
        kind = self.missing_kinds.get(dimension) or self.missing_kinds.get(f"{dimension}_bytes")
        return kind in DOUBTFUL_KINDS

    def why_unknown(self, dimension: str) -> str:
        """Return the reason why a dimension has no amount."""
        return self.unavailable.get(f"{dimension}_bytes") or self.unavailable.get(dimension) or NO_REASON

    def kernel(self) -> KernelIdentity:
        """Return what tells this kernel from another one."""
        machine = self.machine
        taken = seconds_or_none(self.collected_at)
        known = taken is not None and machine.uptime_seconds is not None
        return KernelIdentity(
            machine.boot_id,
            machine.kernel_release,
            machine.architecture,
            machine.machine_id,
            int((taken or 0) - (machine.uptime_seconds or 0)) if known else None,
            machine.memory_total_bytes,
            machine.cpus_possible,
            self.platform.kind == "container",
            self.platform.auditable,
            self.amounts,
        )

    def estimated_available(self) -> int | None:
        """Return free memory and the pages of files on the LRU lists in bytes, for kernels without MemAvailable."""
        terms = self.account.terms
        for files in (("active_file_bytes", "inactive_file_bytes"), ("page_cache_bytes", "buffers_bytes")):
            known = [terms.get(name) for name in ("free_bytes", *files)]
            if None not in known:
                return sum(amount or 0 for amount in known)
        return None

    def dimensions(self) -> dict[str, int | None]:
        """Return the amounts as the facts name them: ``{"percpu_bytes": …}``."""
        return {f"{name}_bytes": self.amounts[name] for name in DIMENSIONS}

    def as_plain(self) -> dict[str, Json]:
        """Return the facts as ``kernel_memory_facts`` documents them."""
        return {
            "schema_version": SCHEMA_VERSION,
            "collected_at": self.collected_at,
            "duration_ms": self.duration_ms,
            "transport": self.transport,
            "host": plain(self.machine),
            "platform": plain(self.platform),
            "dimensions": plain(self.dimensions()),
            "kernel_total_bytes": self.kernel_total_bytes,
            "kernel_unreclaimable_bytes": self.amounts[TOTAL],
            "accounting": plain(self.account),
            "unavailable": plain(self.unavailable),
            "attribution": self.attribution.as_plain(),
        }
