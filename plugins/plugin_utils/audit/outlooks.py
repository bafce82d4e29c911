# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ahead of the hosts of an audit, and the causes that they share: what the terminal and the page show first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..causes.reclaimable import CacheKinds, kinds_of
from ..dimensions.table import LIMITED
from ..model.attribution import Attribution
from ..model.attribution_parts import ROWS, Cache
from ..model.plain import Plain as PlainRow
from ..rules.questions import GROWTH
from ..words.outlook import HOLDERS, Outlook, Plain, outlook
from .above import Above, above_since
from .entry import Entry
from .hosts import Hosts


@dataclass(frozen=True, slots=True)
class Ahead:
    """A host and what is ahead of it."""

    host: Entry
    outlook: Outlook
    limit_bytes: int | None
    """The critical limit of the dimension that leads, on this host; None where it has none."""
    limit_found: float | None = None
    """The bytes of the limit that was found to be exceeded, the worst of the dimension; None where none was."""

    @property
    def order(self) -> tuple[int, float, float, float, str]:
        """What strikes first comes first."""
        return *self.outlook.order, self.host.name

    @property
    def share_of_limit(self) -> float:
        """How much of the critical limit is used, 1 at the limit; of the limit that was found where there is none."""
        amount = self.host.level(self.outlook.dimension)
        return amount / self.limit_bytes if self.limit_bytes and amount is not None else self.outlook.share

    def above_since(self, now: str) -> Above | None:
        """Since when it is above the limit that leads, by its history; None where growth leads or none is known."""
        if self.outlook.since or self.limit_found is None:
            return None
        return above_since(self.host, self.outlook.dimension, self.limit_found, now)


@dataclass(frozen=True, slots=True)
class Cause:
    """Hosts with one dimension and one holder, the one that it strikes first before the others."""

    members: tuple[Ahead, ...]

    @property
    def first(self) -> Ahead:
        """The host that it strikes first."""
        return self.members[0]


def causes_of(hosts: Hosts) -> tuple[Cause, ...]:
    """Return the causes of the warnings and critical findings of an audit, that first which strikes first."""
    return hosts.found_once(_found_causes)


def _found_causes(hosts: Hosts) -> tuple[Cause, ...]:
    found: dict[tuple[str, str, str], list[Ahead]] = {}
    for one in outlooks(hosts):
        outlook_ = one.outlook
        # Of slab a pattern is a class of caches: those of one cache have one cause, not all that have a cache.
        held = outlook_.holder if outlook_.pattern is None or outlook_.dimension.startswith("slab") else ""
        found.setdefault((outlook_.dimension, outlook_.pattern or "", held), []).append(one)
    causes = (Cause(tuple(sorted(members, key=lambda one: one.order))) for members in found.values())
    return tuple(sorted(causes, key=lambda cause: cause.first.order))


def outlooks(hosts: Hosts) -> Iterator[Ahead]:
    """Yield what is ahead of each host that has a warning or a critical finding."""
    for host in hosts:
        # Whole entries may stand in a file, and most hosts have no finding.
        if not host.findings:
            continue
        whole = hosts.whole(host)
        ahead = outlook(_told(whole))
        if ahead is not None:
            yield Ahead(host, ahead, _limit(whole, ahead.dimension), _limit_found(host, ahead.dimension))


def _limit(host: Entry, dimension: str) -> int | None:
    known = host.details.critical_limits.get(dimension)
    if known is not None:
        return known
    findings = [one for one in host.findings if one.dimension == dimension and one.unit == "bytes"]
    limits = [int(one.limit) for one in findings if one.kind == "limit" and one.severity == "critical"]
    return limits[0] if limits else None


def _limit_found(host: Entry, dimension: str) -> float | None:
    found = (one for one in host.findings if one.dimension == dimension and one.unit == "bytes" and one.kind == "limit")
    return next((one.limit for one in found), None)


def _told(host: Entry) -> Plain:
    """Return what an outlook is made from, as audit.json has it."""
    machine, attribution = host.host, host.details.attribution
    amounts = {name.removesuffix("_bytes"): amount for name, amount in (host.dimensions or {}).items()}
    kinds = kinds_of(attribution or Attribution(), amounts)
    parts = {} if attribution is None else {name: attribution.part(name) for name in HOLDERS}
    return {
        "growth_asked_of": _growth_asked_of(host),
        "verdict": host.verdict,
        "findings": [one.as_plain() for one in host.findings],
        "host": None if machine is None else machine.as_plain(),
        "dimensions": host.dimensions,
        "attribution": {
            name: {
                ROWS[name].field: [_row(row, kinds) for row in getattr(part, ROWS[name].field)] if part.has_data else []
            }
            for name, part in parts.items()
            if part is not None
        },
    }


def _growth_asked_of(host: Entry) -> tuple[str, ...]:
    """Return the dimensions whose growth could be asked of the host's past."""
    past = host.coverage.history if host.coverage is not None else None
    if past is None or GROWTH in past.not_asked:
        return ()
    return tuple(one for one in LIMITED if one not in past.not_judged)


def _row(row: PlainRow, kinds: CacheKinds) -> Plain:
    """Return a row as audit.json has it; of a slab cache also whether the kernel gives it back."""
    if not isinstance(row, Cache) or row.name is None:
        return row.as_plain()
    return {**row.as_plain(), "reclaimable": kinds.gives_back(row.name)}
