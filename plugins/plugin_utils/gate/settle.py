# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a host has settled after a boot: up for a while, and quiet, which means that two looks in a row are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..text.units import human_bytes
from ..words.labels import NO_DATA_LABELS, dimension_label
from .before_after import COMPARED, GOES_BY_ITSELF, amounts_of, noise_bytes
from .host_record import Look


def why_not_settled(looks: Sequence[Look], settings: Mapping[str, Any], old_boot: str | None = None) -> str | None:
    """Return why the last of *looks* (the oldest first) is too early a moment to judge, in one sentence, or None where
    it is not.

    *settings* is a plain gate section, *old_boot* the boot id of before the change: a host that still has it may be
    going down.
    """
    if not looks:
        return "It has not been looked at."
    now = looks[-1]
    if now["outcome"] != "facts":
        return f"{NO_DATA_LABELS.get(now['outcome'], 'No data')}: {now['message'] or 'no reason given'}"
    settle, facts = settings["settle"], now["facts"]
    uptime = facts["host"]["uptime_seconds"]
    if old_boot is not None and facts["host"]["boot_id"] == old_boot:
        return "It still runs the boot of before the change."
    if uptime is None:
        return "Its uptime is not known."
    if uptime < settle["minimum_uptime_seconds"]:
        return f"It has been up for {int(uptime)} s; {settle['minimum_uptime_seconds']} s is the least."
    before = next((one for one in reversed(looks[:-1]) if one["outcome"] == "facts"), None)
    if before is None or before["facts"]["host"]["boot_id"] != facts["host"]["boot_id"]:
        return "It has been looked at once only since it booted."
    return _what_moves(before["facts"], facts, settings)


def _what_moves(before: Mapping[str, Any], now: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
    old, new = amounts_of(before), amounts_of(now)
    floor = noise_bytes(now["host"]["memory_total_bytes"], settings["noise"])
    for name in COMPARED:
        first, second = old[name], new[name]
        if name in GOES_BY_ITSELF or first is None or second is None:
            continue
        if abs(second - first) > max(floor, abs(first) * settings["settle"]["quiet_percent"] / 100):
            return f"{dimension_label(name)} still moves: {human_bytes(first)}, then {human_bytes(second)}."
    return None
