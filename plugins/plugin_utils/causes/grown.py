# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which owners have grown since a moment: those of now beside those that the history kept then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model.owners import OwnerKey, OwnerKind, OwnersHistory, OwnersPoint, OwnersSample
from ..model.times import HOUR
from .owners import is_stack
from .reclaimable import BY_NAME, CacheKinds

_SLACK = 2 * HOUR
"""Growth that began with the first sample after a boot began with the boot."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which owners have to do with a dimension, and what they are called in a sentence."""

    kind: OwnerKind
    called: str
    gives_back: bool | None = None
    """Of slab caches, whether it is those that are given back."""
    is_of_another: Callable[[str], bool] = lambda _name: False
    """Whether an owner of such a name has to do with another dimension."""

    def counts(self, name: str, kinds: CacheKinds = BY_NAME) -> bool:
        """Return whether an owner has to do with the dimension; *kinds* tells which caches are given back."""
        if self.gives_back is not None:
            return kinds.gives_back(name) is self.gives_back
        return not self.is_of_another(name)


ASKED = {
    "slab_unreclaimable": Asked(OwnerKind.CACHE, "cache", gives_back=False),
    "slab_reclaimable": Asked(OwnerKind.CACHE, "cache", gives_back=True),
    "vmalloc": Asked(OwnerKind.CALLER, "caller", is_of_another=is_stack),
    "kernel_stack": Asked(OwnerKind.COMMAND_THREADS, "command"),
    "page_tables": Asked(OwnerKind.COMMAND_PAGE_TABLES, "command"),
    "percpu": Asked(OwnerKind.CGROUP, "control group"),
    "socket_buffers": Asked(OwnerKind.CGROUP, "control group"),
}
"""By dimension."""


@dataclass(frozen=True, slots=True)
class Grown:
    """An owner with what it had and what it has. One that was not among the largest is taken to have had as much as
    the smallest of them, so that its growth is never said too large.
    """

    key: OwnerKey
    before: int
    now: int

    @property
    def amount(self) -> int:
        """By how much it has grown."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class GrownOwners:
    """The owners of some kinds that have grown, the most first, since the moment ``since``.

    ``share_of_time`` is which part of the time that was asked for this is: owners may be known from later on only.
    """

    since: int
    share_of_time: float
    owners: tuple[Grown, ...]


class OwnersPast:
    """The owners of one host now, and what is known of them from before."""

    def __init__(self, now: OwnersSample, history: OwnersHistory | None = None, booted_at: int | None = None) -> None:
        self.now = now
        self._points = tuple(one for one in history.points if one.at < now.collected_at) if history else ()
        self._booted_at = booted_at

    def grown(self, kind: OwnerKind, since: int) -> GrownOwners | None:
        """Return the owners of a kind that have grown since a moment; None where there is no past of them."""
        before = self._before(kind, since)
        if before is None or kind not in self.now.read:
            return None
        known = {key: amount for key, amount in before.amounts.items() if key.kind is kind}
        least = min(known.values(), default=0)
        found = [
            Grown(key, known.get(key, min(least, amount)), amount)
            for key, amount in self.now.amounts.items()
            if key.kind is kind
        ]
        asked = max(self.now.collected_at - since, 1)
        return GrownOwners(
            since=before.at,
            share_of_time=min(1.0, max(self.now.collected_at - before.at, 0) / asked),
            owners=tuple(sorted((one for one in found if one.amount > 0), key=lambda one: (-one.amount, one.key))),
        )

    def number(self, name: str, since: int) -> Grown | None:
        """Return how a number of objects has changed since a moment; None where it is not known."""
        key = OwnerKey(OwnerKind.OBJECTS, name)
        before = self._before(OwnerKind.OBJECTS, since)
        if before is None or key not in before.amounts or key not in self.now.amounts:
            return None
        return Grown(key, before.amounts[key], self.now.amounts[key])

    def new_modules(self, before: int) -> tuple[str, ...]:
        """Return the modules from outside of the kernel's sources that are loaded now and were not before a moment."""
        known = [one.modules for one in self._points if one.at < before and one.modules is not None]
        if not known or self.now.modules is None:
            return ()
        return tuple(name.lstrip("+") for name in sorted(set(self.now.modules) - set(known[-1])))

    def _before(self, kind: OwnerKind, since: int) -> OwnersPoint | None:
        """Return the last point up to a moment at which a kind was read, else the first one after it.

        What was before the boot says nothing of what has grown since.
        """
        booted = self._booted_at
        oldest = booted if booted is not None and since >= booted - _SLACK else None
        points = [one for one in self._points if kind in one.read and (oldest is None or one.at >= oldest)]
        earlier = [one for one in points if one.at <= since]
        return earlier[-1] if earlier else next(iter(points), None)
