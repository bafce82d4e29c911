# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points: what another tool measured on a host at one moment, and the daily samples that are made of them.

Every importer turns its tool's text into points; what they mean for the history is decided here, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median_low

from ..dimensions.table import TOTAL
from ..model.sample import SAMPLED, Sample
from ..model.times import DAY, utc_text

SAME_BOOT_SECONDS = 120
"""Boot times that differ by no more than this are of one boot: tools work them out from a clock that is corrected
now and then.
"""

STEP_SECONDS = 3600
"""A point an hour is what is asked for: days become medians."""

LATEST = 4_102_444_800
"""The year 2100: a later moment is a broken clock, and so is one before 1970."""

COUNTERS = (
    "slab_reclaimable",
    "slab_unreclaimable",
    "kernel_stack",
    "page_tables",
    "secondary_page_tables",
    "percpu",
    "vmalloc_used",
    "memory_total",
    "memory_available",
)
"""What a point may hold, in bytes. ``vmalloc_used`` is the kernel's own VmallocUsed, with the kernel stacks in it."""

_ADDED_UP = ("slab_unreclaimable", "kernel_stack", "page_tables", "percpu", "vmalloc")


@dataclass(frozen=True)
class Point:
    """One moment of one host. ``moment`` and ``boot_time`` are seconds since 1970; a counter that is missing is not
    known.
    """

    host: str
    moment: float
    counters: Mapping[str, int]
    boot_time: float | None = None
    kernel_release: str | None = None
    architecture: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one text of a tool holds. ``mixed`` are names with several series of one counter at one moment: they may be
    several hosts, and have no points.
    """

    points: list[Point]
    mixed: frozenset[str] = frozenset()


def daily_samples(points: Iterable[Point], now: float = LATEST) -> list[Sample]:
    """Return one sample for each host, day and boot: the median of each counter, at the latest moment of that day and
    boot, and never after *now*: Netdata gives an hour that is not over the time of its end.

    Where the boot is not known, all of a day's points count as one boot. Points of an impossible time are left out.
    """
    days: dict[tuple[str, int, int], list[Point]] = {}
    for point in points:
        if not 0 <= point.moment < LATEST:
            continue
        boot = -1 if point.boot_time is None else round(point.boot_time / SAME_BOOT_SECONDS)
        days.setdefault((point.host, int(point.moment // DAY), boot), []).append(point)
    return sorted(
        (_sample(group, now) for group in days.values()), key=lambda sample: (sample.collected_at, sample.host)
    )


def by_day(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Return the samples by day (``2026-11-24``): each day becomes a run of its own, so that importing twice changes
    nothing.

    A host that booted during a day has two samples of it; the later one is kept, since a run has a host once.
    """
    days: dict[str, dict[str, Sample]] = {}
    for sample in samples:
        kept = days.setdefault(utc_text(sample.collected_at)[:10], {})
        if sample.host not in kept or kept[sample.host].collected_at <= sample.collected_at:
            kept[sample.host] = sample
    return {day: list(days[day].values()) for day in sorted(days)}


def _sample(points: list[Point], now: float) -> Sample:
    last = max(points, key=lambda point: point.moment)
    moment = min(last.moment, now)
    seen = [dict(point.counters) | _without_stacks(point.counters) for point in points]
    counters = {
        name: median_low(known)
        for name in (*COUNTERS, "vmalloc")
        if (known := [each[name] for each in seen if name in each])
    }
    uptime = None if last.boot_time is None else max(0, int(moment - last.boot_time))
    amounts = _amounts(counters)
    return Sample(
        host=last.host,
        collected_at=int(moment),
        boot_id=None,
        kernel_release=last.kernel_release,
        architecture=last.architecture,
        uptime_seconds=uptime,
        memory_total_bytes=counters.get("memory_total"),
        memory_available_bytes=counters.get("memory_available"),
        cpus_possible=None,
        threads=None,
        cgroups=None,
        vmalloc_meaning="unavailable" if amounts["vmalloc"] is None else "pages",
        balloon_bytes=None,
        amounts=amounts,
    )


def _without_stacks(counters: Mapping[str, int]) -> dict[str, int]:
    """Vmalloc as it is graded: without the kernel stacks, which kernels have in it since 4.9; where they are larger,
    it is not known.
    """
    used, stacks = counters.get("vmalloc_used", 0), counters.get("kernel_stack", 0)
    return {"vmalloc": used - stacks} if used > stacks > 0 else {}


def _amounts(counters: Mapping[str, int]) -> dict[str, int | None]:
    """Return the dimensions. A counter of 0 is one that the kernel does not keep; only secondary page tables may be
    0.
    """
    amounts: dict[str, int | None] = dict.fromkeys(SAMPLED)
    for name in ("slab_reclaimable", "slab_unreclaimable", "kernel_stack", "page_tables", "percpu"):
        amounts[name] = counters.get(name) or None
    amounts["secondary_page_tables"] = counters.get("secondary_page_tables")
    amounts["vmalloc"] = counters.get("vmalloc")
    parts = [amounts[name] for name in _ADDED_UP]
    known = [part for part in parts if part is not None]
    amounts[TOTAL] = sum(known) + (amounts["secondary_page_tables"] or 0) if len(known) == len(parts) else None
    return amounts
