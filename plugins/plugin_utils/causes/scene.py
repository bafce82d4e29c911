# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What patterns look at: one host with its findings, with the few sums that several patterns need worked out once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from ..model.attribution import Attribution
from ..model.attribution_parts import CommandSum, PageTableProcess, ThreadProcess
from ..model.finding import Finding
from ..model.owners import OwnerKind, OwnersHistory, OwnersSample, owners_sample
from ..model.subject import Subject
from ..model.times import seconds_or_none
from ..text.safe import one_line
from ..text.units import human_bytes, percent_text
from .grown import Grown, GrownOwners, OwnersPast
from .holdings import Holdings, holdings_of
from .owners import is_stack
from .reclaimable import CacheKinds, is_of_a_group, kinds_of

_MOST_MODULES = 6


class Scene:
    """One host, all of its findings, the rates in bytes a day of its dimensions that grow, and who held what before."""

    def __init__(
        self,
        subject: Subject,
        findings: Sequence[Finding],
        growing: Mapping[str, float],
        past: OwnersPast | None = None,
    ) -> None:
        self.subject = subject
        self.sample = subject.sample
        self.growing = growing
        self.past = past or past_of(subject)
        self.alarmed = {one.dimension for one in findings if one.severity != "info" and one.kind != "drop"}
        """The dimensions that count for the verdict."""
        self._holdings: dict[tuple[str, int | None, float, bool], Holdings] = {}

    def size(self, dimension: str) -> int:
        """Return the bytes of a dimension, 0 where they are not known."""
        return self.sample.amounts.get(dimension) or 0

    def slope(self, dimension: str) -> float:
        """Return the growth of a dimension in bytes per day, 0 where it does not grow."""
        return self.growing.get(dimension, 0.0)

    def term(self, name: str) -> int | None:
        """Return an amount of the account by its name."""
        return self.subject.facts.account.terms.get(name) if self.subject.facts else None

    @property
    def attribution(self) -> Attribution:
        """Who uses the host's memory."""
        return self.subject.attribution

    @property
    def page_size(self) -> int | None:
        """The bytes of a page."""
        return self.subject.facts.machine.page_size_bytes if self.subject.facts else None

    @property
    def cpus_online(self) -> int | None:
        """The CPUs that are online."""
        return self.subject.facts.machine.cpus_online if self.subject.facts else None

    @property
    def page_table_processes(self) -> Sequence[PageTableProcess]:
        """The processes with the largest page tables."""
        part = self.attribution.page_table_processes
        return part.processes if part else ()

    @property
    def thread_processes(self) -> Sequence[ThreadProcess]:
        """The processes with the most threads."""
        part = self.attribution.thread_processes
        return part.processes if part else ()

    @property
    def commands(self) -> Sequence[CommandSum]:
        """What all processes of a command have together."""
        return self.attribution.commands.commands if self.attribution.commands else ()

    @property
    def outside_caches(self) -> int:
        """The bytes of slab that are in no cache."""
        part = self.attribution.slab_caches
        return (part.outside_table_bytes or 0) if part else 0

    @cached_property
    def has_group_caches(self) -> bool:
        """Whether caches have copies for control groups, as with the kernel memory accounting of older kernels."""
        part = self.attribution.slab_caches
        return any(is_of_a_group(row.name or "") for row in part.caches) if part else False

    @cached_property
    def kinds(self) -> CacheKinds:
        """Which slab caches are given back."""
        return kinds_of(self.attribution, self.sample.amounts)

    def holdings(self, finding: Finding, *, reclaimable: bool = False) -> Holdings:
        """Return the slab caches of a kind: what they have brought where a finding is of growth and the past of owners
        is known, else what they hold.
        """
        # Nearly every pattern asks.
        key = finding.dimension, since_of(finding), growth_of(finding), reclaimable
        if key not in self._holdings:
            self._holdings[key] = self._held(finding, reclaimable)
        return self._holdings[key]

    def _held(self, finding: Finding, reclaimable: bool) -> Holdings:
        dimension = "slab_reclaimable" if reclaimable else "slab_unreclaimable"
        grown = self.grown(finding, OwnerKind.CACHE)
        if grown is None:
            part = self.attribution.slab_caches
            rows = [(row.name or "", row.bytes or 0, row.objects or 0) for row in (part.caches if part else ())]
            alike = [row for row in rows if self.kinds.gives_back(row[0]) is reclaimable]
            return holdings_of(alike, self.size(dimension), reclaimable=reclaimable, grown=False)
        added = [
            (one.key.name, one.amount, 0) for one in grown.owners if self.kinds.gives_back(one.key.name) is reclaimable
        ]
        whole = sum(size for _name, size, _objects in added)
        if finding.dimension == dimension:
            whole = max(whole, round(growth_of(finding) * grown.share_of_time))
        return holdings_of(added, whole, reclaimable=reclaimable, grown=True)

    def grown(self, finding: Finding, kind: OwnerKind) -> GrownOwners | None:
        """Return the owners of a kind that have grown in the time of a finding; None where that is not known."""
        since = since_of(finding)
        return None if since is None else self.past.grown(kind, since)

    def number(self, finding: Finding, name: str) -> Grown | None:
        """Return how a number of objects has changed in the time of a finding; None where that is not known."""
        since = since_of(finding)
        return None if since is None else self.past.number(name, since)

    def allocated_by(self, finding: Finding, names: re.Pattern[str], percent: float) -> str:
        """Return a clause on the vmalloc callers with such names, or an empty text where they have less than this
        share.
        """
        grown, part = self.grown(finding, OwnerKind.CALLER), self.attribution.vmalloc_callers
        if grown is None:
            rows = [(row.caller or "", row.bytes or 0) for row in (part.callers if part else ())]
            whole = self.size("vmalloc")
        else:
            rows = [(one.key.name, one.amount) for one in grown.owners]
            whole = max(sum(size for _name, size in rows), round(growth_of(finding) * grown.share_of_time))
        found = {one_line(name, 64): size for name, size in rows if names.fullmatch(_function(name))}
        held = sum(found.values())
        if not whole or not found or held * 100 < percent * whole:
            return ""
        most, share = max(found, key=lambda name: found[name]), percent_text(min(held, whole), whole)
        if grown is not None:
            return f"{most} and its like brought {human_bytes(held)}, {share} of the growth."
        return f"{most} and its like hold {human_bytes(held)}, {share} of it."

    def holders(self, kind: str) -> list[str]:
        """Return the names of the likely holders of a kind whose memory can't be measured."""
        holders = self.subject.facts.account.holder_of(kind) if self.subject.facts else []
        return [one_line(one.label, 40) for one in holders if one.bytes is None]

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """The names of loaded modules that are not of the kernel's own sources."""
        modules = self.subject.facts.modules.outside if self.subject.facts else ()
        return tuple(one_line(one.name, 40) for one in modules if one.name)

    @property
    def outside_named(self) -> str:
        """The names of these modules in a few words."""
        more = len(self.outside) - _MOST_MODULES
        return ", ".join(self.outside[:_MOST_MODULES]) + (f" and {more} more" if more > 0 else "")

    @cached_property
    def out_of_tree(self) -> bool:
        """Whether a module from outside the kernel's sources has been loaded since boot (taint flags O and P)."""
        taint = (self.attribution.objects.kernel_tainted or 0) if self.attribution.objects else 0
        return bool(taint & (1 << 12 | 1)) or bool(self.outside)


def past_of(subject: Subject, history: OwnersHistory | None = None) -> OwnersPast:
    """Return the owners of a host, with those of earlier samples where they are known."""
    at, facts, uptime = subject.sample.collected_at, subject.facts, subject.sample.uptime_seconds
    booted = None if uptime is None else at - uptime
    if facts is not None:
        return OwnersPast(owners_sample(subject.name, facts, at), history, booted)
    # A stored sample has its owners in the history, too.
    point = history.at(at) if history is not None else None
    if point is None:
        return OwnersPast(OwnersSample(subject.name, at, {}, frozenset()))
    return OwnersPast(OwnersSample(subject.name, at, point.amounts, point.read, point.modules), history, booted)


def since_of(finding: Finding) -> int | None:
    """Return when what a finding says began, in seconds since 1970; None where it is of one moment."""
    since = finding.evidence.get("since")
    return seconds_or_none(since) if isinstance(since, str) and finding.kind in ("growth", "spike") else None


def growth_of(finding: Finding) -> float:
    """Return the bytes by which it has grown."""
    median = finding.evidence.get("median_bytes")
    return finding.value - median if finding.kind == "spike" and isinstance(median, int) else finding.value


def _function(caller: str) -> str:
    function = caller.partition(" ")[0].partition(".")[0]
    return "" if is_stack(function) else function
