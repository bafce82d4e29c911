# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page about the fleet as a whole: distributions, comparisons by kernel and environment, and its
slab caches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ...audit.audit import Audit
from ...audit.caches import FleetCache
from ...audit.entry import Entry
from ...dimensions.table import JUDGED, TOTAL
from ...model.finding import SEVERITIES
from ...words.labels import dimension_label
from .histogram import Point, histogram
from .parts import Column, name, share, size, table, text

FEWEST_HOSTS = 5
MOST_ROWS = 20
HIGH_TIMES = 1.5
SHOWN = (TOTAL, *JUDGED)


class Fleet(NamedTuple):
    """The hosts that can be compared, those with data and known RAM, and the shares of RAM in percent that they have
    of each dimension.
    """

    hosts: Sequence[Entry]
    percents: Mapping[str, Sequence[float | None]]


def compared(audit: Audit) -> Fleet:
    """Return the hosts of an audit that can be compared."""
    hosts = [host for host in audit.hosts if not host.no_data and host.memory_total_bytes]
    percents = {dimension: _percents(hosts, _amount_of(dimension)) for dimension in JUDGED}
    return Fleet(hosts, {TOTAL: _percents(hosts, lambda host: host.kernel_unreclaimable_bytes), **percents})


def _amount_of(dimension: str) -> Callable[[Entry], int | None]:
    return lambda host: host.amount(dimension)


def _percents(hosts: Iterable[Entry], amount_of: Callable[[Entry], int | None]) -> list[float | None]:
    amounts = ((amount_of(host), host.memory_total_bytes) for host in hosts)
    return [None if amount is None or not memory else 100.0 * amount / memory for amount, memory in amounts]


def percentile(ordered: Sequence[float], share_below: float) -> float:
    """Return the value that *share_below* of the ordered values lie below, at least one of them."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share_below))]


def distributions(fleet: Fleet) -> str:
    """Return a histogram of each dimension, with the same in words; nothing for a handful of hosts."""
    if len(fleet.hosts) < FEWEST_HOSTS:
        return ""
    charts = "".join(_distribution(fleet, dimension) for dimension in SHOWN)
    return (
        '<section id="fleet"><h2>Across the fleet</h2>\n<p class="mu">Hosts by share of RAM, on a logarithmic scale. '
        "Hosts with a finding "
        "are coloured. Heights are square roots, so that one host stays visible.</p>\n<div "
        f'class="charts">{charts}</div></section>'
    )


def _distribution(fleet: Fleet, dimension: str) -> str:
    label, percents = dimension_label(dimension), fleet.percents[dimension]
    known = [(percent, host) for percent, host in zip(percents, fleet.hosts, strict=True) if percent is not None]
    if not known:
        return f'<div class="chartbox"><h3>{text(label)}</h3><p class="mu">No host has this number.</p></div>'
    points = [Point(percent, _severity(host, dimension) if host.findings else None) for percent, host in known]
    highest, highest_host = max(known, key=lambda pair: pair[0])
    ordered = sorted(point.percent for point in points)
    words = (
        f"Median {share(percentile(ordered, 0.5), 100)}, 95 % of hosts below {share(percentile(ordered, 0.95), 100)}, "
        f"highest {share(highest, 100)} on "
    )
    chart = histogram(f"Hosts by {label} as a share of RAM, {len(points):,} hosts", points)
    return (
        f'<div class="chartbox"><h3>{text(label)}</h3>{chart}<p class="mu">{words}{name(highest_host.name)}.</p></div>'
    )


def _severity(host: Entry, dimension: str) -> str | None:
    severities = [finding.severity for finding in host.findings if finding.dimension == dimension]
    return min(severities, key=SEVERITIES.index) if severities else None


def comparisons(fleet: Fleet) -> str:
    """Return how kernels and environments compare; nothing for a handful of hosts."""
    if len(fleet.hosts) < FEWEST_HOSTS:
        return ""
    everywhere = range(len(fleet.hosts))
    medians = {
        dimension: percentile(ordered, 0.5)
        for dimension in SHOWN
        if (ordered := _ordered(fleet, dimension, everywhere))
    }
    kernels = _comparison("Kernel", fleet, medians, lambda host: host.kernel_release or "not known")
    environments = _comparison("Environment", fleet, medians, lambda host: host.environment)
    return (
        '<section id="compare"><h2>By kernel and environment</h2>\n<p class="mu">Share of RAM: the median of the '
        "hosts, and the value that 95 % of them "
        f"stay below. ▲ The median is more than {HIGH_TIMES} times that of the "
        f"fleet.</p>\n{kernels}\n{environments}</section>"
    )


def _ordered(fleet: Fleet, dimension: str, places: Iterable[int]) -> list[float]:
    percents = fleet.percents[dimension]
    return sorted(percent for place in places if (percent := percents[place]) is not None)


def _comparison(title: str, fleet: Fleet, medians: Mapping[str, float], key: Callable[[Entry], str]) -> str:
    by_name: dict[str, list[int]] = {}
    for place, host in enumerate(fleet.hosts):
        by_name.setdefault(key(host), []).append(place)
    ordered = sorted(by_name, key=lambda one: (-len(by_name[one]), one))
    rows = [_compared(one, fleet, by_name[one], medians) for one in ordered[:MOST_ROWS]]
    columns = [
        Column(title),
        Column("Hosts", True),
        Column("Need attention", True),
        *(Column(dimension_label(dimension), True) for dimension in SHOWN),
    ]
    left = len(ordered) - MOST_ROWS
    more = f'<p class="mu">{left:,} more with fewer hosts are left out.</p>' if left > 0 else ""
    return table(f"Comparison by {title.lower()}", columns, rows, "wide compare") + more


def _compared(title: str, fleet: Fleet, places: Sequence[int], medians: Mapping[str, float]) -> list[str]:
    bad = sum(fleet.hosts[place].verdict != "ok" for place in places)
    attention = f'{bad:,} <span class="mu">{share(bad, len(places))}</span>' if bad else '<span class="nil">0</span>'
    spreads = (_spread(_ordered(fleet, dimension, places), medians.get(dimension)) for dimension in SHOWN)
    return [name(title), f"{len(places):,}", attention, *spreads]


def _spread(ordered: Sequence[float], usual: float | None) -> str:
    if not ordered or usual is None:
        return "–"
    median = percentile(ordered, 0.5)
    high = '<strong class="high">▲<span class="sr"> high</span></strong> ' if median > HIGH_TIMES * usual > 0 else ""
    return f'{high}{share(median, 100)} <span class="mu">/ {share(percentile(ordered, 0.95), 100)}</span>'


def caches(audit: Audit) -> str:
    """Return the largest slab caches over all hosts that were asked for them; nothing where none was."""
    found = audit.caches
    if not found:
        return ""
    columns = (
        Column("Slab cache"),
        Column("Hosts", True),
        Column("Size together", True),
        Column("Largest on"),
        Column("Shared"),
    )
    rows = [
        [
            _cache_name(cache),
            f"{cache.hosts:,}",
            size(cache.bytes),
            name(cache.largest_host or "–"),
            text(cache.shared or "–", 300),
        ]
        for cache in found
    ]
    return (
        '<section id="caches"><h2>Slab caches</h2>\n<p class="mu">The largest over all hosts whose caches could be '
        "read. The kernel merges caches of like "
        "objects, so a name may stand for "
        f"several.</p>\n{table('Slab caches across the fleet', columns, rows)}</section>"
    )


def _cache_name(cache: FleetCache) -> str:
    aliases = ", ".join(cache.aliases[:3]) + (f" and {len(cache.aliases) - 3} more" if len(cache.aliases) > 3 else "")
    return name(cache.name) + (f' <span class="mu">with <bdi>{text(aliases, 200)}</bdi></span>' if aliases else "")
