# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject: one host that is judged, as far as a rule may read it. It never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..dimensions.table import TOTAL
from ..text.safe import one_line
from .attribution import Attribution
from .facts import Facts, Holder, Platform
from .finding import rank
from .quick import quickly_made
from .sample import Sample
from .settings import Settings

NOT_KEPT = "The history does not keep it."
"""Why something of a stored sample is not known."""
_NO_ATTRIBUTION = Attribution()
_NO_PLATFORM = Platform("unknown", True, None, None, None, ())
_WITH_ARC = ("slab_unreclaimable", TOTAL)

SHORT_PERCENT = 10
"""A host is short of memory where less than this share of RAM is available."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The worst severity that is allowed, and a clause that says why."""

    severity: str
    remark: str

    def lowers(self, severity: str) -> bool:
        """Whether a severity is worse than what is allowed."""
        return rank(severity) < rank(self.severity)


@quickly_made
@dataclass(frozen=True, slots=True)
class Subject:
    """One host at one moment.

    ``sample`` is what the history keeps of it, and all that a policy on the past has; ``facts`` are the rest of what it
    said, or None.
    """

    name: str
    sample: Sample
    environment: str
    settings: Settings
    facts: Facts | None = None
    groups: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def attribution(self) -> Attribution:
        """Who uses its memory; without parts where that is not known."""
        return _NO_ATTRIBUTION if self.facts is None else self.facts.attribution

    @property
    def platform(self) -> Platform:
        """What kind of machine it is."""
        return _NO_PLATFORM if self.facts is None else self.facts.platform

    def amount(self, dimension: str) -> int | None:
        """Return the bytes of a dimension, or of the total; None where they can't be judged."""
        if dimension == "vmalloc" and self.sample.vmalloc_meaning != "pages":
            return None
        return self.sample.amounts.get(dimension)

    def why_unknown(self, dimension: str, so: str = "is not judged") -> str:
        """Return why a dimension has no amount, in a sentence on one line; *so* says what follows."""
        if dimension == "vmalloc" and self.sample.amounts.get(dimension) is not None:
            meaning = self.sample.vmalloc_meaning
            return f"VmallocUsed does not count pages on this kernel (its meaning is {meaning!r}), so it {so}."
        return NOT_KEPT if self.facts is None else one_line(self.facts.why_unknown(dimension))

    def memory(self, dimension: str) -> int | None:
        """Return the bytes of memory that shares of a dimension refer to.

        That is RAM, except on 32-bit hosts with high memory: there the kernel's own memory has to fit in low memory.
        ``unaccounted`` is a remainder of all RAM everywhere.
        """
        low = self.low_memory
        return low if low is not None and dimension != "unaccounted" else self.sample.memory_total_bytes or None

    @property
    def low_memory(self) -> int | None:
        """LowTotal where it is less than all memory, as on 32-bit kernels."""
        low, total = self.sample.memory_low_total_bytes, self.sample.memory_total_bytes
        return low if low and total and low < total else None

    @property
    def band(self) -> int | None:
        """How far the unaccounted memory may be off, either way, in bytes; None where that is not known."""
        return None if self.facts is None else self.facts.account.unaccounted_band_bytes

    @property
    def is_short_of_memory(self) -> bool:
        """Whether less than ``SHORT_PERCENT`` of RAM is available."""
        total, available = self.sample.memory_total_bytes, self.sample.memory_available_bytes
        return bool(total) and available is not None and available * 100 < SHORT_PERCENT * (total or 0)

    def arc_in(self, dimension: str) -> int:
        """Return how much of a dimension is a usual part of the cache of ZFS (ARC), in bytes; 0 if not known.

        The objects that describe what is cached are slab. Up to a quarter of the cache they are its nature; more
        of them are held, and the cache can't give them back.
        """
        if dimension not in _WITH_ARC:
            return 0
        caches = self.attribution.slab_caches
        slab = 0 if caches is None else caches.zfs_slab_bytes
        if not slab or self.facts is None:
            return 0
        pages = sum(holder.bytes or 0 for holder in self.facts.account.holder_of("zfs"))
        return min(slab, pages // 3)

    @property
    def living_cgroups(self) -> int | None:
        """The control groups that are in use: without those that were removed and still hold memory."""
        living = None if self.facts is None else self.facts.machine.cgroups_living
        if living is not None:
            return max(living, 1)
        cgroups, part = self.sample.cgroups, self.attribution.cgroups
        if cgroups is None:
            return None
        if part is not None and part.dying is not None:
            return max(cgroups - part.dying, 1)
        # Version 1 does not count the dying ones, but each group in use has a thread or holds one that has.
        return cgroups if self.sample.threads is None else min(cgroups, self.sample.threads)

    def is_explained(self, unaccounted: int) -> bool:
        """Whether holders that can't be measured plausibly hold so much unaccounted memory, and nobody is short of it.

        What is loaded is no evidence: it excuses no more than such a holder takes elsewhere, and nothing where memory
        is short.
        """
        plausible = [holder.plausible_bytes or 0 for holder in self.unmeasured_holders()]
        return bool(plausible) and unaccounted <= sum(plausible) and not self.is_short_of_memory

    def ceiling(self, dimension: str, kind: str) -> Ceiling:
        """Return the worst that a finding may be here, and in words what says so: the policy, or a holder of memory."""
        ceiling = self.policy_ceiling(dimension, kind)
        # What grows in a line is no buffer that somebody took.
        may_be_explained = dimension == "unaccounted" and kind != "growth" and ceiling.severity != "info"
        if may_be_explained and self.is_explained(self.amount(dimension) or 0):
            return Ceiling("info", f"{holders_remark(self.unmeasured_holders())}, so this is information only")
        return ceiling

    def policy_ceiling(self, dimension: str, kind: str) -> Ceiling:
        """Return the worst that the policy allows a finding to be here, and the clause that says so."""
        most, highest = self.settings.most_severe(dimension, kind), self.settings.highest_severity
        called = "information" if most == "info" else most
        remark = f"the policy allows {called} at most here"
        if most == highest:
            remark = f"{self.environment} hosts get a {highest} at most"
        return Ceiling(most, remark)

    def unmeasured_holders(self) -> tuple[Holder, ...]:
        """Return what is known to hold unaccounted memory and can't be measured.

        A driver that is merely loaded is a suspect, not an explanation.
        """
        holders = () if self.facts is None else self.facts.account.holders
        return tuple(one for one in holders if one.bytes is None and one.kind != "driver")


def holders_remark(holders: Sequence[Holder]) -> str:
    """Return the clause that names what probably holds unaccounted memory but can't be measured."""
    shown = ", ".join(one_line(holder.label, 60) for holder in holders[:3])
    more = f" and {len(holders) - 3} more" if len(holders) > 3 else ""
    return f"{shown}{more} may hold it and can't be measured"
