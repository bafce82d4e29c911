# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The largest slab caches across the fleet: what one host shows as one line of many, many hosts show as the same
line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..model.attribution_parts import Cache
from ..model.plain import Plain
from ..model.subject import Subject
from ..rules.in_common import FEWEST_HOSTS, Member, member_of, traits_of
from ..rules.robust_statistics import median_of
from ..text.safe import one_line
from ..text.units import human_bytes, number_text

MOST_CACHES = 20
MOST_ALIASES = 8
TIMES_USUAL = 3
"""A host holds much of a cache where its share of RAM is this many times the usual one of the hosts that list the
cache.
"""


@dataclass(frozen=True, slots=True)
class FleetCache(Plain):
    """A slab cache over the fleet, by the name that the kernel shows; ``aliases`` are what it has merged into it."""

    name: str
    aliases: tuple[str, ...]
    hosts: int
    bytes: int
    largest_host: str
    shared: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The slab caches that a host lists."""

    member: Member
    caches: Sequence[Cache]


def listings_of(subjects: Iterable[Subject]) -> list[Listing]:
    """Return the lists of the hosts that have one."""
    parts = ((subject, subject.attribution.slab_caches) for subject in subjects)
    return [Listing(member_of(subject), part.caches) for subject, part in parts if part is not None]


def top_caches(listings: Iterable[Listing], no_roles: Collection[str]) -> list[FleetCache]:
    """Return the slab caches with most memory over all hosts that list theirs, the largest first, at most
    ``MOST_CACHES``.

    Each host lists its largest caches only, so a total is what was listed. Groups in *no_roles* are not what hosts have
    in common.
    """
    listing = []
    sizes: dict[str, dict[str, int]] = {}
    aliases: dict[str, dict[str, None]] = {}
    for one in sorted(listings, key=lambda one: one.member.name):
        if not one.caches:
            continue
        listing.append(one.member)
        for cache in one.caches:
            name = one_line(cache.name or "", 64)
            if not name or not cache.bytes:
                continue
            held = sizes.setdefault(name, {})
            held[one.member.name] = held.get(one.member.name, 0) + cache.bytes
            known = aliases.setdefault(name, {})
            for alias in cache.aliases if len(known) <= MOST_ALIASES else ():
                known[one_line(alias, 64)] = None
    totals = {name: sum(held.values()) for name, held in sizes.items()}
    largest = sorted(totals, key=lambda name: (-totals[name], name))[:MOST_CACHES]
    sentences = _sentences(listing, {name: sizes[name] for name in largest}, no_roles)
    return [
        FleetCache(
            name,
            tuple(sorted(alias for alias in aliases[name] if alias not in ("", name))[:MOST_ALIASES]),
            len(sizes[name]),
            totals[name],
            min(sizes[name], key=lambda host: (-sizes[name][host], host)),
            sentences.get(name),
        )
        for name in largest
    ]


def _sentences(
    members: Sequence[Member], sizes: Mapping[str, Mapping[str, int]], no_roles: Collection[str]
) -> dict[str, str]:
    """Return, for each cache that some hosts hold much more of than usual, what these have in common."""
    if len(members) <= FEWEST_HOSTS:
        return {}
    traits = traits_of(members, no_roles)
    memory = {member.name: member.memory_total_bytes or 0 for member in members}
    found = {}
    for name, held in sizes.items():
        shares = {host: amount / memory[host] for host, amount in held.items() if memory[host]}
        # A host that does not list the cache has little of it.
        usual = median_of(sorted([shares.get(host, 0.0) for host in memory]))
        bound = TIMES_USUAL * max(usual, 0.0005)
        shared = traits.best([host for host, share in shares.items() if share > bound])
        if shared is not None:
            amount = f"more than {number_text(round(100 * bound, 2))} % of RAM"
            biggest = human_bytes(max(held.values()))
            found[name] = f"{shared.sentence(f'hold {amount} in it')} The most on one host is {biggest}."
    return found
