# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples a series keeps at the usual rhythms of audits, and that the order in which they come is no matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import (
    SERIES_SAMPLES,
    dropped_places,
    trimmed,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    HOUR,
    MIDNIGHT,
    MOMENTS,
    numbered_row,
)

ROWS = st.lists(st.builds(numbered_row, MOMENTS, st.integers(0, 9)), max_size=120)


def every(seconds: int, days: int, until: int = MIDNIGHT + 15 * HOUR) -> list[int]:
    """When the samples are from that a series keeps of audits at a fixed rhythm."""
    moments = range(until - days * DAY, until + 1, seconds)
    return [row[0] for row in trimmed([(moment, 0) for moment in moments])]


def test_daily_audits_keep_more_than_a_month() -> None:
    """The rules ask for thirty days, and this month's end for the last one's, 31 days ago."""
    assert every(DAY, 100) == [MIDNIGHT + 15 * HOUR - day * DAY for day in range(31, -1, -1)]


def test_weekly_audits_reach_back_half_a_year() -> None:
    """Hosts that are seldom audited keep a history."""
    assert len(every(7 * DAY, 400)) == 26


@pytest.mark.parametrize("hour", range(24))
def test_hourly_audits_keep_a_day_by_the_hour_a_week_by_halves_and_a_month(hour: int) -> None:
    """Whatever the time of day: the rules need 14 samples of the last week and a sample of each of 30 days."""
    now = MIDNIGHT + hour * HOUR
    kept = every(HOUR, 60, now)
    assert len(kept) <= SERIES_SAMPLES
    assert sum(now - moment <= 12 * HOUR for moment in kept) == 13
    assert sum(now - moment <= 7 * DAY for moment in kept) >= 20
    assert {now // DAY - moment // DAY for moment in kept} == set(range(32))
    assert max(later - earlier for earlier, later in zip(kept, kept[1:], strict=False)) <= DAY + 12 * HOUR


def test_audits_by_the_minute_fill_no_series() -> None:
    """A series has a largest size, whatever anybody does."""
    assert len(every(60, 3)) <= SERIES_SAMPLES


def test_the_same_hour_keeps_the_later_sample() -> None:
    """An audit that is repeated at once is one opinion, not two."""
    assert every(HOUR // 2, 1)[-1] - every(HOUR // 2, 1)[-2] in (HOUR // 2, HOUR)


def kept_by_the_words(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """What dropped_places says in its text, spelt out: a sample stays if none in its span is later."""
    ordered = sorted(rows)
    if not ordered:
        return []
    newest = ordered[-1][0]

    def span(moment: int) -> tuple[int, int]:
        if moment // (12 * HOUR) >= newest // (12 * HOUR) - 1:
            return HOUR, moment // HOUR
        if moment // DAY >= newest // DAY - 7:
            return 12 * HOUR, moment // (12 * HOUR)
        return DAY, moment // DAY

    last = {span(each[0]): each for each in ordered}
    days = sorted(key for key in last if key[0] == DAY)
    for key in days[:-24]:
        del last[key]
    return sorted(last.values())


@given(ROWS)
def test_what_is_kept_is_what_the_words_say(rows: list[tuple[int, ...]]) -> None:
    """Against another way to say the same."""
    assert trimmed(rows) == kept_by_the_words(rows)
    assert len(trimmed(rows)) <= SERIES_SAMPLES


@given(ROWS)
def test_what_was_left_out_on_the_way_is_never_missed(rows: list[tuple[int, ...]]) -> None:
    """A series that is trimmed at every audit is the one that is made of all samples."""
    kept: list[tuple[int, ...]] = []
    for row in rows:
        kept = trimmed([*kept, row])
    assert kept == trimmed(rows)


def test_places_to_leave_out_come_the_last_first() -> None:
    """So that they can be taken out of bytes one after another."""
    assert dropped_places((1, 1, 1, 500)) == (1, 0)
