# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an object that names itself explains what grows, and how sure that makes it.

Without a trace nobody is more than *medium*: that an object grows along with a dimension is no proof that it is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .culprit import Culprit
from .growth import Growing, Growth
from .looked import Cache, Looked
from .named import Candidate

FITS = (0.2, 5.0)
"""What is known by bytes fits a dimension whose growth it is between a fifth and five times of."""

PLAUSIBLE_BYTES = (64, 16 * 1024)
"""What is only counted fits a dimension if each object would then have so many bytes."""

POSSIBLE_BYTES = 1024 * 1024
"""Up to so many bytes for each, a dimension may be meant, but it is not certain."""

ASSUMED_BYTES = 1024
LEAST_ASSUMED = 4096
"""Of what is only counted, where no dimension grows: so many bytes each, and nothing below so many a second."""

HALF = 0.5
"""A cache that is less of its dimension's growth is no answer."""

OF_A_PROCESS = 1.5
MOST = 3


def claims(named: Sequence[Candidate], rates: Mapping[str, float]) -> tuple[Culprit, ...]:
    """Return the objects that explain something, the best first; *rates* are the dimensions that grow."""
    ranked: list[tuple[bool, bool, float, int, Culprit]] = []
    for candidate in named:
        dimension, explained, fits = _claim(candidate, rates, PLAUSIBLE_BYTES[1])
        if dimension is None and rates:
            dimension, explained, _possible = _claim(candidate, rates, POSSIBLE_BYTES)
        if not rates and candidate.bytes_per_second is None and explained < LEAST_ASSUMED:
            continue
        # A mere number that is nobody's comes last: much becomes more along with a leak, and on every healthy host.
        is_hint = candidate.process is None and candidate.bytes_per_second is None
        if is_hint and (dimension is None or not fits):
            continue
        weight = explained * (OF_A_PROCESS if candidate.process else 1.0) * (1.0 if fits else 0.1)
        culprit = _culprit(candidate, dimension, fits, rates)
        # What is measured says more than what is only counted.
        measured = (culprit.share or 0.0) >= HALF
        ranked.append((is_hint, not measured, -weight, len(ranked), culprit))
    return _without_repeats([entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])])


def _claim(candidate: Candidate, rates: Mapping[str, float], most: int) -> tuple[str | None, float, bool]:
    """Return the dimension that a candidate is in, how many bytes a second of it, and whether that fits.

    What is only counted may have *most* bytes each.
    """
    size, number = candidate.bytes_per_second, candidate.number_per_second
    if size is not None:
        places = [candidate.dimension] if candidate.dimension else sorted(rates, key=lambda name: -rates[name])
        for name in places:
            if name in rates and FITS[0] <= size / rates[name] <= FITS[1]:
                return name, min(size, rates[name]), True
        return candidate.dimension, size, not rates
    for name in sorted(rates, key=lambda name: -rates[name]):
        if number and PLAUSIBLE_BYTES[0] <= rates[name] / number <= most:
            return name, rates[name], True
    return None, (number or 0.0) * ASSUMED_BYTES, not rates


def _culprit(candidate: Candidate, dimension: str | None, fits: bool, rates: Mapping[str, float]) -> Culprit:
    share = None
    if fits and dimension is not None and dimension in rates and candidate.bytes_per_second is not None:
        share = min(1.0, candidate.bytes_per_second / rates[dimension])
    profile = bool(candidate.function)
    # A number alone, of nobody, is a hint.
    named = candidate.process is not None or profile or candidate.bytes_per_second is not None
    return Culprit(
        source="profile" if profile else "objects",
        confidence="medium" if fits and named else "low",
        dimension=dimension,
        stack=candidate.function,
        process=candidate.process,
        what=None if profile else candidate.what,
        bytes_per_second=candidate.bytes_per_second,
        number_per_second=candidate.number_per_second,
        share=share,
        detail=candidate.detail,
    )


def _without_repeats(culprits: Sequence[Culprit]) -> tuple[Culprit, ...]:
    """Return each process once, with what explains most: its threads also open descriptors, and the like."""
    kept: list[Culprit] = []
    for culprit in culprits:
        pids = [one.process.pid for one in kept if one.process and one.process.pid is not None]
        commands = [one.process.command for one in kept if one.process]
        who = culprit.process
        if who and (who.pid in pids if who.pid is not None else who.command in commands):
            continue
        kept.append(culprit)
    return tuple(kept)


def with_caller(culprit: Culprit, growing: Growing) -> Culprit:
    """Return the culprit with the function that vmallocinfo names, where it grows alike."""
    rate = culprit.bytes_per_second
    if culprit.stack or not rate or culprit.dimension not in ("vmalloc", None):
        return culprit
    for one in growing.of("caller"):
        if FITS[0] <= one.per_second / rate <= FITS[1] and not _is_shadow(one):
            return replace(culprit, stack=(one.name,), dimension="vmalloc")
    return culprit


def unclaimed(growing: Growing, looked: Looked, rates: Mapping[str, float]) -> Iterator[Culprit]:
    """Yield what names a place only: callers of vmalloc memory, and slab caches."""
    if "vmalloc" in rates:
        for one in growing.of("caller")[:1]:
            yield Culprit(
                source="caller",
                confidence="low",
                dimension="vmalloc",
                stack=(one.name,),
                bytes_per_second=one.per_second,
                share=min(1.0, one.per_second / rates["vmalloc"]),
            )
    for one in growing.of("cache"):
        cache = looked.caches.get(one.name)
        dimension = dimension_of(cache)
        if dimension in rates:
            share = min(1.0, one.per_second / rates[dimension])
            if share < HALF:
                return
            others = f"also called {', '.join(cache.aliases)}" if cache and cache.aliases else None
            yield Culprit(
                source="cache",
                confidence="low",
                dimension=dimension,
                what=f"slab cache {one.name}",
                bytes_per_second=one.per_second,
                share=share,
                detail=others,
            )
            return


def dimension_of(cache: Cache | None) -> str:
    """Return the dimension of a cache; one of which nothing is known can't be taken back."""
    return "slab_reclaimable" if cache and cache.reclaimable else "slab_unreclaimable"


def _is_shadow(one: Growth) -> bool:
    """Whether a caller holds the pages of per-CPU memory or of stacks, which are counted there."""
    return one.name.startswith(("pcpu_", "dup_task_struct", "alloc_thread_stack", "copy_process", "kernel_clone"))
