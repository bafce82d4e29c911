# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of the engine: how one dimension grows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..model.times import DAY
from ..text.units import KIB
from .evidence import Evidence
from .timeline import TIERS

ACT_WITHIN = 14 * DAY
"""Growth that reaches its end within that time is critical."""
NEAR = 90 * DAY
"""An end within that time makes any growth count, however small beside the level."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A growing part that ends with one sample. Amounts in KiB, slopes in KiB a day, times in seconds."""

    dimension: str
    tier: str
    """The worst tier that this sample passes."""
    since: int
    """When it began to grow."""
    until: int
    width: float
    points: int
    start_kib: float
    """The level where it began."""
    grown_kib: int
    explained_kib: int
    """What the dimension that it follows explains of it."""
    slope: float
    low: float
    high: float
    left_seconds: float | None
    """How long until it reaches its limit or the end of available memory; None where it reaches neither."""
    evidence: Evidence
    confirmed_tier: str | None = None
    """The worst tier that two audits showed; None for none."""
    confirmed_at: int | None = None
    """The earlier of these."""
    held: bool = False
    """Whether it was seen at an earlier sample and goes on, without passing on its own today."""

    @property
    def span_seconds(self) -> int:
        """How long it has grown for."""
        return self.until - self.since

    @property
    def bytes_a_day(self) -> float:
        """The slope in bytes."""
        return self.slope * KIB

    @property
    def rank(self) -> int:
        """The place of its tier, 0 for the worst."""
        return TIERS.index(self.tier)

    def until_now(self, now: int, grown_kib: int) -> Rise:
        """Return it as it is at a later sample that doesn't pass on its own."""
        return replace(self, until=now, grown_kib=grown_kib, held=True)
