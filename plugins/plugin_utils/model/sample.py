# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample: what one host showed at one moment, and a series: the samples of one host in the order of time.

Amounts are bytes in a sample and KiB in a series, where a host of 16 TiB and ten thousand series must both fit.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from ..dimensions.table import TABLE
from ..text.units import KIB
from .attribution_parts import Objects
from .facts import Account, Facts
from .quick import quickly_made
from .times import DAY, seconds_or_none

SAMPLED = tuple(name for name, dimension in TABLE.items() if dimension.is_kept)
"""The dimensions that a sample keeps, and their total."""

UNKNOWN = -(2**31)
"""What a column of a series holds where a sample has no value. No amount, count or time can be this."""

COUNTED = ("threads", "processes", "files", "conntrack")
"""The objects that every sample counts, since they have a limit that they can run into."""

COUNTS = ("threads_limit", "processes", "files", "files_limit", "conntrack", "conntrack_limit")
"""The columns of these objects besides ``threads``: how many there are, and how many there may be."""

VMALLOC_CODES = {"unavailable": 0, "area": 1, "pages": 2}
"""What a series and a store hold for each meaning of VmallocUsed. A number that was given is never given again."""

VMALLOC_MEANING_OF = {code: meaning for meaning, code in VMALLOC_CODES.items()}

COLUMNS = (
    "collected_at",
    "uptime_seconds",
    "boot_key",
    "kernel_key",
    "memory_total_kib",
    "memory_available_kib",
    "cpus_possible",
    "threads",
    "cgroups",
    "vmalloc_meaning",
    "balloon_kib",
    *(f"{name}_kib" for name in SAMPLED),
    "origin",
    *COUNTS,
)
"""The columns of a series. ``collected_at`` is in seconds since 1970, keys are of :func:`key_of`,
``vmalloc_meaning`` is one of ``VMALLOC_CODES``, ``origin`` is an ``Origin``. Histories keep columns by their names, so
their order here may change.
"""

_LARGEST_LIMIT = 2**53
"""A limit of more objects than that is a kernel's word for "none": fs.file-max is 2**63 - 1 where nobody has set it."""


class Origin(IntEnum):
    """How a sample came about. The numbers are stored, and never change."""

    LIVE = 0
    """Gathered from a running host."""
    IMPORTED = 1
    """What another tool has kept."""
    SAVED = 2
    """From a saved copy of a host's files."""


@quickly_made
@dataclass(frozen=True)
class Sample:
    """What one host showed at one moment. Amounts in bytes, times in seconds; None is not known."""

    host: str
    collected_at: int
    boot_id: str | None
    kernel_release: str | None
    architecture: str | None
    uptime_seconds: int | None
    memory_total_bytes: int | None
    memory_available_bytes: int | None
    cpus_possible: int | None
    threads: int | None
    cgroups: int | None
    vmalloc_meaning: str
    balloon_bytes: int | None
    amounts: Mapping[str, int | None] = field(default_factory=dict)
    memory_low_total_bytes: int | None = None
    """LowTotal of 32-bit kernels, of the moment only: a history does not keep it."""
    threads_limit: int | None = None
    origin: Origin = Origin.LIVE
    processes: int | None = None
    files: int | None = None
    files_limit: int | None = None
    conntrack: int | None = None
    conntrack_limit: int | None = None

    @property
    def kernel(self) -> str:
        """The kernel as a label: its release and architecture."""
        return f"{self.kernel_release or 'unknown'} {self.architecture or 'unknown'}"


@dataclass(frozen=True)
class Series:
    """The samples of one host, the oldest first: one column of whole numbers for each of ``COLUMNS``, all of one
    length.
    """

    host: str
    columns: Mapping[str, array[int]]

    def __len__(self) -> int:
        return len(self.columns["collected_at"])

    def until(self, moment: int) -> Series:
        """Return the samples up to a moment in seconds since 1970."""
        end = bisect_right(self.columns["collected_at"], moment)
        if end == len(self):
            return self
        return Series(self.host, {name: column[:end] for name, column in self.columns.items()})


def key_of(text: str | None) -> int:
    """Return a number for a boot id or a kernel, the same everywhere and for ever; UNKNOWN for None or an empty
    text.
    """
    if not text:
        return UNKNOWN
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big") >> 1


def sample_of(host: str, facts: Facts, now: int) -> Sample:
    """Return the sample in a host's checked facts. *now* (the controller's clock) stands in where the host gave no
    time.

    A host's clock may be wrong by years: a time later than *now*, or more than a day before it on a live host, becomes
    *now*, so that one wrong clock can't reorder a history. So does a time before 1970, of saved files too.
    """
    machine = facts.machine
    taken = seconds_or_none(facts.collected_at)
    # Facts of version 1 do not say whether they are of a saved copy; those that a transport brought are taken for live.
    live = facts.transport is not None if facts.saved is None else not facts.saved
    if taken is None or not 0 <= taken <= now or (live and taken < now - DAY):
        taken = now
    objects = facts.attribution.objects or Objects(complete=False, reason=None, duration_ms=None, has_data=False)
    return Sample(
        host=host,
        collected_at=taken,
        boot_id=machine.boot_id,
        kernel_release=machine.kernel_release,
        architecture=machine.architecture,
        uptime_seconds=None if machine.uptime_seconds is None else int(machine.uptime_seconds),
        memory_total_bytes=machine.memory_total_bytes,
        memory_available_bytes=machine.memory_available_bytes,
        cpus_possible=machine.cpus_possible,
        threads=machine.threads,
        cgroups=machine.cgroups,
        vmalloc_meaning=facts.account.vmalloc_meaning,
        balloon_bytes=_balloon(facts.account),
        amounts=facts.amounts,
        memory_low_total_bytes=machine.memory_low_total_bytes,
        threads_limit=machine.threads_limit,
        origin=Origin.LIVE if live else Origin.SAVED,
        files=objects.files,
        files_limit=objects.files_limit,
        conntrack=objects.conntrack,
        conntrack_limit=objects.conntrack_limit,
    )


def row_of(sample: Sample) -> tuple[int, ...]:
    """Return a sample as a row of a series: one whole number for each of ``COLUMNS``, amounts in KiB."""
    return (
        sample.collected_at,
        _or_unknown(sample.uptime_seconds),
        key_of(sample.boot_id),
        _kernel_key(sample.kernel) if sample.kernel_release else UNKNOWN,
        _kib(sample.memory_total_bytes),
        _kib(sample.memory_available_bytes),
        _or_unknown(sample.cpus_possible),
        _or_unknown(sample.threads),
        _or_unknown(sample.cgroups),
        VMALLOC_CODES[sample.vmalloc_meaning],
        _kib(sample.balloon_bytes),
        *(_kib(sample.amounts.get(name)) for name in SAMPLED),
        int(sample.origin),
        *(_count(name, getattr(sample, name)) for name in COUNTS),
    )


def series_of(host: str, rows: list[tuple[int, ...]]) -> Series:
    """Return a series of rows that are in the order of time."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    return Series(host, {name: array("q", column) for name, column in zip(COLUMNS, columns, strict=True)})


@lru_cache(maxsize=1024)
def _kernel_key(label: str) -> int:
    return key_of(label)


def _balloon(account: Account) -> int | None:
    sizes = [holder.bytes for holder in account.holder_of("balloon")] + [account.terms.get("balloon_bytes")]
    return max((size for size in sizes if size is not None), default=None)


def _count(name: str, number: int | None) -> int:
    """Return what is kept of a number of objects; a limit that none can reach is none."""
    return UNKNOWN if number is None or (name.endswith("_limit") and number >= _LARGEST_LIMIT) else number


def _kib(amount: int | None) -> int:
    return UNKNOWN if amount is None else amount // KIB


def _or_unknown(number: int | None) -> int:
    return UNKNOWN if number is None else number
