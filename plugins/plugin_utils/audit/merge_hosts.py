# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entry of a host a merged audit takes, whose kernel is whose across inputs, and which hosts no input knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model.kernel import shared_kernels
from ..model.times import is_time_text
from ..policy.policy import Policy, policy_of
from ..words.labels import hosts_phrase, some_names
from .audit import Audit
from .entry import Entry
from .not_judged import NoData, no_data

MOST_NAMES = 5


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    """What orders the entries of one host: the last is shown."""

    answered: bool
    collected_at: str
    generated_at: str
    number: int


def newest_entries(audits: Sequence[Audit]) -> tuple[dict[str, Entry], dict[str, int], list[str]]:
    """Return the newest entry with data of each host, the place of the audit that it is from, and notes on hosts that
    stand in several.

    A host that answered in one audit and not in a later one is shown with its older data, and a note says so.
    """
    chosen: dict[str, tuple[_Rank, Entry]] = {}
    places: dict[str, list[tuple[int, bool]]] = {}
    for number, audit in enumerate(audits):
        for entry in audit.hosts:
            answered, collected = entry.host is not None, entry.collected_at
            known = collected if answered and is_time_text(collected) else ""
            rank = _Rank(answered, known, audit.generated_at, number)
            places.setdefault(entry.name, []).append((number, answered))
            if entry.name not in chosen or rank > chosen[entry.name][0]:
                chosen[entry.name] = (rank, entry)
    entries = {name: entry for name, (_rank, entry) in chosen.items()}
    origins = {name: rank.number for name, (rank, _entry) in chosen.items()}
    several = sorted(name for name, found in places.items() if len(found) > 1)
    older = [
        name
        for name in several
        if entries[name].host is not None
        and any(
            not answered and audits[number].generated_at > audits[origins[name]].generated_at
            for number, answered in places[name]
        )
    ]
    notes = []
    if several:
        notes.append(
            f"{_stand(several)} in several inputs; the newest with data counts: {some_names(several, MOST_NAMES)}."
        )
    if older:
        notes.append(
            f"{hosts_phrase(len(older))} gave no data in a later input, so older data is shown: "
            f"{some_names(older, MOST_NAMES)}."
        )
    return entries, origins, notes


def with_shared_kernels(entries: dict[str, Entry]) -> list[str]:
    """Make each kernel count once across inputs, in place, and return notes."""
    judged = {name: entry for name, entry in entries.items() if entry.verdict != "unknown"}
    kernels = {name: kernel for name, entry in judged.items() if (kernel := entry.kernel()) is not None}
    judged_as, contradictions = shared_kernels(kernels)
    notes = [one.sentence for one in contradictions]
    leaders = {entry.boot_id: name for name, entry in judged.items() if entry.boot_id and name not in judged_as}
    for name, entry in entries.items():
        if name in judged_as:
            entries[name] = entry.without_data(_shared(name, judged_as[name]))
        elif entry.no_data is not None and entry.no_data.reason == "shared_kernel":
            leader = leaders.get(entry.boot_id or "")
            # Its kernel may be judged by nobody: the name that it was judged as has since been read in another boot.
            entries[name] = replace(entry, no_data=_shared(name, leader) if leader else _judged_by_nobody(name))
    if not judged_as:
        return notes
    names = sorted(judged_as)
    return [
        *notes,
        f"{hosts_phrase(len(names))} of different inputs {'is' if len(names) == 1 else 'are'} another name of a "
        f"kernel: {some_names(names, MOST_NAMES)}.",
    ]


def missing_hosts(entries: dict[str, Entry], expected: Mapping[str, Sequence[str]], policy: Policy | None) -> list[str]:
    """Add the *expected* hosts that no input has, as hosts that nothing is known of, and return a note on them."""
    missing = sorted(set(expected) - set(entries))
    known = policy or policy_of(None)
    for name in missing:
        groups = list(expected[name])
        environment, source = known.environment_of(groups, None)
        why = no_data("not_run", name, "no input has it.")
        entries[name] = Entry(name, environment, source, tuple(groups), no_data=why)
    if not missing:
        return []
    return [f"{_stand(missing)} in the inventory and in no input: {some_names(missing, MOST_NAMES)}."]


def _stand(names: Sequence[str]) -> str:
    return f"{hosts_phrase(len(names))} {'stands' if len(names) == 1 else 'stand'}"


def _shared(name: str, leader: str) -> NoData:
    return no_data("shared_kernel", name, f"both are one boot of one kernel, which is judged as {leader}.")


def _judged_by_nobody(name: str) -> NoData:
    message = "It was another name of a kernel that, in a newer input, has booted anew under its own name only."
    return replace(no_data("not_run", name), message=message)
