# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The largest slab caches across the fleet: what one host shows as one line of many, many hosts show as the same
line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..rules.in_common import FEWEST_HOSTS, traits_of_hosts
from ..rules.robust_statistics import median_of
from ..words.text import one_line
from ..words.units import human_bytes, number_text

MOST_CACHES = 20
MOST_ALIASES = 8
TIMES_USUAL = 3
"""A host holds much of a cache where its share of RAM is this many times the usual one of the hosts that list the
cache.
"""


def top_caches(hosts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the slab caches with most memory over all hosts that list theirs, the largest first, at most
    ``MOST_CACHES``.

    A host has ``name``, ``host``, ``platform``, ``attribution``, ``environment`` and ``groups`` as in an audit. Each
    host lists its largest caches only, so a total is what was listed. Caches go by the name that the kernel shows;
    ``aliases`` are further names of caches that it has merged into them.
    """
    listing = []
    sizes: dict[str, dict[str, int]] = {}
    aliases: dict[str, dict[str, None]] = {}
    for host in sorted(hosts, key=lambda host: str(host["name"])):
        caches = ((host.get("attribution") or {}).get("slab_caches") or {}).get("caches")
        if not caches:
            continue
        listing.append(host)
        for cache in caches:
            name = one_line(cache["name"] or "", 64)
            if not name or not cache["bytes"]:
                continue
            held = sizes.setdefault(name, {})
            held[host["name"]] = held.get(host["name"], 0) + cache["bytes"]
            known = aliases.setdefault(name, {})
            for alias in cache["aliases"] if len(known) <= MOST_ALIASES else ():
                known[one_line(alias, 64)] = None
    totals = {name: sum(held.values()) for name, held in sizes.items()}
    largest = sorted(totals, key=lambda name: (-totals[name], name))[:MOST_CACHES]
    sentences = _sentences(listing, {name: sizes[name] for name in largest})
    return [
        {
            "name": name,
            "aliases": sorted(alias for alias in aliases[name] if alias not in ("", name))[:MOST_ALIASES],
            "hosts": len(sizes[name]),
            "bytes": totals[name],
            "largest_host": min(sizes[name], key=lambda host: (-sizes[name][host], host)),
            "shared": sentences.get(name),
        }
        for name in largest
    ]


def _sentences(hosts: Sequence[Mapping[str, Any]], sizes: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Return, for each cache that some hosts hold much more of than usual, what these have in common."""
    if len(hosts) <= FEWEST_HOSTS:
        return {}
    traits = traits_of_hosts([{**host, "verdict": "ok"} for host in hosts])
    memory = {host["name"]: (host.get("host") or {}).get("memory_total_bytes") or 0 for host in hosts}
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
