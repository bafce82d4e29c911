# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rises of hosts whose levels move by themselves, as releases move them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.restless import is_a_move_of, moves_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    GIB,
    MIB,
    days_of,
    judged,
    sample_at,
    the,
)

RELEASES = [*[2000] * 8, *[1600] * 7, *[2000] * 14]
"""MiB on a host of 64 GiB: two releases, one down and one up."""


def rise(mib: Sequence[float]) -> Finding:
    """The sudden rise that the last sample of a host is part of."""
    return the(judged(days_of("page_tables", mib)), "page_tables", "spike")


def test_one_more_move_is_information() -> None:
    """A release that adds 60 %, to a host that was never at so much, and never at one level for long: every such
    release was a warning on every host.
    """
    one = rise([*RELEASES, 3200, 3200])
    assert (one.severity, one.status) == ("info", "confirmed")
    assert "in the 29 samples before it was at up to 2.0 GiB and has fallen by up to 20.0 %" in one.explanation
    assert "so less than 1.7 times the highest is information" in one.explanation


@pytest.mark.parametrize(
    "mib",
    [
        [*RELEASES, 4000, 4000],  # far above all that it was at
        [*[2000] * 29, 3200, 3200],  # it never moved
        [*[1200] * 8, *[1600] * 7, *[2000] * 14, 3300, 3300],  # up, and up, and up
        [*[1000] * 20, 2000, 2000, *[1000] * 10, 2100, 2100, 2100, 2100],  # a batch of two days is no level
    ],
)
def test_what_is_no_move_of_the_host_is_a_warning(mib: Sequence[float]) -> None:
    """The steps of a leak go one way, and what is new is new."""
    assert rise(mib).severity == "warning"


def test_where_memory_is_short_nothing_is_usual() -> None:
    """Then somebody has to look, whatever the host has done before."""
    samples = days_of("page_tables", [*RELEASES, 3200, 3200])
    short = sample_at(0, page_tables=3200 * MIB, memory_available_bytes=4 * GIB)
    assert the(judged([*samples[:-1], short]), "page_tables", "spike").severity == "warning"


def test_it_is_said_of_the_highest_of_the_rise_and_not_of_today() -> None:
    """A rise that was a warning does not become milder because a day of it is lower."""
    assert rise([*RELEASES, 3600, 3600, 3200]).severity == "warning"


def test_moves_are_of_levels() -> None:
    """The highest is of samples, the fall of medians of five; what is not known is left out."""
    found = moves_of([100, 100, UNKNOWN, 100, 100, 100, 900, 100, 80, 80, 80, 80, 80])
    assert found is not None
    assert (found.samples, found.highest, round(found.deepest_fall, 2)) == (12, 900, 0.2)
    assert is_a_move_of(found, 80, 160) and not is_a_move_of(found, 80, 1600)
    assert not is_a_move_of(found, 80, 80) and not is_a_move_of(found, 0, 160)


@pytest.mark.parametrize("amounts", [[], [100] * 8, [0] * 20, [100] * 10 + [0] * 10])
def test_too_little_to_say(amounts: Sequence[int]) -> None:
    """Few samples, and a level of nothing, are no measure."""
    assert moves_of(amounts) is None
