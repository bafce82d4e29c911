# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last audit, and what the fleet shows as a whole, in the order and the words that every
output shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.finding import SEVERITIES
from ..text.units import human_bytes
from ..words.labels import KIND_LABELS, dimension_label

CHANGE_LABELS = {"new": "New", "worse": "Worse", "better": "Better", "resolved": "Resolved"}

Entry = Mapping[str, Any]


def change_counts(changes: Entry) -> str:
    """Return the numbers in words: ``2 new, 1 worse, 3 better, 4 resolved, 12 as before``."""
    return ", ".join(
        [*(f"{len(changes[what]):,} {what}" for what in CHANGE_LABELS), f"{changes['ongoing']:,} as before"]
    )


def changes_in_order(changes: Entry) -> list[tuple[str, Entry]]:
    """Return all changes with what they are: bad news first, and of each kind the most severe first."""
    return [
        (what, change)
        for what in CHANGE_LABELS
        for change in sorted(
            changes[what], key=lambda one: (SEVERITIES.index(one["severity"]), one["name"], one["dimension"])
        )
    ]


def fleet_entries(leaks: Sequence[Entry], groups: Sequence[Entry]) -> list[tuple[int, Entry]]:
    """Return what the fleet shows as a whole, each with its number of hosts.

    Kernel regressions first, then leaks that one run shows, then findings that many hosts share, each in the order of
    the audit.
    """
    regressions = [group for group in groups if group.get("regression")]
    rest = [group for group in groups if not group.get("regression")]
    return [
        *((len(group["hosts"]), group) for group in regressions),
        *((leak["hosts"], leak) for leak in leaks),
        *((len(group["hosts"]), group) for group in rest),
    ]


def whole_sentence(entry: Entry) -> str:
    """Return what a leak or a group says, and what the hosts of a group have in common."""
    shared = entry.get("shared")
    return f"{entry['explanation']} {shared['sentence']}" if shared else str(entry["explanation"])


def short_sentence(entry: Entry) -> str:
    """Return the same in one line, where it is known what the hosts have in common."""
    label, shared = dimension_label(entry["dimension"]), entry.get("shared")
    if entry["kind"] == "uptime_growth":
        return (
            f"{label} grows by {human_bytes(round(entry['bytes_per_day']))} a day of uptime on kernel {entry['kernel']}"
        )
    if not shared:
        return str(entry["explanation"])
    what, rates = (
        shared["what"].replace("_", " "),
        (f"{shared[rate]:.3g} %" for rate in ("rate_percent", "rest_rate_percent")),
    )
    return (
        f"{label}, {KIND_LABELS[entry['kind']].lower()}: {next(rates)} of hosts with {what} {shared['name']}, "
        f"{next(rates)} of others"
    )
