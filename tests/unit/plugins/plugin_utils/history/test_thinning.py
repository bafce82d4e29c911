# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples a series keeps at the usual rhythms of audits, and that the order in which they come is no matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import (
    NEWEST,
    SERIES_SAMPLES,
    SPAN_SECONDS,
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
    assert len(every(7 * DAY, 400)) == 32


@pytest.mark.parametrize(
    ("seconds", "number"), [(600, 68), (900, 68), (HOUR, 33), (HOUR, 64), (2 * HOUR, 58), (6 * HOUR, 41), (DAY, 32)]
)
def test_a_series_with_free_places_keeps_all_that_it_has(seconds: int, number: int) -> None:
    """A rise of many steps within hours is told by its steps, so none of them may go where there is a place for all."""
    moments = [MIDNIGHT + 15 * HOUR - place * seconds for place in range(number)]
    assert len(trimmed([(moment, 0) for moment in moments])) == number


def test_audits_every_quarter_of_an_hour_have_their_last_hours_whole() -> None:
    """Growth within hours is asked of 30 samples, whatever their distance, and the week and the month stay."""
    now = MIDNIGHT + 15 * HOUR
    kept = every(900, 60, now)
    assert kept[-NEWEST:] == [now - place * 900 for place in range(NEWEST - 1, -1, -1)]
    assert sum(now - moment <= DAY for moment in kept) >= NEWEST + 14
    assert {now // DAY - moment // DAY for moment in kept} == set(range(32))
    assert len(kept) <= 90


@pytest.mark.parametrize("hour", range(24))
def test_hourly_audits_keep_a_day_by_the_hour_a_week_by_halves_and_a_month(hour: int) -> None:
    """Whatever the time of day: the rules need 14 samples of the last week and a sample of each of 30 days."""
    now = MIDNIGHT + hour * HOUR
    kept = every(HOUR, 60, now)
    assert len(kept) <= 68
    assert sum(now - moment < NEWEST * HOUR for moment in kept) == NEWEST
    assert sum(now - moment <= 7 * DAY for moment in kept) >= NEWEST + 10
    assert {now // DAY - moment // DAY for moment in kept} == set(range(32))
    assert max(later - earlier for earlier, later in zip(kept, kept[1:], strict=False)) <= DAY + 12 * HOUR


def test_audits_by_the_minute_fill_no_series() -> None:
    """A series has a largest size, whatever anybody does."""
    assert len(every(60, 3)) <= SERIES_SAMPLES


def test_audits_that_are_repeated_at_once_are_one_opinion() -> None:
    """The last of them stays, and what was there before is not pushed out by them."""
    hourly = [MIDNIGHT - hour * HOUR for hour in range(50)]
    again = [MIDNIGHT + second for second in range(0, SPAN_SECONDS, 2)]
    assert [row[0] for row in trimmed([(moment, 0) for moment in (*hourly, *again)])] == [*hourly[:0:-1], again[-1]]


def kept_by_the_words(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """What dropped_places says in its text, spelt out with times in seconds."""
    ordered = sorted(rows)

    def last_of_each(seconds: int, most: int) -> list[tuple[int, ...]]:
        last = {each[0] // seconds: each for each in ordered}
        return [last[bucket] for bucket in sorted(last)[-most:]]

    days, half_days = last_of_each(DAY, 32), last_of_each(12 * HOUR, 14)
    newest = last_of_each(300, 30 + 32 - len(days) + 14 - len(half_days))
    return sorted({*days, *half_days, *newest, *last_of_each(HOUR, 24)})


@given(ROWS)
def test_what_is_kept_is_what_the_words_say(rows: list[tuple[int, ...]]) -> None:
    """Against another way to say the same. Rows of one moment are told apart by their place."""
    one_of_a_moment = list({row[0]: row for row in sorted(rows)}.values())
    assert trimmed(rows) == kept_by_the_words(one_of_a_moment)
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
