# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's facts: what it is, what it holds, how that was added up, and who uses it. Frozen, checked, typed.

Sizes are bytes and times seconds; None is not known. ``plugin_utils/facts`` makes them of what a host said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..dimensions.table import DIMENSIONS, TOTAL
from .attribution import Attribution
from .plain import Json, Plain, plain

SCHEMA_VERSION = 1
PLATFORM_KINDS = ("physical", "vm", "container", "unknown")
BOUNDS = ("exact", "lower", "estimate")
VMALLOC_MEANINGS = ("unavailable", "area", "pages")
HOLDER_KINDS = ("balloon", "zfs", "zram", "gpu", "driver")
NO_REASON = "The host gave no number and no reason."


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

    def why_unknown(self, dimension: str) -> str:
        """Return the reason why a dimension has no amount."""
        return self.unavailable.get(f"{dimension}_bytes") or self.unavailable.get(dimension) or NO_REASON

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
