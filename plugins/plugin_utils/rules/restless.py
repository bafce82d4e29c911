# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host's level moves by itself, up and down, so that a rise that does not leave what it was seen at by far is
one more of its moves.

The last samples say what a host has been at since its last release, and not how far its releases move it. Its whole
past does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from ..model.sample import UNKNOWN
from .robust_statistics import median_of

FALLEN = 0.1
"""A level that moves has fallen before by this share of the rise, both as ratios: a rise that is made by steps up alone
is none of its moves.
"""
ABOVE_THE_HIGHEST = 5 / 3
"""And it is never more than so many times the highest that it was seen at."""
OF_SAMPLES = 5
"""A level is a median of so many samples: two days of batches are none."""


@dataclass(frozen=True, slots=True)
class Moves:
    """How a level has moved before, amounts in KiB."""

    samples: int
    highest: int
    """Of all samples."""
    deepest_fall: float
    """The share that was gone at the bottom of it."""


def moves_of(amounts: Sequence[int]) -> Moves | None:
    """Return how a level has moved; None for too few samples, or one that was at nothing."""
    known = [amount for amount in amounts if amount != UNKNOWN]
    levels = [median_of(sorted(known[end - OF_SAMPLES : end])) for end in range(OF_SAMPLES, len(known) + 1)]
    if len(levels) < OF_SAMPLES or min(levels) <= 0:
        return None
    top, least_left = levels[0], 1.0
    for level in levels:
        top = max(top, level)
        least_left = min(least_left, level / top)
    return Moves(len(known), max(known), 1 - least_left)


def is_a_move_of(moves: Moves, usual: float, highest: int) -> bool:
    """Whether a rise from the *usual* level to its *highest* is within what a host with such moves does by itself."""
    if not 0 < usual < highest or highest > ABOVE_THE_HIGHEST * moves.highest:
        return False
    return -log(1 - moves.deepest_fall) >= FALLEN * log(highest / usual)
