# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's facts: what it is, what it holds, how that was added up, and who uses it. Frozen, checked, typed.

Sizes are bytes and times seconds; None is not known. ``plugin_utils/facts`` makes them of what a host said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..dimensions.table import DIMENSIONS, TOTAL
from .attribution import Attribution
from .kernel import KernelIdentity
from .plain import Json, Plain, plain
from .quick import quickly_made
from .ready_json import ReadyJson
from .times import seconds_or_none

SCHEMA_VERSION = 2
READ_VERSIONS = (1, 2)
"""Facts of version 1 lie in older spools: what they lack is None, or an empty list."""
PLATFORM_KINDS = ("physical", "vm", "container", "unknown")
BOUNDS = ("exact", "lower", "estimate")
VMALLOC_MEANINGS = ("unavailable", "area", "pages")
HOLDER_KINDS = ("balloon", "zfs", "zram", "gpu", "driver")
NOT_IN_THIS_KERNEL = "not_in_this_kernel"
NOT_READABLE = "not_readable"
NOT_GATHERED = "not_gathered"
DAMAGED = "damaged"
CONTRADICTORY = "contradictory"
MISSING_CLASSES = (NOT_IN_THIS_KERNEL, NOT_READABLE, NOT_GATHERED, DAMAGED, CONTRADICTORY)
"""Which kind of absence a missing value is: the first is excused, since kernels of that kind never tell it."""
NO_REASON = "The host gave no number and no reason."
NOT_COUNTED_THEN = "The release of this collection that read this host did not count it."
DOUBTFUL = (NOT_READABLE, DAMAGED, CONTRADICTORY)
"""What no kernel is excused for: a host of which such a value is missing is not known to be well."""


@quickly_made
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
    memory_available_estimated: bool | None = None
    """Whether available memory is an estimate of free memory and the pages of files."""
    kernel_command_line: str | None = None
    """The boot parameters, without what looks like a secret."""
    booted_at: str | None = None
    """When the kernel was started, as ``collected_at``; it may be off by a second."""
    cgroups_living: int | None = None
    cgroups_dying: int | None = None


@quickly_made
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
    how: str | None = None
    """Which counter tells the bytes."""
    reason: str | None = None
    """Why nothing does."""
    plausible_bytes: int | None = None
    """The most that such a holder plausibly takes, where it can't be measured."""

    @property
    def label(self) -> str:
        """What it is called: its name, or its kind."""
        return str(self.name or self.kind)


@quickly_made
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
    sockets_in_slab_bytes: int | None = None
    """How much of what waits in sockets is slab, too; the totals count it once."""

    def holder_of(self, kind: str) -> list[Holder]:
        """Return the holders of a kind."""
        return [holder for holder in self.holders if holder.kind == kind]


@dataclass(frozen=True, slots=True)
class Contradiction(Plain):
    """A counter that can't be believed: what it says, what speaks against it, and which sum was taken in its place."""

    counter: str | None
    kind: str
    """``damaged`` or ``contradictory``."""
    sentence: str | None
    value: int | None
    against: int | None
    taken: str | None

    def as_plain(self) -> dict[str, Json]:
        """Return the contradiction as the facts have it."""
        found = super(Contradiction, self).as_plain()
        return {("class" if name == "kind" else name): value for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Limit(Plain):
    """Objects of the kernel with a limit that stops work; where a number is None there is a reason."""

    name: str | None
    value: int | None
    limit: int | None
    unit: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Module(Plain):
    """A module that is not of the kernel's own sources (O, P) or not signed (E)."""

    name: str | None
    flags: str | None
    bytes: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Modules(Plain):
    """The loaded modules: how many, one fingerprint of all names, and those from outside."""

    count: int | None = None
    fingerprint: str | None = None
    outside: tuple[Module, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class HugePages(Plain):
    """Huge pages that were set aside, those that nobody uses, and those of them that are promised."""

    total_bytes: int | None = None
    free_bytes: int | None = None
    reserved_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Owner(Plain):
    """Who holds kernel memory, in short. The plain form is a list of the three."""

    kind: str
    name: str
    amount: int


_KEYS = {name: f"{name}_bytes" for name in DIMENSIONS}
"""How facts name the amounts. Made once: a fleet would have a million of these texts."""


@quickly_made
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
    unavailable_class: Mapping[str, str] = field(default_factory=dict)
    """By the names of ``unavailable``, one of ``MISSING_CLASSES``; empty in facts of version 1."""
    contradictions: tuple[Contradiction, ...] = ()
    limits: tuple[Limit, ...] = ()
    modules: Modules = Modules()
    huge_pages: HugePages = HugePages()
    owners: tuple[Owner, ...] = ()
    saved: bool | None = None
    """Whether this is a saved copy, of the time ``collected_at``; None in facts of version 1."""
    ready: ReadyJson | None = field(default=None, compare=False)
    """Their JSON, where somebody has made it already."""

    def is_doubtful(self, dimension: str) -> bool:
        """Whether a dimension has no amount although this kernel has it: damaged, contradictory, or not readable."""
        kind = self.unavailable_class.get(dimension) or self.unavailable_class.get(f"{dimension}_bytes")
        return kind in DOUBTFUL

    def why_unknown(self, dimension: str) -> str:
        """Return the reason why a dimension has no amount."""
        return self.unavailable.get(f"{dimension}_bytes") or self.unavailable.get(dimension) or NO_REASON

    def kernel(self) -> KernelIdentity:
        """Return what tells this kernel from another one."""
        known = kernel_of(self.machine, self.platform, self.collected_at, self.amounts)
        return replace(known, copied_at=seconds_or_none(self.collected_at)) if self.saved else known

    def dimensions(self) -> dict[str, int | None]:
        """Return the amounts as the facts name them: ``{"percpu_bytes": …}``."""
        return {key: self.amounts[name] for name, key in _KEYS.items()}

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
            "unavailable_class": plain(self.unavailable_class),
            "contradictions": plain(self.contradictions),
            "limits": plain(self.limits),
            "modules": plain(self.modules),
            "huge_pages": plain(self.huge_pages),
            "owners": [[owner.kind, owner.name, owner.amount] for owner in self.owners],
            "saved": self.saved,
            "attribution": self.attribution.as_plain(),
        }


def kernel_of(
    machine: Machine, platform: Platform, collected_at: str | None, amounts: Mapping[str, int | None]
) -> KernelIdentity:
    """Return what tells the kernel of a machine from another one. *amounts* are its dimensions."""
    taken, uptime = seconds_or_none(collected_at), machine.uptime_seconds
    return KernelIdentity(
        machine.boot_id,
        machine.kernel_release,
        machine.architecture,
        machine.machine_id,
        None if taken is None or uptime is None else int(taken - uptime),
        machine.memory_total_bytes,
        machine.cpus_possible,
        platform.kind == "container",
        platform.auditable,
        amounts,
    )
