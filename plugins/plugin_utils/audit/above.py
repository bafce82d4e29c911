# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when a host is above a limit, by the samples of its history.

An audit that finds it first need not be the first to see it: the samples may have come from another tool, or from a
time with another policy.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.times import seconds_or_none, utc_text
from ..text.units import KIB
from .entry import Entry
from .trend import MINUTE


@dataclass(frozen=True, slots=True)
class Above:
    """The sample with which a host went above a limit and has stayed there; ``at_least`` where the history does not
    reach further back.
    """

    since: str
    at_least: bool


def above_since(host: Entry, dimension: str, limit_bytes: float, now: str) -> Above | None:
    """Return since when; None where the samples do not say it, or where only that of this audit is above."""
    past, today = host.past, seconds_or_none(now)
    if past is None or today is None:
        return None
    unit, limit = past.stack.unit_kib, limit_bytes / KIB
    first = None
    known = [(place, amount) for place, amount in enumerate(past.of_dimension(dimension)) if amount is not None]
    # The last sample is this audit's, which has found it.
    for place, amount in reversed(known[:-1]):
        # Amounts are in steps, and noise at the limit is no way back below it.
        if amount < limit - unit:
            break
        if amount >= limit:
            first = place
    if first is None:
        return None
    return Above(utc_text(today - past.minutes[first] * MINUTE), at_least=first == known[0][0])
