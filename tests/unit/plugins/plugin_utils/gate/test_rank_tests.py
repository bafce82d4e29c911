# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rank tests: exact numbers that can be worked by hand, and rules that any p must keep."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rank_tests import (
    EXACT_PAIRS,
    doubled_ranks,
    holm,
    rank_sum,
    signed_rank,
    smallest_chance,
)

SMALL = st.lists(st.integers(-6, 6), min_size=1, max_size=7)


def test_eight_pairs_that_all_rose_have_one_chance_in_256() -> None:
    """The smallest p of eight pairs, which is what a rollout of eight hosts has to work with."""
    assert signed_rank([1, 2, 3, 4, 5, 6, 7, 8]) == pytest.approx(1 / 256)
    assert signed_rank([-1, 2, 3, 4, 5, 6, 7, 8]) == pytest.approx(2 / 256)
    assert smallest_chance(8) == 1 / 256


def test_three_against_ten_have_one_chance_in_286() -> None:
    """The least cohort that can show anything under Holm over seven dimensions: 1/286 is below 0.05/7, 1/11 is not."""
    assert rank_sum([11, 12, 13], range(10)) == pytest.approx(1 / 286)
    assert smallest_chance(3, 10) == pytest.approx(1 / 286)
    assert smallest_chance(1, 10) == pytest.approx(1 / 11)


def test_no_difference_shows_nothing() -> None:
    """Hosts on which nothing moved are no evidence."""
    assert signed_rank([0, 0, 0]) == 1.0
    assert signed_rank([]) == 1.0
    assert rank_sum([], [1]) == 1.0
    assert rank_sum([5, 5], [5, 5, 5]) == pytest.approx(1.0)


@given(SMALL)
def test_signed_rank_is_the_share_of_all_signs(differences: list[int]) -> None:
    """Against the definition: try every pattern of signs, also with ties and zeros."""
    moved = [one for one in differences if one]
    ranks = doubled_ranks([abs(one) for one in moved])
    seen = sum(rank for one, rank in zip(moved, ranks, strict=True) if one > 0)
    as_high = [
        sum(rank for sign, rank in zip(signs, ranks, strict=True) if sign) >= seen
        for signs in product((0, 1), repeat=len(moved))
    ]
    assert signed_rank(differences) == pytest.approx(sum(as_high) / len(as_high))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_rank_sum_is_the_share_of_all_choices(changed: list[int], unchanged: list[int]) -> None:
    """Against the definition: try every choice of hosts, also with ties."""
    ranks = doubled_ranks([*changed, *unchanged])
    seen = sum(ranks[: len(changed)])
    sums = [sum(ranks[place] for place in places) for places in combinations(range(len(ranks)), len(changed))]
    assert rank_sum(changed, unchanged) == pytest.approx(sum(one >= seen for one in sums) / len(sums))


def test_many_hosts_are_as_good_by_the_normal_curve() -> None:
    """Above the exact limits the answer must not jump."""
    few = [(-1) ** place * (place % 7 + 1) + 1.5 for place in range(EXACT_PAIRS)]
    assert signed_rank(few) == pytest.approx(signed_rank([*few, 0.001]), rel=0.15)
    changed = [place * 1.07 + 3 for place in range(20)]
    assert rank_sum(changed, range(20)) == pytest.approx(rank_sum(changed, [*range(20), 10.5]), rel=0.3)


def test_holm_by_hand() -> None:
    """0.01 x 3, then 0.03 x 2, then the largest so far."""
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({}) == {}


@given(st.dictionaries(st.sampled_from("abcdefg"), st.floats(0, 1), min_size=1))
def test_holm_never_makes_a_p_smaller_nor_changes_their_order(chances: dict[str, float]) -> None:
    """And it is never stricter than Bonferroni."""
    corrected = holm(chances)
    for name in chances:
        assert chances[name] <= corrected[name] <= min(1.0, chances[name] * len(chances)) or corrected[
            name
        ] == pytest.approx(max(corrected[other] for other in chances if chances[other] <= chances[name]))
        assert all(corrected[other] <= corrected[name] for other in chances if chances[other] < chances[name])
