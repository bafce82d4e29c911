# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mutant that no test noticed is, and how many there are of all."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Survivor:
    """One change that lives: its file below plugins, the function or the name at the head of the file, the lines before
    and after the change, and why it may live.
    """

    file: str
    place: str
    was: str
    now: str
    why: str = ""

    @property
    def mutant(self) -> tuple[str, str, str, str]:
        """What tells it from others, also when lines around it have moved."""
        return self.file, self.place, self.was.strip(), self.now.strip()


@dataclass(frozen=True)
class Count:
    """How many mutants there are, and how many of them live."""

    all: int
    live: int

    def __add__(self, other: Count) -> Count:
        return Count(self.all + other.all, self.live + other.live)

    @property
    def killed(self) -> int:
        """Those that a test noticed."""
        return self.all - self.live

    @property
    def percent(self) -> float:
        """The share that lives."""
        return 100 * self.live / self.all if self.all else 0.0

    @property
    def bound(self) -> float:
        """The share that may live in all, where these are a random sample: a larger one would have shown fewer
        survivors in at most 5 % of samples (Clopper and Pearson's upper bound).
        """
        low, high = 0.0, 1.0
        while self.all > self.live and high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (middle, high) if self.chance_of_so_few(middle) > 0.05 else (low, middle)
        return 100 * high

    def chance_of_so_few(self, share: float) -> float:
        """How probable at most as many survivors are where *share* of all mutants lives."""
        return math.fsum(
            math.comb(self.all, live) * share**live * (1 - share) ** (self.all - live) for live in range(self.live + 1)
        )
