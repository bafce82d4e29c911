# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of one host is compared with other hosts: each dimension as a share of what it should grow with."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, log

from ..dimensions.kernel_stack import MINIMUM_THREADS
from ..dimensions.table import LIMITED, RULES
from ..model.subject import Subject
from ..text.units import KIB, MIB

LEAST_MAPPED_SHARE = 1 / 16
"""Mapped memory is taken as at least this share of RAM: an idle host maps so little that any page table would be
much.
"""

MEASURES: tuple[tuple[str, str, str], ...] = tuple(
    (dimension, one.unit, one.share_of) for dimension in LIMITED for one in RULES[dimension].comparisons
)
"""What is compared: dimension, unit and, where it is not RAM, the memory that it is a share of."""

NOT_KNOWN = -inf

# Below these shares of RAM (bytes by CPU or thread) differences say nothing, so smaller amounts are taken as this much.
_LEAST_SHARE, _LEAST_REMAINDER, _LEAST_PER_CPU, _LEAST_PER_THREAD = 0.0005, 0.005, 128.0 * KIB, 1.0 * KIB

_NO_LEVEL_BYTES = 256 * MIB
_CACHE_PERCENT = 5


def measures_of(subject: Subject) -> tuple[list[float], dict[str, str]]:
    """Return one logarithm for each of ``MEASURES`` (``NOT_KNOWN`` where there is none), and by dimension why it
    can't be compared.
    """
    memory, whole = _memory(subject)
    reasons: dict[str, str] = {}
    row = []
    for dimension, unit, basis in MEASURES:
        amount = subject.amount(dimension)
        if amount is None or not memory:
            reasons[dimension] = _reason(subject, dimension)
            row.append(NOT_KNOWN)
            continue
        if unit == "bytes" and not basis:
            share, least = (
                (amount / whole, _LEAST_REMAINDER) if dimension == "unaccounted" else (amount / memory, _LEAST_SHARE)
            )
        else:
            base = base_of(subject, unit, basis)
            if not base:
                if not basis:
                    reasons[dimension] = (
                        f"The number of {'possible CPUs' if unit == 'bytes_per_cpu' else 'threads'} is not known."
                    )
                row.append(NOT_KNOWN)
                continue
            share, least = (
                amount / base,
                _LEAST_SHARE if basis else _LEAST_PER_CPU if unit == "bytes_per_cpu" else _LEAST_PER_THREAD,
            )
        row.append(log(share if share > least else least))
    return row, reasons


def base_of(subject: Subject, unit: str, basis: str, dimension: str = "") -> float:
    """Return what an amount is a share of: bytes of memory, possible CPUs or threads; 0 where that is not known."""
    if unit == "bytes_per_cpu":
        return subject.sample.cpus_possible or 0
    if unit == "bytes_per_thread":
        # Few threads: other stacks of the kernel weigh too much in each.
        return 0 if subject.sample.threads is None else max(subject.sample.threads, MINIMUM_THREADS)
    memory, whole = _memory(subject)
    if basis:
        mapped = mapped_bytes(subject.facts.account.terms) if subject.facts else None
        return 0 if mapped is None else max(mapped, LEAST_MAPPED_SHARE * memory)
    return whole if dimension == "unaccounted" else memory


def amount_that_counts(subject: Subject, dimension: str) -> int:
    """Return the bytes that a host has to hold above what its similar hosts hold: what a sudden change of it would have
    to be.

    Where the policy names none that is 256 MiB, and 5 % of RAM of reclaimable slab; of unaccounted memory its error
    band comes on top.
    """
    memory = int(base_of(subject, "bytes", "", dimension))
    level = subject.settings.level[dimension].get("warning")
    amount = level.of(memory) if level else _NO_LEVEL_BYTES
    if dimension == "slab_reclaimable":
        amount = max(amount, memory * _CACHE_PERCENT // 100)
    if dimension == "unaccounted":
        amount += subject.band or 0
    return amount


OF_PROCESSES = ("active_anon_bytes", "inactive_anon_bytes", "anon_pages_bytes")
"""The terms of a host's account that a comparison of hosts reads."""


def mapped_bytes(terms: Mapping[str, int | None]) -> int | None:
    """Return the anonymous and shared memory of processes, which page tables are for; None where the kernel does not
    tell.
    """
    for names in (OF_PROCESSES[:2], OF_PROCESSES[2:]):
        amounts = [amount for amount in map(terms.get, names) if amount is not None]
        if len(amounts) == len(names):
            return sum(amounts)
    return None


def _memory(subject: Subject) -> tuple[int, int]:
    return subject.memory("slab_unreclaimable") or 0, subject.memory("unaccounted") or 0


def _reason(subject: Subject, dimension: str) -> str:
    if subject.amount(dimension) is not None:
        return "The host's RAM is not known."
    return subject.why_unknown(dimension, "is not compared")
