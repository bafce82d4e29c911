# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rank tests for few hosts: exact, one-sided, and corrected for looking at several dimensions.

Both ask "is there more of it after the change?". Ranks and not amounts, because a few hosts differ from the rest by
far. Sources: Wilcoxon, Biometrics Bulletin 1 (1945); Mann and Whitney, Ann. Math. Statist. 18 (1947); Holm, Scand. J.
Statist. 6 (1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erfc, sqrt

EXACT_PAIRS = 60
"""Up to this many pairs the distribution is worked out; above it the normal approximation is as good."""
EXACT_PRODUCT = 400


def signed_rank(differences: Sequence[float]) -> float:
    """Return the chance (p) of differences that lie so far above 0, if the change did nothing. 0 counts as no pair;
    1.0 for none.
    """
    moved = [one for one in differences if one]
    ranks = doubled_ranks([abs(one) for one in moved])
    seen = sum(rank for one, rank in zip(moved, ranks, strict=True) if one > 0)
    if not moved:
        return 1.0
    if len(moved) > EXACT_PAIRS:
        return _normal_tail(seen, sum(ranks) / 2, sum(rank * rank for rank in ranks) / 4)
    chances = [1.0]
    for rank in ranks:
        longer = [0.0] * (len(chances) + rank)
        for place, chance in enumerate(chances):
            longer[place] += chance / 2
            longer[place + rank] += chance / 2
        chances = longer
    return min(1.0, sum(chances[seen:]))


def rank_sum(changed: Sequence[float], unchanged: Sequence[float]) -> float:
    """Return the chance (p) that *changed* lies so far above *unchanged*, if both are alike. 1.0 where one is empty."""
    if not changed or not unchanged:
        return 1.0
    ranks = doubled_ranks([*changed, *unchanged])
    seen = sum(ranks[: len(changed)])
    total, few, many = len(ranks), len(changed), len(unchanged)
    if few * many > EXACT_PRODUCT:
        mean = few * sum(ranks) / total
        spread = sum((rank - sum(ranks) / total) ** 2 for rank in ranks) / total
        return _normal_tail(seen, mean, spread * few * many / (total - 1))
    # ways[number of hosts taken][sum of their ranks]
    ways: list[dict[int, int]] = [{0: 1}, *({} for _one in changed)]
    for rank in ranks:
        for taken in range(few, 0, -1):
            row = ways[taken]
            for already, number in ways[taken - 1].items():
                row[already + rank] = row.get(already + rank, 0) + number
    every = sum(ways[few].values())
    return sum(number for reached, number in ways[few].items() if reached >= seen) / every


def smallest_chance(changed: int, unchanged: int | None = None) -> float:
    """Return the smallest p that so many hosts can give: of pairs, or of changed against unchanged hosts."""
    if unchanged is None:
        return 0.5**changed
    ways = 1
    for place in range(changed):
        ways = ways * (changed + unchanged - place) // (place + 1)
    return 1 / ways


def holm(chances: Mapping[str, float]) -> dict[str, float]:
    """Return each p corrected by Holm's step-down for all of them together, so that one limit holds for the whole
    family.
    """
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(chances, key=lambda name: (chances[name], name))):
        highest = max(highest, min(1.0, chances[name] * (len(chances) - place)))
        corrected[name] = highest
    return {name: corrected[name] for name in chances}


def doubled_ranks(amounts: Sequence[float]) -> list[int]:
    """Return twice the rank of each amount, the smallest first; equal amounts share the mean of their ranks (so
    twice it is whole).
    """
    order = sorted(range(len(amounts)), key=lambda place: amounts[place])
    ranks = [0] * len(amounts)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and amounts[order[end]] == amounts[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = start + 1 + end
        start = end
    return ranks


def _normal_tail(seen: float, mean: float, variance: float) -> float:
    # Ranks are doubled, so the step of the continuity correction is 1 and not a half.
    return 1.0 if variance <= 0 else 0.5 * erfc((seen - mean - 1) / sqrt(2 * variance))
