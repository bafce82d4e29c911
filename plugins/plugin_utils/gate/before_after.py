# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two looks at one host, set against each other by dimension: before and after a change.

A host that has just booted has cold caches. So each amount is compared with what the host had at the same uptime in an
earlier boot, where that is known; otherwise with the look before the change. Then more is more, but less proves
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import stdev
from typing import Any

from ..dimensions.table import JUDGED, TOTAL
from ..model.sample import UNKNOWN, VMALLOC_CODES, Series, key_of
from ..rules.robust_statistics import median_of
from ..text.units import KIB

COMPARED = (*JUDGED, TOTAL)
UPTIME_REACH = 0.25
"""Uptimes are equal where they differ by at most this share."""
GOES_BY_ITSELF = frozenset({"slab_reclaimable"})
"""Caches that follow the work of the host. They are shown, and never make a change worse."""

MEASURED_NOISE = 16 * 1024**2
"""More than any dimension moved between two looks at a host under load (11 MiB). No smaller difference counts."""
SMALL_HOST_PERCENT = 2
"""Of a small host's RAM: there the floor of the policy would be a large part of the memory."""

FEWEST_FOR_SPREAD = 4
"""Looks at equal uptime that a host needs before its own spread is believed."""

FEWEST_FOR_USUAL = 3
"""So many hosts must know their spread before their median says something of the others."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a dimension of a host had at equal uptime: the median, and how much it differs from time to time (the
    standard deviation of its logarithm; None where too few looks are known).
    """

    median: int
    spread: float | None


Earlier = Mapping[str, Any]
"""An earlier look: ``boot_id``, ``kernel`` (release and architecture), ``uptime_seconds`` and ``amounts`` in bytes
by dimension.
"""


def amounts_of(facts: Mapping[str, Any]) -> dict[str, int | None]:
    """Return the bytes of each compared dimension in checked facts; null where it is not known or means address
    space only.
    """
    amounts = {name: facts["dimensions"][f"{name}_bytes"] for name in JUDGED}
    if facts["accounting"]["vmalloc_meaning"] != "pages":
        amounts["vmalloc"] = None
    return amounts | {TOTAL: facts["kernel_unreclaimable_bytes"]}


def kernel_of(facts: Mapping[str, Any]) -> str:
    """Return the kernel of checked facts as a label: its release and architecture."""
    return f"{facts['host']['kernel_release'] or 'unknown'} {facts['host']['architecture'] or 'unknown'}"


def is_exact(wish: str | None) -> bool:
    """Return whether a wished kernel is one release, and no pattern."""
    return wish is not None and not any(sign in wish for sign in "*?[")


def earlier_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return an earlier look, for the next change's comparison at equal uptime."""
    host = facts["host"]
    return {
        "boot_id": host["boot_id"],
        "kernel": kernel_of(facts),
        "uptime_seconds": host["uptime_seconds"],
        "amounts": amounts_of(facts),
    }


def noise_bytes(memory: int | None, noise: Mapping[str, Any]) -> int:
    """Return the bytes that a difference must reach to count: a share of RAM, at least ``at_least``, which small hosts
    have as a share, too.
    """
    floor = int(noise["at_least"])
    if memory:
        floor = min(floor, max(MEASURED_NOISE, int(memory * SMALL_HOST_PERCENT / 100)))
    return max(floor, int((memory or 0) * noise["percent_of_ram"] / 100))


def compare_facts(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noise: Mapping[str, Any],
    series: Series | None = None,
    earlier: Sequence[Earlier] = (),
    spreads: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Compare checked facts of one host before and after a change.

    *series* and *earlier* are what is known of the host's earlier boots. A boot of the kernel that runs now is no
    reference. *spreads* are usual ones of the pool, see ``usual_spreads``.
    """
    old, new = amounts_of(before), amounts_of(after)
    memory = after["host"]["memory_total_bytes"]
    floor = noise_bytes(memory, noise)
    equal = with_usual(past_at_equal_uptime(after, series, earlier), spreads or {})
    # The band of the remainder errs alike in both looks, so it is no noise of their difference.
    dimensions = {name: difference(old[name], new[name], equal.get(name), floor) for name in COMPARED}
    if before["accounting"]["vmalloc_meaning"] != after["accounting"]["vmalloc_meaning"]:
        dimensions["vmalloc"] = _not_comparable(
            old["vmalloc"], new["vmalloc"], "VmallocUsed means something else on the other kernel."
        )
    boots = before["host"]["boot_id"], after["host"]["boot_id"]
    return {
        "rebooted": None if None in boots else boots[0] != boots[1],
        "kernel_before": kernel_of(before),
        "kernel_after": kernel_of(after),
        "kernel_changed": kernel_of(before) != kernel_of(after),
        "uptime_before_seconds": before["host"]["uptime_seconds"],
        "uptime_after_seconds": after["host"]["uptime_seconds"],
        "memory_total_bytes": memory,
        "memory_before_bytes": before["host"]["memory_total_bytes"],
        "at_equal_uptime": bool(equal),
        "dimensions": dimensions,
    }


def difference(old: int | None, new: int | None, past: Past | None, floor: int) -> dict[str, Any]:
    """Return the difference of one dimension: against its *past* at equal uptime where that is known, else before."""
    equal = None if past is None else past.median
    reference = old if equal is None else equal
    if new is None or reference is None:
        return _not_comparable(old, new, "It is not known both before and after.")
    difference = new - reference
    outcome = "same" if abs(difference) < floor else "more" if difference > 0 else "less"
    return {
        "before_bytes": old,
        "after_bytes": new,
        "reference_bytes": reference,
        "difference_bytes": difference,
        "noise_bytes": floor,
        "ratio": round(new / reference, 3) if reference > 0 else None,
        "basis": "before" if equal is None else "equal_uptime",
        "spread": None if past is None else past.spread,
        "outcome": outcome,
        "reason": None,
    }


def _not_comparable(old: int | None, new: int | None, reason: str) -> dict[str, Any]:
    return {
        "before_bytes": old,
        "after_bytes": new,
        "reference_bytes": None,
        "difference_bytes": None,
        "noise_bytes": None,
        "ratio": None,
        "basis": None,
        "spread": None,
        "outcome": "not_comparable",
        "reason": reason,
    }


def usual_spreads(pasts: Sequence[Mapping[str, Past]]) -> dict[str, float]:
    """Return the median spread of each dimension over the hosts of a pool that know theirs, where there are enough.

    The spread of one host comes from a few boots, so by chance it is far too small on some hosts of a large pool.
    """
    found: dict[str, list[float]] = {}
    for past in pasts:
        for name, one in past.items():
            if one.spread is not None:
                found.setdefault(name, []).append(one.spread)
    return {name: median_of(sorted(all_of)) for name, all_of in found.items() if len(all_of) >= FEWEST_FOR_USUAL}


def with_usual(pasts: Mapping[str, Past], spreads: Mapping[str, float]) -> dict[str, Past]:
    """Return pasts whose spreads are at least the usual ones of the pool."""
    return {
        name: past if past.spread is None else Past(past.median, max(past.spread, spreads.get(name, 0.0)))
        for name, past in pasts.items()
    }


def past_at_equal_uptime(
    after: Mapping[str, Any], series: Series | None, earlier: Sequence[Earlier]
) -> dict[str, Past]:
    """Return what each dimension had in earlier boots of other kernels at about the uptime of *after*."""
    uptime = after["host"]["uptime_seconds"]
    if not uptime:
        return {}
    low, high = uptime * (1 - UPTIME_REACH), uptime * (1 + UPTIME_REACH)
    found: dict[str, list[int]] = {}
    for look in earlier:
        if (
            look["boot_id"] != after["host"]["boot_id"]
            and look["kernel"] != kernel_of(after)
            and low <= (look["uptime_seconds"] or -1) <= high
        ):
            for name in COMPARED:
                if look["amounts"].get(name) is not None:
                    found.setdefault(name, []).append(int(look["amounts"][name]))
    if series is not None:
        columns, boot, kernel = series.columns, key_of(after["host"]["boot_id"]), key_of(kernel_of(after))
        for place in range(len(series)):
            if (
                columns["boot_key"][place] in (boot, UNKNOWN)
                or columns["kernel_key"][place] == kernel
                or not low <= columns["uptime_seconds"][place] <= high
            ):
                continue
            for name in COMPARED:
                amount = columns[f"{name}_kib"][place]
                is_pages = name != "vmalloc" or columns["vmalloc_meaning"][place] == VMALLOC_CODES["pages"]
                if amount != UNKNOWN and is_pages:
                    found.setdefault(name, []).append(amount * KIB)
    return {name: past_of(amounts) for name, amounts in found.items()}


def past_of(amounts: Sequence[int]) -> Past:
    """Return what amounts at equal uptime come to. Fewer than four say nothing of their spread."""
    logs = [log(amount) for amount in amounts if amount > 0]
    spread = round(stdev(logs), 4) if len(logs) >= FEWEST_FOR_SPREAD else None
    return Past(int(median_of(sorted(amounts))), spread)
