# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack over time: the kind at fault at the foot, its limit on the same axis, the rest in one order."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.axis import TimeAxis
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.stacked import (
    Ahead,
    History,
    bands_of,
    stacked,
)

AXIS = TimeAxis("2026-11-24T12:00:00Z", (3 * 1440, 2 * 1440, 1440, 0))
GIB = 1024 * 1024


def history(**amounts: list[int | None]) -> History:
    """A past of four days; of other kinds there is nothing."""
    return History(AXIS, amounts, boots=(1,), kernels=(1,), step_kib=1024)


def test_the_kind_at_fault_lies_at_the_foot_and_kinds_of_nothing_are_left_out() -> None:
    """Its limit line then shows the gap that is left."""
    bands = bands_of(
        history(slab_unreclaimable=[1] * 4, percpu=[2] * 4, vmalloc=[0] * 4, slab_reclaimable=[3] * 4), "percpu"
    )
    assert [(band.kind, band.class_) for band in bands] == [
        ("percpu", "acc"),
        ("slab_unreclaimable", "g1"),
        ("slab_reclaimable", "dots"),
    ]
    assert [band.sums[0] for band in bands] == [2, 3, 6]


def test_a_moment_without_data_is_a_gap_and_one_kind_without_is_not() -> None:
    """A host that did not answer had not nothing."""
    bands = bands_of(history(percpu=[1, None, 1, 1], vmalloc=[1, None, None, 1]), None)
    assert [band.sums[1] for band in bands] == [None, None] and bands[-1].sums[2] == 1
    drawn = stacked("x", history(percpu=[1, None, 1, 1]), Ahead(), "")
    assert len(re.findall("M", re.findall(r'class="edge" d="([^"]+)"', drawn)[0])) == 2


def test_limit_begin_boot_and_the_way_ahead_are_marked_with_words() -> None:
    """What the operator asks for: how far, since when, and whether a boot or a new kernel came before."""
    ahead = Ahead("percpu", 4 * GIB, "critical limit 4 GiB", since=2 * 1440, kib_a_day=GIB, days_left=1.0)
    axis = TimeAxis(AXIS.now, AXIS.ages, ahead=2 * 1440)
    past = History(axis, {"percpu": [GIB, GIB, 2 * GIB, 3 * GIB]}, (1,), (1,))
    drawn = stacked("Kernel memory of h", past, ahead, 'data-host="h"')
    for words in (
        "critical limit 4 GiB",
        "growth begins 22\u00a0Nov",
        "≈\u00a025\u00a0Nov",
        "boot, new kernel",
        'class="ahead"',
    ):
        assert words in drawn, words
    assert 'data-v="percpu">3\u00a0GiB' in drawn and "+2\u00a0GiB" in drawn
    assert re.search(r'<input class="scrub" type="range" min="0" max="3" value="3" [^>]*hidden>', drawn)


def test_a_limit_far_above_is_said_and_not_drawn() -> None:
    """Drawn to scale it would leave the stack flat."""
    drawn = stacked("x", history(percpu=[GIB] * 4), Ahead("percpu", 90 * GIB, "critical limit 90 GiB"), "")
    assert "↑ critical limit 90 GiB, above this chart" in drawn and 'class="limit"' not in drawn


def test_what_is_less_than_a_step_is_no_growth() -> None:
    """Past amounts are in steps, so the difference to today's exact one is noise."""
    assert "+" not in stacked("x", history(percpu=[0, 0, 0, 900]), Ahead(), "").split("<tfoot>")[0].split("<tbody>")[1]


def test_nothing_is_drawn_of_nothing() -> None:
    """An empty chart would look like a host without memory."""
    assert stacked("x", history(percpu=[0] * 4), Ahead(), "") == ""
