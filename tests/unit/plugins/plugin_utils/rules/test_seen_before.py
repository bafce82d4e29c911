# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host was as far from its usual level before, and came back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.seen_before import Stretch, like_stretch
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, judged, the

DAY = 86400


def stretch(amounts: Sequence[int], now: int = 1, middle: float = 100, sign: int = 1) -> Stretch | None:
    """What is found in daily samples, of which the last *now* are the present change; times in days."""
    times = [place * DAY for place in range(len(amounts))]
    found = like_stretch(times, amounts, 0, len(amounts) - now, middle, sign)
    return found and Stretch(found.began // DAY, found.ended // DAY)


def test_the_last_like_change_is_found() -> None:
    """From its first sample up there to the first that was back; what is not known is no end."""
    assert stretch([100, 250, 100, 100, 300, UNKNOWN, 290, 100, 110, 100, 280]) == Stretch(4, 7)


@pytest.mark.parametrize(
    "amounts",
    [
        [100] * 9 + [280],  # never before
        [100] * 5 + [170] + [100] * 5 + [280],  # much smaller
        [100] * 5 + [300] * 5 + [210] * 5 + [500],  # it did not come back
        [100] * 5 + [UNKNOWN] + [100] * 5 + [280],
    ],
)
def test_what_is_not_like_it(amounts: Sequence[int]) -> None:
    """Then the change is new."""
    assert stretch(amounts) is None


def test_a_change_that_lasts_longer_is_new() -> None:
    """Two days of batches are no excuse for four."""
    past = [100] * 5 + [300, 300] + [100] * 20
    assert stretch([*past, 300, 300], now=2) is not None
    assert stretch([*past, 300, 300, 300], now=3) is not None
    assert stretch([*past, 300, 300, 300, 300], now=4) is None


def test_sizes_are_shares_of_the_level_of_their_time() -> None:
    """A host that was deployed to since had half of everything a month ago."""
    assert stretch([50, 50, 140, 140, 50, 50, 50, 50, 50, 50, 50, 100, 100, 100, 100, 280]) == Stretch(2, 4)


def test_drops_come_back_too() -> None:
    """The same the other way round."""
    assert stretch([100, 10, 100, 100, 100, 10], sign=-1) == Stretch(1, 2)
    assert stretch([100, 300, 100, 100, 100, 10], sign=-1) is None


def test_nothing_has_no_shares() -> None:
    """A level of 0 is no measure."""
    assert stretch([0, 5, 0, 0, 0, 5], middle=0) is None


def test_a_month_end_is_information_from_the_second_on() -> None:
    """Two days of batches: the first month's are a warning, the next month's say when it was so before, and those that
    do not end are a warning again.
    """
    month = [1400, 1400] + [400] * 29
    first = the(judged(days_of("page_tables", [400] * 20 + [1400, 1400])), "page_tables", "spike")
    assert (first.severity, first.status) == ("warning", "confirmed")
    second = the(judged(days_of("page_tables", [*month, 1420, 1410])), "page_tables", "spike")
    assert (second.severity, second.status) == ("info", "confirmed")
    assert "it was like this from 2026-10-23 to 2026-10-25 and came back, and has not lasted longer this time" in (
        second.explanation
    )
    longer = the(judged(days_of("page_tables", [*month, *[1420] * 4])), "page_tables", "spike")
    assert longer.severity == "warning"
