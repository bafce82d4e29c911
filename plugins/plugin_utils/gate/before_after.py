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
    """Return the bytes that a difference must reach to count: a share of RAM, at least ``at_least``."""
    return max(int(noise["at_least"]), int((memory or 0) * noise["percent_of_ram"] / 100))


def compare_facts(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    noise: Mapping[str, Any],
    series: Series | None = None,
    earlier: Sequence[Earlier] = (),
) -> dict[str, Any]:
    """Compare checked facts of one host before and after a change.

    *series* and *earlier* are what is known of the host's earlier boots. A boot of the kernel that runs now is no
    reference.
    """
    old, new = amounts_of(before), amounts_of(after)
    memory = after["host"]["memory_total_bytes"]
    floor = noise_bytes(memory, noise)
    equal = _at_equal_uptime(after, series, earlier)
    band = _band(before) + _band(after)
    dimensions = {
        name: _difference(old[name], new[name], equal.get(name), max(floor, band if name == "unaccounted" else 0))
        for name in COMPARED
    }
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
        "at_equal_uptime": bool(equal),
        "dimensions": dimensions,
    }


def _band(facts: Mapping[str, Any]) -> int:
    return int(facts["accounting"]["unaccounted_band_bytes"] or 0)


def _difference(old: int | None, new: int | None, equal: int | None, floor: int) -> dict[str, Any]:
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
        "outcome": "not_comparable",
        "reason": reason,
    }


def _at_equal_uptime(after: Mapping[str, Any], series: Series | None, earlier: Sequence[Earlier]) -> dict[str, int]:
    """Return the median of each dimension over earlier boots of other kernels at about the uptime of *after*."""
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
    return {name: int(median_of(sorted(amounts))) for name, amounts in found.items()}
