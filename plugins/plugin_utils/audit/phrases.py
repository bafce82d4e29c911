# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last audit, and what the fleet shows as a whole, in the order and the words that every
output shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model.finding import rank
from ..policy.waivers import Waived
from ..rules.kernel_difference import FleetFinding, KernelDifference
from ..rules.uptime import UptimeGrowth
from ..text.units import human_bytes
from ..words.labels import KIND_LABELS, dimension_label, hosts_phrase
from .changes import Change, Changes
from .groups import Group

CHANGE_LABELS = {"new": "New", "worse": "Worse", "better": "Better", "resolved": "Resolved"}

Seen = Group | FleetFinding
"""What is seen on many hosts: a finding that they share, or a leak that the fleet shows as a whole."""


def change_counts(changes: Changes) -> str:
    """Return the numbers in words: ``2 new, 1 worse, 3 better, 4 resolved, 12 as before``; then the hosts that have
    stopped to answer or answer again, where there are some.
    """
    words = [*(f"{len(changes.of(what)):,} {what}" for what in CHANGE_LABELS), f"{changes.ongoing:,} as before"]
    silent, back = len(changes.silent), len(changes.back)
    words += [f"{hosts_phrase(silent)} stopped answering"] if silent else []
    words += [f"{hosts_phrase(back)} answer{'s' if back == 1 else ''} again"] if back else []
    return ", ".join(words)


def set_aside(long_standing: int, waived: int, expired: Sequence[str]) -> str:
    """Return what does not count though it was found: hosts that are above a limit for long, waived findings, and the
    waivers that have expired, a few words each; an empty text where there is none.
    """
    parts = [f"{long_standing:,} long-standing"] if long_standing else []
    parts += [f"{waived:,} finding{' is' if waived == 1 else 's are'} waived"] if waived else []
    if expired:
        words = "1 waiver has expired" if len(expired) == 1 else f"{len(expired)} waivers have expired"
        parts.append(f"{words} ({'; '.join(expired)})")
    said = "; ".join(parts)
    return said and f"{said}."


def expired_words(waivers: Iterable[Waived]) -> list[str]:
    """Return the waivers that have expired and are still wanted: their hosts and until when."""
    return [f"{waiver.hosts}, {waiver.until}" for waiver in waivers if waiver.expired and waiver.used]


@dataclass(frozen=True, slots=True)
class ChangedAlike:
    """Changes of one kind in one dimension: what became of them, and each host once, the most severe first."""

    what: str
    dimension: str
    kind: str
    changes: tuple[Change, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(change.name for change in self.changes))

    @property
    def phrase(self) -> str:
        """What it is about, in a few words."""
        return f"{dimension_label(self.dimension)}, {KIND_LABELS.get(self.kind, self.kind).lower()}"


def changed_alike(changes: Changes) -> list[ChangedAlike]:
    """Return the changes by cause: bad news first, then the most severe, then that of most hosts."""
    found: dict[tuple[str, str, str], list[Change]] = {}
    for what, change in changes_in_order(changes):
        found.setdefault((what, change.dimension, change.kind), []).append(change)
    alike = [ChangedAlike(*key, tuple(listed)) for key, listed in found.items()]
    places = {what: place for place, what in enumerate(CHANGE_LABELS)}
    return sorted(
        alike, key=lambda one: (places[one.what], rank(one.changes[0].severity), -len(one.hosts), one.dimension)
    )


def changes_in_order(changes: Changes) -> list[tuple[str, Change]]:
    """Return all changes with what they are: bad news first, and of each kind the most severe first."""
    return [
        (what, change)
        for what in CHANGE_LABELS
        for change in sorted(changes.of(what), key=lambda one: (rank(one.severity), one.name, one.dimension))
    ]


def fleet_entries(leaks: Sequence[FleetFinding], groups: Sequence[Group]) -> list[tuple[int, Seen]]:
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
    if isinstance(seen, FleetFinding) or seen.shared is None:
        return seen.explanation
    return f"{seen.explanation} {seen.shared.sentence}"


def short_sentence(seen: Seen) -> str:
    """Return the same in one line, where it is known what the hosts have in common."""
    label = dimension_label(seen.dimension)
    if isinstance(seen, KernelDifference):
        return f"{label} {seen.of} is {seen.times:.3g} times that of like hosts on other kernels"
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
