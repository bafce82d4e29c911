# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine is given: what a host showed over time, and what is asked of one dimension of it.

Whole numbers throughout: times in seconds since 1970, amounts in KiB, ``UNKNOWN`` where a sample has none. A *place* is
the number of a sample in the host's history; the newest is the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..model.sample import UNKNOWN

TIERS = ("critical", "warning", "watch")
"""What growth can amount to, the worst first."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The growth, or the change, that a tier asks for: KiB, and a share of the level."""

    kib: int
    share: float

    def of(self, level: float) -> float:
        """Return the KiB that are asked for at a level."""
        return max(self.kib, self.share * abs(level))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one dimension of one host: does it grow, and by how much?"""

    dimension: str
    oldest: int
    """The first place of the same machine; places from there to ``cold`` are of boots before."""
    cold: int
    """The first place of this boot."""
    warm: int
    """The first place of this boot that has left the time of warming up behind."""
    settled_at: int
    """The time at which the host had warmed up."""
    wanted: Mapping[str, Amount]
    """The growth that each tier asks for, by its name. What is not asked for is missing; it holds at least one."""
    limit_kib: int | None
    """The amount that must not be reached, where there is one."""
    minimum_points: int
    """A warning needs this many points, information one less."""
    minimum_seconds: int
    """What grows for a shorter time is told only where its end is near."""
    confirm_seconds: int
    """Two audits that are so far apart are two opinions, whatever the distance of the points."""
    follows: str | None = None
    """The dimension whose growth explains a part of this one's."""

    @property
    def least(self) -> int:
        """The KiB that the lowest tier asks for."""
        return max(1, min(amount.kib for amount in self.wanted.values()))


@dataclass(slots=True)
class Timeline:
    """What one host showed over time."""

    times: Sequence[int]
    """They never fall."""
    available: Sequence[int]
    """Available memory."""
    amounts: Mapping[str, list[int]]
    """By dimension."""
    voters: Sequence[str]
    """The dimensions whose steps tell a deploy from a leak."""
    steps: dict[int, frozenset[int]] = field(default_factory=dict)
    """The places at which several dimensions made a step at once, by the first place that was looked at."""

    def known(self, dimension: str, first: int, end: int) -> list[int]:
        """Return the places from *first* to *end*, with it, that have an amount."""
        amounts = self.amounts[dimension]
        places = range(first, end + 1)
        if UNKNOWN not in amounts[first : end + 1]:
            return list(places)
        return [place for place in places if amounts[place] != UNKNOWN]
