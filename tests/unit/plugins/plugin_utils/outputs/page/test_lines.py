# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines and columns over the runs of a fleet."""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.axis import TimeAxis
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.lines import (
    Curve,
    lines,
    verdict_columns,
)

AXIS = TimeAxis("2026-11-24T12:00:00Z", (2 * 1440, 1440, 0))


def test_each_line_is_named_at_its_end_and_no_name_lies_on_another() -> None:
    """Nor is one cut at the edge."""
    drawn = lines([Curve("a", [1, 2, 99.0]), Curve("b", [1, 2, 98.9]), Curve("c", [0, 0, 0.0])], AXIS, "x", "%")
    places = [int(at) for at in re.findall(r'<text class="t-axis ink"[^>]* y="(\d+)"', drawn)]
    assert len(places) == 3 and all(two - one >= 13 for one, two in zip(places, places[1:], strict=False))
    assert min(places) >= 10 and max(places) <= 116 and "a 99\u00a0%" in drawn
    assert lines([Curve("a", [None, None, None])], AXIS, "x", "%") == ""


def test_columns_are_hosts_by_verdict_from_one_ground() -> None:
    """A run without trouble has no column."""
    drawn = verdict_columns([(0, 0, 0), (1, 2, 0), (2, 2, 1)], AXIS, "x")
    assert len(re.findall("M", re.findall(r'class="f-critical"[^>]* d="([^"]*)"', drawn)[0])) == 2
    assert 'data-runs="1"' in drawn and 'max="2"' in drawn


@pytest.mark.parametrize("hosts", [0, 1, 4, 7, 90, 4000, 123_456, 2**53])
def test_an_axis_has_a_few_ticks_however_high_it_is(hosts: int) -> None:
    """An audit whose run counts 2^53 hosts took all memory of the controller."""
    ticks = re.findall(r'text-anchor="end">([\d,.e+]+)<', verdict_columns([(hosts, 0, 0)], AXIS, "x"))
    assert (2 if hosts else 1) <= len(ticks) <= 5 and "." not in "".join(ticks)
