# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last audit, and what the fleet shows as a whole, in the order and the words that every
output shares.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model.finding import rank
from ..rules.uptime import UptimeGrowth
from ..text.units import human_bytes
from ..words.labels import KIND_LABELS, dimension_label
from .changes import Change, Changes
from .groups import Group

CHANGE_LABELS = {"new": "New", "worse": "Worse", "better": "Better", "resolved": "Resolved"}

Seen = Group | UptimeGrowth
"""What is seen on many hosts: a finding that they share, or a leak that the fleet shows as a whole."""


def change_counts(changes: Changes) -> str:
    """Return the numbers in words: ``2 new, 1 worse, 3 better, 4 resolved, 12 as before``."""
    return ", ".join(
        [*(f"{len(changes.of(what)):,} {what}" for what in CHANGE_LABELS), f"{changes.ongoing:,} as before"]
    )


def changes_in_order(changes: Changes) -> list[tuple[str, Change]]:
    """Return all changes with what they are: bad news first, and of each kind the most severe first."""
    return [
        (what, change)
        for what in CHANGE_LABELS
        for change in sorted(changes.of(what), key=lambda one: (rank(one.severity), one.name, one.dimension))
    ]


def fleet_entries(leaks: Sequence[UptimeGrowth], groups: Sequence[Group]) -> list[tuple[int, Seen]]:
    """Return what the fleet shows as a whole, each with its number of hosts.

    Kernel regressions first, then leaks that one run shows, then findings that many hosts share, each in the order of
    the audit.
    """
    regressions = [group for group in groups if group.regression]
    rest = [group for group in groups if not group.regression]
    return [
        *((len(group.hosts), group) for group in regressions),
        *((leak.hosts, leak) for leak in leaks),
        *((len(group.hosts), group) for group in rest),
    ]


def whole_sentence(seen: Seen) -> str:
    """Return what a leak or a group says, and what the hosts of a group have in common."""
    if isinstance(seen, UptimeGrowth) or seen.shared is None:
        return seen.explanation
    return f"{seen.explanation} {seen.shared.sentence}"


def short_sentence(seen: Seen) -> str:
    """Return the same in one line, where it is known what the hosts have in common."""
    label = dimension_label(seen.dimension)
    if isinstance(seen, UptimeGrowth):
        return f"{label} grows by {human_bytes(round(seen.bytes_per_day))} a day of uptime {seen.of}"
    shared = seen.shared
    if shared is None:
        return seen.explanation
    rate, rest = (f"{share:.3g} %" for share in (shared.rate_percent, shared.rest_rate_percent))
    return (
        f"{label}, {KIND_LABELS[seen.kind].lower()}: {rate} of hosts with {shared.what.replace('_', ' ')} "
        f"{shared.name}, {rest} of others"
    )
