# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: both ways, and what is no time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import (
    is_time_text,
    minute_text,
    seconds_of,
    utc_text,
)


@given(st.integers(0, 253_402_300_799))
def test_a_time_comes_back_from_its_text(seconds: int) -> None:
    """Samples are ordered by what was read back."""
    assert seconds_of(utc_text(seconds)) == seconds


def test_a_time_for_people_has_no_seconds() -> None:
    """Nobody asks a leak for its second; what no calendar holds is the nearest it holds."""
    assert minute_text(seconds_of("2026-11-24T12:34:59Z")) == "2026-11-24 12:34"
    assert minute_text(-5) == "1970-01-01 00:00"


@pytest.mark.parametrize("text", ["", "2026-11-24", "2026-11-24T12:00:00+01:00", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_of_ours_is_refused(text: str) -> None:
    """A guess would move a sample to another day."""
    with pytest.raises(ValueError):
        seconds_of(text)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("2026-11-24T12:00:00Z", True),
        ("2026-1-24T12:00:00Z", False),
        ("2026-11-24T12:00:00Z\n", False),
        ("２０26-11-24T12:00:00Z", False),
        (None, False),
        (1793512800, False),
    ],
)
def test_the_form_makes_the_order_of_texts_that_of_times(given_text: object, expected: bool) -> None:
    """Records are put in order by their texts; another form would sort wrongly."""
    assert is_time_text(given_text) is expected
